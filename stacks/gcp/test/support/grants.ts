import type { Need, Workload } from "@punctual/stack-blueprint";
import type { Graph, Planned } from "@punctual/stack-testkit";

/** Roles on what they are given for, such as `roles/pubsub.publisher topic:events`. */
export type Grants = readonly string[];

const MEMBERS: Readonly<Record<string, (one: Planned) => string>> = {
  "gcp:projects/iAMMember:IAMMember": () => "project",
  "gcp:pubsub/topicIAMMember:TopicIAMMember": ({ inputs }) => `topic:${lastOf(inputs["topic"])}`,
  "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember": ({ inputs }) =>
    `subscription:${lastOf(inputs["subscription"])}`,
  "gcp:secretmanager/secretIamMember:SecretIamMember": ({ inputs }) => `secret:${lastOf(inputs["secretId"])}`,
  "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": () => "key",
  "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": ({ inputs }) => `service:${lastOf(inputs["name"])}`,
  "gcp:serviceaccount/iAMMember:IAMMember": () => "account",
};

const PARTS = ["dead-letters", "unreadable", "events", "keys", "auth"];

function lastOf(input: unknown): string {
  const name = String(input);
  return PARTS.find((one) => name.endsWith(one)) ?? name;
}

/** What an account was given, whatever on. A type of grant that is not known here fails. */
export function grantsOf(graph: Graph, account: string): Grants {
  const member = `serviceAccount:${account}`;
  return graph.resources.flatMap((one) => {
    if (one.inputs["member"] !== member) return [];
    const on = MEMBERS[one.type];
    if (on === undefined) throw new RangeError(`${one.type} gives ${member} something`);
    return [`${String(one.inputs["role"])} ${on(one)}`];
  });
}

/** What docs/gcp.md says that each need takes. Said here once more, and not by what is tested. */
export function neededBy({ needs }: Workload, collected: boolean): Grants {
  const seals = needs.some(({ kind }) => kind === "seal");
  return [...needs.flatMap((need) => ofNeed(need, seals)), ...(collected ? ["roles/telemetry.writer project"] : [])];
}

function ofNeed(need: Need, seals: boolean): Grants {
  switch (need.kind) {
    case "database":
      return ["roles/cloudsql.instanceUser project"];
    case "publish":
      return [`roles/pubsub.publisher topic:${need.queue}`];
    case "secret":
      return [`roles/secretmanager.secretAccessor secret:${need.secret}`];
    case "seal":
      return ["roles/cloudkms.cryptoKeyEncrypterDecrypter key"];
    case "open":
      return seals ? [] : ["roles/cloudkms.cryptoKeyDecrypter key"];
    // It is pushed to, and looked at by Cloud Monitoring.
    case "consume":
    case "watch":
    case "egress":
      return [];
  }
}
