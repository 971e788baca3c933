/**
 * A trigger writes every change of an event down, with who made it. It runs in the transaction of the change and while its
 * row is locked: what was rolled back is not there, and the changes of one event stand in their order.
 */
export const AUDIT = `
  create table crash_audit (
    n bigint generated always as identity,
    event_id uuid not null,
    what text not null,
    before json,
    after json,
    who text not null default current_setting('application_name'),
    tx text not null default pg_current_xact_id()::text,
    now timestamptz not null default now(),
    at timestamptz not null default clock_timestamp());

  create function crash_audit() returns trigger language plpgsql as $$
  begin
    insert into crash_audit (event_id, what, before, after)
    values (coalesce(new.id, old.id), tg_argv[0],
      case when tg_op <> 'INSERT' then to_json(old) end, case when tg_op <> 'DELETE' then to_json(new) end);
    return null;
  end $$;

  create trigger crash_added after insert on events for each row execute function crash_audit('added');
  create trigger crash_changed after update on events for each row execute function crash_audit('changed');
  create trigger crash_removed after delete on events for each row execute function crash_audit('removed');
  create trigger crash_kept after insert on event_history for each row execute function crash_audit('kept')`;

const ms = (text: string) => `(extract(epoch from ${text}) * 1000)::float8`;

const facts = (side: string) => `case when ${side} is not null then json_build_object(
    'state', ${side}->>'state', 'fence', (${side}->>'fence')::bigint, 'attemptsMade', (${side}->>'attempts_made')::int,
    'dueAt', ${ms(`(${side}->>'due_at')::timestamptz`)},
    'wakeAt', ${ms(`(${side}->>'wake_at')::timestamptz`)}, 'begunAt', ${ms(`(${side}->>'begun_at')::timestamptz`)}) end`;

export const READ_AUDIT = `
  select event_id as "eventId", what, who, tx, ${ms("date_trunc('milliseconds', now)")} as now, ${ms("at")} as at,
    ${facts("before")} as before, ${facts("after")} as after
  from crash_audit order by n`;

export const READ_ROWS = ["live", "history"]
  .map(
    (where) => `
      select id, schedule_id as "scheduleId", '${where}' as "where", ordinal, state, ${ms("due_at")} as "dueAt",
        ${where === "live" ? "null" : "reason"} as reason
      from ${where === "live" ? "events" : "event_history"}`,
  )
  .join(" union all ");

export const READ_ATTEMPTS = `select event_id as "eventId", number, status, error from attempts`;

export const READ_SCHEDULES = `
  select id, timing, history, catch_up as "catchUp", if_running as "ifRunning", lateness, retry from schedules`;
