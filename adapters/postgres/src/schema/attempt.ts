import { defineEntity, p } from "@mikro-orm/core";
import type { AttemptTimings, Content } from "@punctual/core";

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
    detail: p.text().nullable(),
    timings: p.json<AttemptTimings>().columnType("json").nullable(),
    sentType: p.text().nullable(),
    sentPayload: p.text().nullable(),
    sentSubject: p.json<NonNullable<Content["subject"]>>().columnType("json").nullable(),
    recordedAt: p.datetime(3),
  },
});
