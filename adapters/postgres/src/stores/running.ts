import type { ClaimVerdict, PlannedSchedule, WaitingEvent } from "@punctual/core";
import type { HotTransaction } from "../hot-path.js";
import * as sql from "./hot-statements.js";

/** Which events run, of those schedules whose events may not run side by side; kept up while a claim decides. */
export class Running {
  readonly #locked: ReadonlySet<string>;
  readonly #running: Map<string, Set<string>>;

  private constructor(locked: ReadonlySet<string>, running: Map<string, Set<string>>) {
    this.#locked = locked;
    this.#running = running;
  }

  static async among(schedules: readonly PlannedSchedule[], { query }: HotTransaction): Promise<Running> {
    const asking = schedules.filter(asks).map(({ id }) => id);
    const running = new Map<string, Set<string>>();
    if (asking.length === 0) return new Running(new Set(), running);
    const locked = (await query<{ id: string }>(sql.LOCK_SCHEDULES, [asking])).map(({ id }) => id);
    for (const id of locked) running.set(id, new Set());
    const rows = await query<{ id: string; schedule_id: string }>(sql.RUNNING, [locked]);
    for (const { id, schedule_id } of rows) running.get(schedule_id)?.add(id);
    return new Running(new Set(locked), running);
  }

  /** False while another claimer decides about the schedule: its events are left for the next time. */
  mayDecide(schedule: PlannedSchedule): boolean {
    return !asks(schedule) || this.#locked.has(schedule.id);
  }

  besides({ id, scheduleId }: WaitingEvent): boolean {
    const running = this.#running.get(scheduleId);
    return running !== undefined && running.size > (running.has(id) ? 1 : 0);
  }

  note({ id, scheduleId, attempt, origin }: WaitingEvent, { kind }: ClaimVerdict): void {
    if (origin === "callback") return; // it runs beside anything
    const running = this.#running.get(scheduleId);
    const runs = kind === "take" || (attempt > 0 && (kind === "wait" || kind === "park"));
    if (runs) running?.add(id);
    else running?.delete(id);
  }
}

function asks(schedule: PlannedSchedule): boolean {
  return schedule.ifRunning !== "start";
}
