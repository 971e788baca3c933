import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { Need, QueueName, SecretName, Workload, WorkloadName } from "@punctual/stack-blueprint";
import type { GcpAccounts } from "./accounts.js";
import { hasCollector } from "./collector.js";
import { workloadsOn } from "./differences.js";
import type { GcpKeys } from "./keys.js";
import type { Plan, SecretParts, Topics } from "./parts.js";
import { topicOf } from "./topics.js";

/** A role on something; the key that seals has no name before it is made. */
export type Grant =
  | { readonly role: "roles/cloudsql.instanceUser" | "roles/telemetry.writer"; readonly on: "project" }
  | { readonly role: "roles/pubsub.publisher"; readonly on: "topic"; readonly topic: QueueName }
  | { readonly role: "roles/secretmanager.secretAccessor"; readonly on: "secret"; readonly secret: SecretName }
  | {
      readonly role: "roles/cloudkms.cryptoKeyEncrypterDecrypter" | "roles/cloudkms.cryptoKeyDecrypter";
      readonly on: "key";
      readonly key: "sealing" | { readonly older: string };
    };

/** What a workload's needs come to: the table of docs/gcp.md. */
export function grantsOf(workload: Workload, plan: Plan): readonly Grant[] {
  return [
    ...workload.needs.flatMap((need) => grantsFor(need, workload, plan)),
    ...(hasCollector(workload, plan) ? [{ role: "roles/telemetry.writer", on: "project" } as const] : []),
  ];
}

function grantsFor(need: Need, workload: Workload, { own }: Plan): readonly Grant[] {
  const decrypter = "roles/cloudkms.cryptoKeyDecrypter";
  const older = own.olderSealingKeys.map((name): Grant => ({ role: decrypter, on: "key", key: { older: name } }));
  switch (need.kind) {
    case "database":
      // What it may do there, rows or tables, the database says: `database-roles.ts`.
      return [{ role: "roles/cloudsql.instanceUser", on: "project" }];
    case "publish":
      return [{ role: "roles/pubsub.publisher", on: "topic", topic: need.queue }];
    case "secret":
      return [{ role: "roles/secretmanager.secretAccessor", on: "secret", secret: need.secret }];
    case "seal":
      return [{ role: "roles/cloudkms.cryptoKeyEncrypterDecrypter", on: "key", key: "sealing" }];
    case "open":
      return workload.needs.some(({ kind }) => kind === "seal")
        ? older
        : [{ role: decrypter, on: "key", key: "sealing" }, ...older];
    case "consume":
      // It is pushed to.
      return [];
    case "watch":
      // Cloud Monitoring does.
      return [];
    case "egress":
      return [];
  }
}

export interface GrantDeps {
  readonly accounts: GcpAccounts;
  readonly keys: GcpKeys;
  readonly secrets: SecretParts;
  readonly topics: Topics;
}

/** Gives each account what its workload needs, one member of one role at a time: what others have is left alone. */
export class GcpGrants extends ComponentResource {
  readonly #plan: Plan;
  readonly #deps: GrantDeps;

  constructor(name: string, plan: Plan, deps: GrantDeps, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Grants", name, {}, opts);
    this.#plan = plan;
    this.#deps = deps;
    for (const workload of workloadsOn(plan.blueprint)) {
      for (const grant of grantsOf(workload, plan)) this.#give(name, workload.name, grant);
    }
    this.registerOutputs({});
  }

  #give(name: string, workload: WorkloadName, grant: Grant): void {
    const { accounts, keys, secrets, topics } = this.#deps;
    const { role } = grant;
    const member = accounts.memberOf(workload);
    const within = { parent: this };
    const called = `${name}-${workload}`;
    switch (grant.on) {
      case "project":
        new gcp.projects.IAMMember(
          `${called}-${role.split("/")[1] ?? role}`,
          { project: this.#plan.own.project, role, member },
          within,
        );
        return;
      case "topic":
        new gcp.pubsub.TopicIAMMember(
          `${called}-${grant.topic}`,
          { topic: topicOf(topics, grant.topic).name, role, member },
          within,
        );
        return;
      case "secret": {
        const part = secrets[grant.secret];
        if (part === undefined) throw new RangeError(`there is no secret ${grant.secret}`);
        const secretId = part.secret.secretId;
        new gcp.secretmanager.SecretIamMember(`${called}-${grant.secret}`, { secretId, role, member }, within);
        return;
      }
      case "key": {
        const { key } = grant;
        const [part, cryptoKeyId] =
          key === "sealing" ? [key, keys.sealing.id] : [key.older.replaceAll("/", "-"), key.older];
        new gcp.kms.CryptoKeyIAMMember(`${called}-${part}`, { cryptoKeyId, role, member }, within);
      }
    }
  }
}
