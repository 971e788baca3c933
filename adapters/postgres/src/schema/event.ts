import { defineEntity, p } from "@mikro-orm/core";
import type { Content, ScheduledEvent } from "@punctual/core";

/** Written and read by statements of their own; they stand here so that the schema is one. */
const facts = {
  id: p.uuid().primary(),
  tenant: p.text(),
  scheduleId: p.uuid(),
  type: p.text(),
  destinationId: p.uuid(),
  origin: p.text().$type<ScheduledEvent["origin"]>(),
  key: p.text(),
  ordinal: p.integer(),
  localDateTime: p.text(),
  timeZone: p.text(),
  utcOffset: p.text(),
  fold: p.smallint(),
  wall: p.datetime(3).columnType("timestamp(3)").nullable(),
  note: p.text().nullable(),
  dueAt: p.datetime(3),
  tzdata: p.text(),
  pinned: p.boolean(),
  state: p.text().$type<ScheduledEvent["state"]>(),
  fence: p.bigint("number"),
  unheard: p.integer(),
  attempt: p.integer(),
  attemptsMade: p.integer(),
  firstAttemptAt: p.datetime(3).nullable(),
  payload: p.text().nullable(),
  subject: p.json<NonNullable<Content["subject"]>>().columnType("json").nullable(),
  redrives: p.integer(),
  latenessMs: p.float().columnType("double precision").nullable(),
  createdAt: p.datetime(3),
};

/** What is not finished. */
export const EventEntity = defineEntity({
  name: "LiveEvent",
  tableName: "events",
  properties: {
    ...facts,
    leads: p.boolean(),
    wakeAt: p.datetime(3).nullable(),
    heldUntil: p.datetime(3).nullable(),
    begunAt: p.datetime(3).nullable(),
  },
});

/** What is, by month. */
export const FinishedEventEntity = defineEntity({
  name: "FinishedEvent",
  tableName: "event_history",
  properties: { ...facts, reason: p.text().nullable(), finishedAt: p.datetime(3).primary() },
});
