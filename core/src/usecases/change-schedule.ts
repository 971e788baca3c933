import { Conflict, NotFound } from "../errors.js";
import { isJsonObject, type Json } from "../input/fields.js";
import { mergePatch } from "../input/merge-patch.js";
import type { Ids } from "../ports/ids.js";
import type { Transaction, UnitOfWork } from "../ports/unit-of-work.js";
import type { Recurrence } from "../recurrence/recurrence.js";
import { WHEN_FORMS } from "../recurrence/parse-timing.js";
import { sameTiming } from "../recurrence/timing.js";
import { parseSchedule, scheduleFields, targetsIn } from "../schedules/parse-schedule.js";
import type { Schedule, Segment } from "../schedules/schedule.js";
import type { SettledInput } from "./create-schedule.js";
import { type Destinations, destinationsFor } from "./destination-for.js";
import { refuseUrls, type Senders } from "./refuse-url.js";
import { planRefit, refit } from "./refit-series.js";

export interface ChangeScheduleDeps {
  readonly unitOfWork: UnitOfWork;
  readonly recurrence: Recurrence;
  readonly ids: Ids;
  readonly senders: Senders;
}

export interface ChangeScheduleRequest {
  readonly tenant: string;
  readonly id: string;
  /** The fields to change; null takes one away (RFC 7396). */
  readonly patch: unknown;
  readonly payload?: string;
  /** The revision that the caller has seen; left out, whatever it is. */
  readonly revision?: number;
}

/** Changes a schedule. What is not yet sent follows the change; what is, stays (I7). */
export class ChangeSchedule {
  readonly #deps: ChangeScheduleDeps;

  constructor(deps: ChangeScheduleDeps) {
    this.#deps = deps;
  }

  async run({ tenant, id, patch, payload, revision }: ChangeScheduleRequest): Promise<Schedule> {
    const { unitOfWork, recurrence, ids, senders } = this.#deps;
    await refuseUrls(targetsIn(patch), senders);
    return unitOfWork.run(tenant, async (transaction) => {
      const schedule = await liveSchedule(transaction, id, revision);
      const merged = merge(scheduleFields(schedule), patch);
      const text = payload ?? (isJsonObject(patch) && patch.payload !== undefined ? null : schedule.payload);
      const input = parseSchedule(merged, text, recurrence.zones);
      const destinations = await destinationsFor(input, { transaction, tenant, ids });
      return applyChange(schedule, { ...input, ...destinations }, transaction, recurrence);
    });
  }
}

/** The schedule, if it is there and, where the caller says which, at the revision that the caller has seen. */
export async function liveSchedule(transaction: Transaction, id: string, revision?: number): Promise<Schedule> {
  const schedule = await transaction.schedules.get(id);
  if (schedule === null || schedule.status === "deleted") throw new NotFound("schedule", id);
  if (revision !== undefined && revision !== schedule.revision) {
    throw new Conflict("stale_revision", `Schedule ${id} is at revision ${schedule.revision}, not ${revision}`);
  }
  return schedule;
}

/** Stores a changed schedule and fits its open events to it. */
export async function applyChange(
  schedule: Schedule,
  change: Partial<SettledInput & Destinations>,
  transaction: Transaction,
  recurrence: Recurrence,
): Promise<Schedule> {
  const { id, tenant, userId, status, createdAt } = schedule;
  const { key, type, timing, destinationId, onSuccess, onFailure, payload, ...policies } = { ...schedule, ...change };
  const { catchUp, lateness, ifRunning, retry, labels } = policies;
  const fields = {
    ...{ key, type, timing, destinationId, onSuccess, onFailure, payload },
    ...{ catchUp, lateness, ifRunning, retry, labels },
  };
  const changed: Schedule = {
    ...{ id, tenant, userId, status, createdAt },
    ...fields,
    history: schedule.history,
    revision: schedule.revision + 1,
    updatedAt: transaction.now,
  };
  const history = sameTiming(schedule.timing, timing)
    ? schedule.history
    : await refitted(schedule, changed, transaction, recurrence);
  const saved = { ...changed, history };
  await transaction.schedules.save(saved);
  return saved;
}

/** Moves, skips, takes back and adds events as the new timing wants it; the schedule's history with the new segment. */
async function refitted(
  before: Schedule,
  after: Schedule,
  transaction: Transaction,
  recurrence: Recurrence,
): Promise<readonly Segment[]> {
  const { events } = transaction;
  const open = await events.replannable(before.id);
  const lastSettled = await events.lastSettled(before.id, "series");
  const plan = await planRefit(after, transaction, recurrence, true);
  await refit(plan, transaction);

  const old = recurrence.of(before.timing);
  const ordinal = before.history.at(-1)?.ordinal ?? 0;
  const skipped = plan.replaced.filter((event) => event.state === "SKIPPED");
  const followers = open.filter((event) => !event.leads && !plan.withdrawn.includes(event.id));
  const last = [...skipped, ...followers, ...(lastSettled === null ? [] : [lastSettled])]
    .filter((event) => event.ordinal >= ordinal && old.find(event.key) !== null)
    .map((event) => event.key)
    .sort((one, other) => old.instantOf(one) - old.instantOf(other))
    .at(-1);
  const { first } = plan;
  return [...closed(before.history, last ?? null), { timing: after.timing, first, ordinal: plan.ordinal }];
}

function closed(history: readonly Segment[], last: string | null): readonly Segment[] {
  return history.map((segment) => ("last" in segment ? segment : { ...segment, last }));
}

function merge(fields: Json, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  // What is of one kind only, or names another thing, takes the place of what stood there.
  const replaced = Object.keys(patch).filter(
    (name) => TARGETS.has(name) || (name === "when" && !sameForm(fields, patch)),
  );
  if (patch.destination !== undefined) replaced.push("destinationId");
  const kept = Object.fromEntries(Object.entries(fields).filter(([name]) => !replaced.includes(name)));
  return mergePatch(kept, patch);
}

const TARGETS: ReadonlySet<string> = new Set(["onSuccess", "onFailure"]);

/** Whether a patch changes the rule that stands there, or brings one of another form. */
function sameForm({ when: before }: Json, { when: after }: Json): boolean {
  if (!isJsonObject(before) || !isJsonObject(after)) return false;
  return WHEN_FORMS.every((form) => after[form] === undefined || before[form] !== undefined);
}
