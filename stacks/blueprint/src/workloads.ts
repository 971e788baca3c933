import type { Shape } from "./shape.js";

/** Main, its dead letters, and dead letters that nobody can read. */
export type QueueName = "events" | "dead-letters" | "unreadable";

/** `keys` sign messages, cursors and, where there is no service of keys, seal secrets; `auth` is what tokens are signed with. */
export type SecretName = "keys" | "auth";

/** What a workload must be able to do. Each cloud makes a permission and variables of it, and gives no other. */
export type Need =
  /** `rows` reads and writes; `schema` makes and drops tables besides. */
  | { readonly kind: "database"; readonly rights: "rows" | "schema" }
  | { readonly kind: "publish" | "consume" | "watch"; readonly queue: QueueName }
  /** The secrets of destinations: who stores them seals, who sends opens. */
  | { readonly kind: "seal" | "open" }
  | { readonly kind: "secret"; readonly secret: SecretName }
  /** Calls receivers, wherever they are. */
  | { readonly kind: "egress" };

export type Trigger =
  | { readonly kind: "http" }
  /** The gateway, before it lets a request in. */
  | { readonly kind: "authorizer" }
  | { readonly kind: "minute" }
  | { readonly kind: "queue"; readonly queue: QueueName }
  | { readonly kind: "always" }
  | { readonly kind: "manual" };

export type WorkloadName = "api" | "authorizer" | "scheduler" | "worker" | "dead-letters" | "migrate" | "health";

export interface Workload {
  readonly name: WorkloadName;
  readonly trigger: Trigger;
  /** How long one piece of work may take. */
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly needs: readonly Need[];
}

const rows: Need = { kind: "database", rights: "rows" };
const schema: Need = { kind: "database", rights: "schema" };
const seal: Need = { kind: "seal" };
const open: Need = { kind: "open" };
const egress: Need = { kind: "egress" };
const keys: Need = { kind: "secret", secret: "keys" };
const auth: Need = { kind: "secret", secret: "auth" };
const publish = (queue: QueueName): Need => ({ kind: "publish", queue });
const consume = (queue: QueueName): Need => ({ kind: "consume", queue });
const watch = (queue: QueueName): Need => ({ kind: "watch", queue });

/** Partitions of tables come and go with time, and it is the scheduler that sees to it. */
const scheduling = schema;

const api: Workload = {
  name: "api",
  trigger: { kind: "http" },
  timeoutSeconds: 29,
  memoryMb: 512,
  needs: [rows, seal, open, egress, keys],
};
const authorizer: Workload = {
  name: "authorizer",
  trigger: { kind: "authorizer" },
  timeoutSeconds: 5,
  memoryMb: 256,
  needs: [],
};
const migrate: Workload = {
  name: "migrate",
  trigger: { kind: "manual" },
  timeoutSeconds: 900,
  memoryMb: 256,
  needs: [schema],
};
const health: Workload = {
  name: "health",
  trigger: { kind: "manual" },
  timeoutSeconds: 30,
  memoryMb: 256,
  needs: [rows, watch("events"), watch("dead-letters"), keys],
};

const TWO_STAGE: readonly Workload[] = [
  api,
  authorizer,
  {
    name: "scheduler",
    trigger: { kind: "minute" },
    timeoutSeconds: 90,
    memoryMb: 512,
    needs: [scheduling, publish("events"), keys],
  },
  {
    name: "worker",
    trigger: { kind: "queue", queue: "events" },
    timeoutSeconds: 120,
    memoryMb: 512,
    needs: [rows, consume("events"), publish("dead-letters"), open, egress, keys],
  },
  {
    name: "dead-letters",
    trigger: { kind: "queue", queue: "dead-letters" },
    timeoutSeconds: 30,
    memoryMb: 256,
    needs: [rows, consume("dead-letters"), publish("unreadable"), keys],
  },
  migrate,
  health,
];

const SINGLE_STAGE: readonly Workload[] = [
  api,
  authorizer,
  {
    name: "scheduler",
    trigger: { kind: "minute" },
    timeoutSeconds: 180,
    memoryMb: 512,
    needs: [scheduling, open, egress],
  },
  migrate,
];

const LONG_RUNNING: readonly Workload[] = [
  // Without a service of keys: both seal and open by `keys`.
  { ...api, needs: [rows, egress, keys] },
  {
    name: "worker",
    trigger: { kind: "always" },
    timeoutSeconds: 60,
    memoryMb: 1_024,
    needs: [scheduling, egress, keys],
  },
  migrate,
];

const OF_SHAPE = { "two-stage": TWO_STAGE, "single-stage": SINGLE_STAGE, "long-running": LONG_RUNNING };

/** What runs. Who checks tokens that are signed with a shared secret is given it. */
export function workloadsOf({ scheduler }: Shape, tokens: "secret" | "jwks"): readonly Workload[] {
  const checks = ({ name }: Workload) => name === "api" || name === "authorizer";
  return OF_SHAPE[scheduler].map((one) =>
    tokens === "secret" && checks(one) ? { ...one, needs: [...one.needs, auth] } : one,
  );
}

export interface Queue {
  readonly name: QueueName;
  readonly keptDays: number;
  /** Where a message goes that was taken too often, and how often that is. */
  readonly deadLetters: { readonly to: QueueName; readonly after: number } | null;
}

/** How often a message is taken before it is a dead letter. */
const RECEIVES = 3;

const QUEUES: readonly Queue[] = [
  { name: "events", keptDays: 4, deadLetters: { to: "dead-letters", after: RECEIVES } },
  { name: "dead-letters", keptDays: 14, deadLetters: null },
  { name: "unreadable", keptDays: 14, deadLetters: null },
];

/** A single process, or a single stage, has nothing between. */
export function queuesOf({ scheduler }: Shape): readonly Queue[] {
  return scheduler === "two-stage" ? QUEUES : [];
}
