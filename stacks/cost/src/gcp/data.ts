import type { Planned } from "@punctual/stack-testkit";
import { at, HOURS, itemsAt, numberAt, numberOf, type Rules, share, textOf } from "../rule.js";
import { item, itemOfClass } from "./item.js";

export const data: Rules = {
  "gcp:sql/databaseInstance:DatabaseInstance": (one, { usage }) => {
    const zones = at(one.inputs, "settings", "availabilityType") === "REGIONAL" ? 2 : 1;
    return [
      ...machineOf(one, HOURS * zones),
      item("database", "databaseGb", numberAt(10, one.inputs, "settings", "diskSize") * zones),
      item("backups", "databaseBackupGb", usage.databaseGb + usage.backupGb),
    ];
  },
  "gcp:kms/cryptoKey:CryptoKey": (one, situation) => [
    item("secrets and keys", "keyVersion", 1),
    item("secrets and keys", "keyRequest", share(one, situation, situation.usage.keyRequests)),
  ],
  "gcp:secretmanager/secretVersion:SecretVersion": (one, { graph }) => {
    const [secret] = graph.sourcesOf(one, "secret");
    const places = itemsAt(secret?.inputs, "replication", "userManaged", "replicas").length;
    return [item("secrets and keys", "secretVersion", Math.max(1, places))];
  },
  "gcp:secretmanager/regionalSecretVersion:RegionalSecretVersion": () => [item("secrets and keys", "secretVersion", 1)],
  "gcp:storage/bucket:Bucket": (one, situation) => [
    item("storage", "objectsGb", share(one, situation, situation.usage.objectsGb)),
  ],
  "gcp:artifactregistry/repository:Repository": (one, situation) => [
    item("storage", "imagesGb", share(one, situation, situation.usage.imagesGb)),
  ],
  "gcp:memorystore/instance:Instance": (one) => {
    const nodes = numberOf(one, "shardCount") * (1 + numberOf(one, "replicaCount", 0));
    return [itemOfClass("caches and streams", textOf(one, "nodeType"), HOURS * nodes)];
  },
  "gcp:redis/instance:Instance": (one) => [
    item(
      "caches and streams",
      textOf(one, "tier", "BASIC") === "BASIC" ? "redisGbHour" : "redisHaGbHour",
      HOURS * numberOf(one, "memorySizeGb"),
    ),
  ],
};

/** `db-custom-2-7680` has two vCPUs and 7.5 GB; the small ones have a price of their own. */
function machineOf(one: Planned, hours: number) {
  const tier = String(at(one.inputs, "settings", "tier"));
  const [, vcpus, megabytes] = /^db-custom-(\d+)-(\d+)$/.exec(tier) ?? [];
  return vcpus === undefined
    ? [itemOfClass("database", tier, hours)]
    : [
        item("database", "databaseVcpuHour", hours * Number(vcpus)),
        item("database", "databaseMemoryGbHour", (hours * Number(megabytes)) / 1_024),
      ];
}
