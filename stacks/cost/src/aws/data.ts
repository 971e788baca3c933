import type { Planned } from "@punctual/stack-testkit";
import { HOURS, itemsAt, listOf, numberOf, type Rules, share, textOf } from "../rule.js";
import { item, itemOfClass } from "./item.js";

export const data: Rules = {
  "aws:rds/instance:Instance": (one, { usage }) => {
    const zones = one.inputs["multiAz"] === true ? 2 : 1;
    const seconds = numberOf(one, "monitoringInterval", 0);
    return [
      itemOfClass("database", textOf(one, "instanceClass"), HOURS * zones),
      item("database", "databaseGb", numberOf(one, "allocatedStorage") * zones),
      item("backups", "databaseBackupGb", usage.backupGb),
      // What enhanced monitoring writes each minute comes to a tenth of a GB.
      ...(seconds > 0 ? [item("logs", "logGb", (0.1 * 60) / seconds)] : []),
      ...(numberOf(one, "performanceInsightsRetentionPeriod", 7) > 7
        ? [item("database", "databaseInsightsVcpu", vcpusOf(textOf(one, "instanceClass")))]
        : []),
    ];
  },
  "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication": (_one, { usage }) => [
    item("backups", "databaseBackupGb", usage.databaseGb),
    item("backups", "regionGb", usage.databaseGb),
  ],
  "aws:rds/proxy:Proxy": (_one, { graph }) => {
    const vcpus = graph.all("aws:rds/instance:Instance").map((db) => vcpusOf(textOf(db, "instanceClass")));
    return [item("database proxy", "proxyVcpuHour", HOURS * Math.max(2, ...vcpus))];
  },
  "aws:backup/plan:Plan": (one, { usage }) => {
    const copies = listOf(one, "rules").map((rule) => 1 + itemsAt(rule, "copyActions").length);
    return [item("backups", "backupGb", usage.databaseGb * copies.reduce((all, some) => all + some, 0))];
  },
  "aws:kms/key:Key": keyed,
  "aws:kms/replicaKey:ReplicaKey": () => [item("secrets and keys", "key", 1)],
  "aws:secretsmanager/secret:Secret": (one) => [item("secrets and keys", "secret", 1 + listOf(one, "replicas").length)],
  "aws:s3/bucket:Bucket": (one, at) => [item("storage", "objectsGb", share(one, at, at.usage.objectsGb))],
  "aws:ecr/repository:Repository": (one, at) => [item("storage", "imagesGb", share(one, at, at.usage.imagesGb))],
  // The least that a serverless cache is billed for.
  "aws:elasticache/serverlessCache:ServerlessCache": () => [item("caches and streams", "cacheGbHour", HOURS * 0.1)],
  "aws:elasticache/replicationGroup:ReplicationGroup": (one) => {
    const shards = numberOf(one, "numNodeGroups", 1) * (1 + numberOf(one, "replicasPerNodeGroup", 0));
    const nodes = Math.max(shards, numberOf(one, "numCacheClusters", 1));
    return [itemOfClass("caches and streams", textOf(one, "nodeType"), HOURS * nodes)];
  },
  "aws:msk/serverlessCluster:ServerlessCluster": () => [item("caches and streams", "streamHour", HOURS)],
};

function keyed(one: Planned, at: Parameters<typeof share>[1]) {
  return [
    item("secrets and keys", "key", 1),
    item("secrets and keys", "keyRequest", share(one, at, at.usage.keyRequests)),
  ];
}

/** `db.t4g.micro` to `large` have two, `xlarge` four, `2xlarge` eight. */
function vcpusOf(instanceClass: string): number {
  const [, times] = /\.(\d*)xlarge$/.exec(instanceClass) ?? [];
  return times === undefined ? 2 : 4 * Number(times === "" ? 1 : times);
}
