import { defineEntity, p } from "@mikro-orm/core";

export const AuditEntryEntity = defineEntity({
  name: "AuditEntry",
  tableName: "audit_log",
  properties: {
    id: p.bigint("number").primary().autoincrement(),
    tenant: p.text(),
    subject: p.text(),
    action: p.text(),
    actor: p.text(),
    note: p.text().nullable(),
    at: p.datetime(3),
  },
});
