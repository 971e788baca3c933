import type { ScheduledEvent } from "../events/event.js";
import type { Replan } from "../events/replan.js";
import type { Failpoints } from "../ports/failpoints.js";
import type { Telemetry } from "../ports/telemetry.js";
import type { Transaction, UnitOfWork } from "../ports/unit-of-work.js";
import type { Recurrence } from "../recurrence/recurrence.js";
import type { Schedule } from "../schedules/schedule.js";
import { planRefit, refit } from "./refit-series.js";

export interface RecomputeZonesDeps {
  readonly unitOfWork: UnitOfWork;
  readonly recurrence: Recurrence;
  readonly telemetry: Telemetry;
  readonly failpoints: Failpoints;
}

export interface MovedEvent {
  readonly id: string;
  readonly scheduleId: string;
  readonly timeZone: string;
  readonly from: Date;
  /** Null where the occurrence no longer exists under the new data. */
  readonly to: Date | null;
}

export interface RecomputeReport {
  readonly tzdata: string;
  readonly schedules: number;
  readonly moved: readonly MovedEvent[];
}

export interface RecomputeRequest {
  readonly tenant: string;
  /** Nothing is changed: what would be is told. */
  readonly dryRun?: boolean;
  /** Told after each schedule how far it has come. */
  readonly onSchedule?: (soFar: { readonly schedules: number; readonly moved: number }) => void;
}

const PAGE = 200;

/**
 * Fits the open events to the zone data in use. Each schedule is a transaction of its own, so a run that was cut short is
 * simply run again; events computed with these data already are left alone, so a second run changes nothing.
 */
export class RecomputeZones {
  readonly #deps: RecomputeZonesDeps;

  constructor(deps: RecomputeZonesDeps) {
    this.#deps = deps;
  }

  async run({ tenant, dryRun = false, onSchedule }: RecomputeRequest): Promise<RecomputeReport> {
    const { unitOfWork, recurrence, telemetry, failpoints } = this.#deps;
    const tzdata = recurrence.zones.version;
    const moved: MovedEvent[] = [];
    const versions = new Set<string>();
    let schedules = 0;
    for (let after: string | undefined; ;) {
      const page = await unitOfWork.run(tenant, async (transaction) =>
        transaction.schedules.list({ limit: PAGE, ...(after !== undefined && { after }) }),
      );
      for (const { id } of page) {
        const change = await unitOfWork.run(tenant, async (transaction) => this.#one(transaction, id, dryRun));
        await failpoints.at("recompute.mid_batch");
        schedules++;
        moved.push(...change.moved);
        for (const version of change.versions) versions.add(version);
        onSchedule?.({ schedules, moved: moved.length });
      }
      after = page.at(-1)?.id ?? "";
      if (page.length < PAGE) break;
    }
    const from = [...versions].sort().join(", ");
    if (versions.size > 0 && !dryRun) {
      telemetry.note({ kind: "zone_data_changed", from, to: tzdata, moved: moved.length });
    }
    return { tzdata, schedules, moved };
  }

  async #one(transaction: Transaction, id: string, dryRun: boolean): Promise<Change> {
    const { recurrence } = this.#deps;
    const schedule = await transaction.schedules.get(id);
    if (schedule === null || schedule.status === "deleted") return NO_CHANGE;
    const open = await transaction.events.replannable(id);
    const stale = open.filter((event) => event.tzdata !== recurrence.zones.version);
    // A series without an open event was over under the old data; under new ones it may go on.
    if (stale.length === 0 && open.length > 0) return NO_CHANGE;
    const plan = await planRefit(schedule, transaction, recurrence, false);
    if (!dryRun) await refit(plan, transaction);
    return { versions: stale.map((event) => event.tzdata), moved: movesOf(schedule, open, plan) };
  }
}

interface Change {
  readonly versions: readonly string[];
  readonly moved: readonly MovedEvent[];
}

const NO_CHANGE: Change = { versions: [], moved: [] };

function movesOf(
  schedule: Schedule,
  open: readonly ScheduledEvent[],
  { replaced, withdrawn, added }: Replan,
): readonly MovedEvent[] {
  const after = new Map([...replaced, ...added].map((event) => [event.id, event]));
  return open.flatMap(({ id, dueAt }) => {
    const now = after.get(id);
    const gone = withdrawn.includes(id) || now?.state === "SKIPPED";
    if (!gone && (now === undefined || now.dueAt.getTime() === dueAt.getTime())) return [];
    const facts = { id, scheduleId: schedule.id, timeZone: schedule.timing.timeZone, from: dueAt };
    return [{ ...facts, to: gone || now === undefined ? null : now.dueAt }];
  });
}
