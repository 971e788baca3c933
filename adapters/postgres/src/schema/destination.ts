import { defineEntity, p } from "@mikro-orm/core";
import type { Destination } from "@punctual/core";
import type { SecretRow } from "../stores/destination-row.js";

export const DestinationEntity = defineEntity({
  name: "Destination",
  tableName: "destinations",
  properties: {
    id: p.uuid().primary(),
    tenant: p.text(),
    kind: p.text(),
    url: p.text(),
    method: p.text(),
    headers: p.json<Destination["headers"]>().columnType("json"),
    ratePerSecond: p.float().columnType("double precision").nullable(),
    concurrency: p.integer().nullable(),
    timeoutMs: p.integer(),
    ackWithinMs: p.float().columnType("double precision").nullable(),
    secrets: p.json<readonly SecretRow[]>().columnType("json"),
    enabled: p.boolean(),
    disabledBecause: p.text().$type<NonNullable<Destination["disabledBecause"]>>().nullable(),
    inline: p.boolean(),
    inlineKey: p.text().nullable(),
    shared: p.boolean(),
    revision: p.integer(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
});
