import { defineEntity, p } from "@mikro-orm/core";
import type { Schedule } from "@punctual/core";

export const ScheduleEntity = defineEntity({
  name: "Schedule",
  tableName: "schedules",
  properties: {
    id: p.uuid().primary(),
    tenant: p.text(),
    key: p.text().nullable(),
    type: p.text(),
    timing: p.json<Schedule["timing"]>().columnType("json"),
    timeZone: p.text(),
    destinationId: p.uuid(),
    /** The database's own: the destination, unless the schedule is deleted. */
    usesDestination: p.uuid().nullable().persist(false),
    onSuccess: p.uuid().nullable(),
    onFailure: p.uuid().nullable(),
    /** As for the destination. */
    usesOnSuccess: p.uuid().nullable().persist(false),
    usesOnFailure: p.uuid().nullable().persist(false),
    payload: p.text(),
    catchUp: p.json<Schedule["catchUp"]>().columnType("json"),
    lateness: p.json<NonNullable<Schedule["lateness"]>>().columnType("json").nullable(),
    ifRunning: p.text().$type<Schedule["ifRunning"]>(),
    retry: p.json<Schedule["retry"]>().columnType("json"),
    labels: p.json<Schedule["labels"]>().columnType("jsonb"),
    userId: p.uuid().nullable(),
    status: p.text().$type<Schedule["status"]>(),
    revision: p.integer(),
    history: p.json<Schedule["history"]>().columnType("json"),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
});
