import { defineEntity, p } from "@mikro-orm/core";

export const UserEntity = defineEntity({
  name: "User",
  tableName: "users",
  properties: {
    id: p.uuid().primary(),
    tenant: p.text(),
    firstName: p.text(),
    lastName: p.text(),
    dateOfBirth: p.date(),
    timezone: p.text(),
    scheduleId: p.uuid(),
    revision: p.integer(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
});
