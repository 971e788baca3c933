import { type Replan, replan } from "../events/replan.js";
import type { Transaction } from "../ports/unit-of-work.js";
import type { OccurrenceKey } from "../recurrence/occurrence.js";
import type { Recurrence } from "../recurrence/recurrence.js";
import type { Schedule } from "../schedules/schedule.js";

/** What the events of a schedule must become to fit its timing and the zone data in use; nothing is changed yet. */
export async function planRefit(
  schedule: Schedule,
  { events, now }: Transaction,
  recurrence: Recurrence,
  timingChanged: boolean,
): Promise<Replan> {
  const compiled = recurrence.of(schedule.timing);
  const tzdata = recurrence.zones.version;
  const open = await events.replannable(schedule.id);
  const last = [await events.lastSettled(schedule.id, "series"), await events.lastSettled(schedule.id, "wall")];
  const settled = last.filter((event) => event !== null);
  const taken = new Set<OccurrenceKey>();
  for (;;) {
    const plan = replan({ schedule, compiled, tzdata, now, open, timingChanged, settled, taken });
    const [added] = plan.added;
    const known = added === undefined ? null : await events.get(added.id);
    if (known === null || open.some((event) => event.id === known.id)) return plan;
    taken.add(known.key);
  }
}

export async function refit(plan: Replan, { events }: Transaction): Promise<void> {
  await events.withdraw(plan.withdrawn);
  for (const event of plan.replaced) await events.replace(event);
  await events.add(plan.added);
}
