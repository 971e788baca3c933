import { Migration } from "@mikro-orm/migrations";

/**
 * What delivery keeps: the secrets that sign, how attempts spent their time, what an attempt sent that a redrive has replaced
 * since, where callbacks go, and, for each destination that is limited or ails, who may ask it when.
 *
 * The columns of `schedules` that say which destinations are in use are computed for every row, indexed and checked, under a
 * lock that keeps everybody out: some seconds for a million schedules. Programs that know the first migration alone must be
 * stopped before: they would take a callback for an occurrence.
 */
export class Delivery extends Migration {
  static readonly kind = "contract";

  override up(): void {
    this.addSql(`
      alter table destinations
        add column secrets json not null default '[]',
        add column ack_within_ms double precision`);
    this.addSql(`
      alter table attempts
        add column detail text,
        add column timings json,
        -- what was sent, where that is no longer the event's own
        add column sent_type text,
        add column sent_payload text,
        add column sent_subject json`);
    this.addSql(`
      alter table schedules
        add column on_success uuid,
        add column on_failure uuid,
        add column uses_on_success uuid generated always as (case when status <> 'deleted' then on_success end) stored
          references destinations (id),
        add column uses_on_failure uuid generated always as (case when status <> 'deleted' then on_failure end) stored
          references destinations (id)`);
    this.addSql(`create index schedules_on_success on schedules (uses_on_success) where uses_on_success is not null`);
    this.addSql(`create index schedules_on_failure on schedules (uses_on_failure) where uses_on_failure is not null`);
    this.addSql(`
      create table destination_gates (
        -- of the destination, mostly; a row is made when there is something to keep
        id text primary key,
        breaker json,
        rate json,
        places json
      ) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500)`);
    this.addSql(`
      create table gate_leases (
        -- who is under way where only so many may be; written under the lock of the gate's row
        gate text not null,
        event_id text not null,
        ends_at timestamptz(3) not null,
        primary key (gate, event_id)
      ) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500)`);
    this.addSql(`update schema_version set version = 2, oldest_program = 2`);
  }

  override down(): void {
    // The program before takes a callback for an occurrence, and cannot go on behind it.
    this.addSql(`delete from events where origin = 'callback'`);
    this.addSql(`drop table gate_leases, destination_gates`);
    this.addSql(`
      alter table schedules
        drop column uses_on_success, drop column uses_on_failure, drop column on_success, drop column on_failure`);
    this.addSql(`
      alter table attempts
        drop column detail, drop column timings, drop column sent_type, drop column sent_payload, drop column sent_subject`);
    this.addSql(`alter table destinations drop column secrets, drop column ack_within_ms`);
    this.addSql(`update schema_version set version = 1, oldest_program = 1`);
  }
}
