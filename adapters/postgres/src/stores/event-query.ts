import { type EventQuery, isTerminal } from "@punctual/core";
import { isId, isStorable } from "./rows.js";

export interface Conditions {
  readonly where: string;
  readonly values: readonly unknown[];
  /** Where there can be what is asked for. */
  readonly pending: boolean;
  readonly processing: boolean;
  readonly finished: boolean;
}

const NOTHING: Conditions = { where: "false", values: [], pending: false, processing: false, finished: false };

/** What a query says, as conditions that are put alike to live and to finished events. */
export function conditionsOf(query: EventQuery, tenant: string): Conditions {
  const { after, states, reason, scheduleId, destinationId, type, origin, dueFrom, dueBefore, minLatenessMs } = query;
  const values: unknown[] = [];
  const conditions: string[] = [];
  /** Each `?` stands for the value in its place. */
  const also = (condition: string, ...given: readonly unknown[]) => {
    if (given.some((value) => value === undefined)) return;
    conditions.push(given.reduce<string>((text, value) => text.replace("?", `$${values.push(value)}`), condition));
  };
  also("tenant = ?", tenant);
  also("schedule_id = ?", scheduleId);
  also("destination_id = ?", destinationId);
  also("type = ?", type);
  also("origin = ?", origin);
  also("due_at >= ?", dueFrom);
  also("due_at < ?", dueBefore);
  also("lateness_ms >= ?", minLatenessMs);
  also("(due_at, id) > (?, ?::uuid)", after?.dueAt, after?.id);
  also("state = any(?::text[])", states);
  also("reason = ?", reason);
  const ids = [after?.id, scheduleId, destinationId];
  if (!ids.every((id) => id === undefined || isId(id)) || (type !== undefined && !isStorable(type))) return NOTHING;
  const open = reason === undefined; // what is open has no reason yet
  return {
    where: conditions.join(" and "),
    values,
    pending: open && (states?.includes("PENDING") ?? true),
    processing: open && (states?.includes("PROCESSING") ?? true),
    finished: states?.some(isTerminal) ?? true,
  };
}
