import type { Input } from "@pulumi/pulumi";
import { needs, plainBindings, type QueueName, type SecretName, type Workload } from "@punctual/stack-blueprint";
import type { GcpAccounts } from "./accounts.js";
import { audienceOf, isCalled } from "./callers.js";
import { COLLECTOR_URL, hasCollector } from "./collector.js";
import type { GcpDatabase } from "./database.js";
import { databaseSizeOf } from "./defaults.js";
import { TICK_SECONDS } from "./differences.js";
import type { GcpKeys } from "./keys.js";
import type { Plan, SecretParts, ServiceBindings } from "./parts.js";
import { publicUrlOf } from "./public-url.js";

/** What variables are made of. */
export interface Ground {
  readonly accounts: GcpAccounts;
  readonly database: GcpDatabase;
  readonly keys: GcpKeys;
  readonly secrets: SecretParts;
}

const VARIABLE: Readonly<Record<SecretName, string>> = { keys: "PUNCTUAL_SECRET_KEYS", auth: "PUNCTUAL_AUTH_SECRET" };

/** What a workload reads, as docs/gcp.md has it, and nothing else. */
export function bindingsOf(workload: Workload, plan: Plan, ground: Ground): ServiceBindings {
  const plain: Readonly<Record<string, Input<string>>> = {
    PUNCTUAL_GCP_PROJECT: plan.own.project,
    ...plainBindings(workload, plan.blueprint.settings),
    ...(needs(workload, "database") && ofDatabase(workload, plan, ground)),
    ...(needs(workload, "egress") && { PUNCTUAL_PUBLIC_URL: publicUrlOf(plan) }),
    ...((needs(workload, "seal") || needs(workload, "open")) && { PUNCTUAL_KMS_KEYS: ground.keys.sealingNames }),
    ...(carries(workload) && ofTransport(workload, plan)),
    ...(isCalled(workload) && ofCallers(plan, ground)),
    ...(workload.trigger.kind === "minute" && { PUNCTUAL_TICK_SECONDS: String(TICK_SECONDS) }),
    ...(hasCollector(workload, plan) && { PUNCTUAL_OTLP_URL: COLLECTOR_URL }),
  };
  return {
    ...Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, { value }])),
    ...ofSecrets(workload, ground),
  };
}

function ofDatabase(workload: Workload, { own, blueprint }: Plan, { database }: Ground) {
  return {
    PUNCTUAL_DATABASE_URL: database.urlOf(workload),
    PUNCTUAL_DATABASE_POOL: String(databaseSizeOf(own, blueprint.settings.environment).pool),
    PUNCTUAL_DATABASE_IAM: "true",
  };
}

/** Whether messages go through it. */
function carries(workload: Workload): boolean {
  return needs(workload, "publish") || needs(workload, "consume");
}

function ofTransport({ needs: wanted }: Workload, { own, blueprint }: Plan) {
  const nameOf = (queue: QueueName) => blueprint.names.of(queue);
  const does = (kind: "publish" | "consume", queue: QueueName) =>
    wanted.some((need) => need.kind === kind && need.queue === queue);
  return {
    ...((does("publish", "events") || does("consume", "events")) && { PUNCTUAL_TRANSPORT: "pubsub" }),
    PUNCTUAL_TRANSPORT_PROJECT: own.project,
    // A topic and its subscription are called the same.
    PUNCTUAL_TRANSPORT_TOPIC: nameOf("events"),
    PUNCTUAL_TRANSPORT_SUBSCRIPTION: nameOf("events"),
    PUNCTUAL_TRANSPORT_DEAD_LETTER_TOPIC: nameOf("dead-letters"),
    PUNCTUAL_TRANSPORT_DEAD_LETTER_SUBSCRIPTION: nameOf("dead-letters"),
    ...(does("publish", "unreadable") && { PUNCTUAL_TRANSPORT_UNREADABLE_TOPIC: nameOf("unreadable") }),
    ...(does("consume", "events") && { PUNCTUAL_TRANSPORT_ACK_DEADLINE_SECONDS: String(own.ackDeadlineSeconds) }),
  };
}

function ofCallers({ blueprint }: Plan, { accounts }: Ground) {
  return {
    PUNCTUAL_CALLERS: accounts.emailOf("callers"),
    PUNCTUAL_CALLERS_AUDIENCE: audienceOf(blueprint.names),
    // Cloud Run lets nobody else in (`invokers.ts`), and takes the signature away, so there is nothing left to check it by.
    PUNCTUAL_CALLERS_CHECKED: "true",
  };
}

function ofSecrets({ needs: wanted }: Workload, { secrets }: Ground): ServiceBindings {
  return Object.fromEntries(
    wanted.flatMap((need) => {
      if (need.kind !== "secret") return [];
      const secret = secrets[need.secret];
      if (secret === undefined) throw new RangeError(`there is no secret ${need.secret}`);
      return [[VARIABLE[need.secret], { secret }] as const];
    }),
  );
}
