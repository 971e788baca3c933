import { defineEntity, p } from "@mikro-orm/core";

export const AttemptEntity = defineEntity({
  name: "Attempt",
  tableName: "attempts",
  properties: {
    // The table has no key: it is only ever added to, and read by event.
    eventId: p.uuid().primary(),
    tenant: p.text(),
    number: p.integer().primary(),
    startedAt: p.datetime(3),
    durationMs: p.float().columnType("double precision"),
    status: p.integer().nullable(),
    error: p.text().nullable(),
    responseExcerpt: p.text().nullable(),
    recordedAt: p.datetime(3),
  },
});
