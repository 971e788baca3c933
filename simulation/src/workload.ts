import { Conflict, CreateSchedule, InvalidInput, NotFound, type ScheduledEvent, type When } from "@punctual/core";
import { MemoryClock, MemorySender, MemoryUnitOfWork } from "@punctual/core/memory";
import type { Dice } from "./dice.js";
import { useCases } from "./roles.js";
import type { Process } from "./process.js";
import type { World } from "./world.js";
import { ZONES } from "./zone-data.js";

export const TENANTS = ["red", "blue"] as const;

/** The schedules that the seed starts with. All of it is in place before the first fault. */
export async function seedSchedules(world: World): Promise<void> {
  const { dice, ids } = world;
  const senders = new Map([["http", new MemorySender(new MemoryClock(new Date(world.time.now)))]]);
  const direct = { unitOfWork: new MemoryUnitOfWork(world.tables), recurrence: world.recurrence, ids, senders };
  const create = new CreateSchedule(direct);
  for (let number = dice.between(2, 5); number > 0; number--) {
    const tenant = dice.pick(TENANTS);
    try {
      await create.run({ tenant, input: drawSchedule(dice, tenant, world.time.now) });
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error; // a rule that happens never to match
    }
  }
}

export function drawSchedule(dice: Dice, tenant: string, now: number): Record<string, unknown> {
  const attempts = dice.chance(0.3) ? dice.between(1, 3) : dice.between(4, 40);
  return {
    type: dice.pick(["greeting", "report"]),
    ...drawTiming(dice, now),
    destination: { url: `https://${tenant}.example/${dice.between(1, 2)}`, ...drawLimits(dice), timeoutMs: 5_000 },
    payload: { tenant, number: dice.between(1, 1_000_000) },
    catchUp: { policy: dice.pick(["latest", "all", "none"]), ...(dice.chance(0.2) && { within: "PT2M" }) },
    ...(dice.chance(0.2) && { lateness: { max: dice.pick(["PT20S", "PT2M"]), then: "skip" } }),
    ifRunning: dice.pick(["start", "start", "skip", "wait"]),
    ...(dice.chance(0.2) && { onSuccess: { destination: { url: `https://${tenant}.example/told` } } }),
    ...(dice.chance(0.2) && { onFailure: { destination: { url: `https://${tenant}.example/warned` } } }),
    retry: { maxAttempts: attempts, within: "PT10M", initial: "PT1S", cap: "PT10S" },
  };
}

function drawLimits(dice: Dice): Record<string, unknown> {
  return {
    ...(dice.chance(0.15) && { ratePerSecond: dice.between(1, 5) }),
    ...(dice.chance(0.15) && { concurrency: dice.between(1, 3) }),
  };
}

function drawTiming(dice: Dice, now: number): Record<string, unknown> {
  return {
    timeZone: dice.pick(ZONES),
    when: drawWhen(dice, now),
    gap: dice.pick(["shift", "boundary", "skip"]),
    overlap: dice.pick(["first", "second", "both"]),
    ...(dice.chance(0.3) && { count: dice.between(1, 6) }),
    ...(dice.chance(0.2) && { until: new Date(now + dice.between(1, 8) * 60_000).toISOString().slice(0, 19) + "Z" }),
    ...(dice.chance(0.2) && { spread: dice.pick(["PT10S", "PT1M"]) }),
  };
}

function drawWhen(dice: Dice, now: number): When {
  const soon = new Date(now + dice.between(5, 240) * 1_000).toISOString().slice(0, 19);
  switch (dice.between(0, 6)) {
    case 0:
      return { at: `${soon}Z` };
    case 1:
      return { at: soon };
    case 2:
      return { every: `PT${dice.between(20, 120)}S`, start: `${soon}Z` };
    case 3:
      return { cron: dice.pick(["*/30 * * * * *", "15 * * * * *", "0 */2 * * * *"]) };
    case 4:
      return { cron: "* * * * *" };
    case 5:
      return { rrule: `FREQ=MINUTELY;INTERVAL=${dice.between(1, 3)}`, start: "2027-03-14T00:00:20" };
    default:
      return { rrule: `FREQ=SECONDLY;INTERVAL=${dice.between(20, 70)}`, start: "2027-03-14T00:00:00" };
  }
}

/** Someone who does things by hand, at bad moments. */
export async function operator(process: Process): Promise<void> {
  const { world } = process;
  const { dice } = world;
  for (;;) {
    await process.clock.sleep(dice.between(1_000, 20_000));
    if (!dice.chance(world.faults.operator)) continue;
    try {
      await act(process);
    } catch (error) {
      if (error instanceof Conflict && error.code === "in_flight") world.counts.inFlight++;
      const expected = error instanceof Conflict || error instanceof NotFound || error instanceof InvalidInput;
      if (!expected && (error as { code?: string }).code !== "unavailable") throw error;
    }
  }
}

async function act(process: Process): Promise<void> {
  const { world } = process;
  const { dice, counts, tables } = world;
  const tenant = dice.pick(TENANTS);
  const schedules = [...tables.schedules.values()].filter(
    (one) => one.tenant === tenant && one.status !== "deleted" && one.key === null,
  );
  if (schedules.length === 0) return;
  const { id } = dice.pick(schedules);
  const events = [...tables.events.values()].filter((one) => one.tenant === tenant);
  const open = events.filter((one) => one.state === "PENDING" || one.state === "PROCESSING");
  const by = { tenant, actor: "operator" };
  const use = useCases(process);
  switch (dice.between(0, 12)) {
    case 0:
      await use.changeSchedule().run({ tenant, id, patch: drawTiming(dice, world.time.now) });
      counts.edits++;
      return;
    case 1: {
      const patch = { timeZone: dice.pick(ZONES) };
      await use.changeSchedule().run({ tenant, id, patch });
      counts.edits++;
      return;
    }
    case 2:
      await use
        .changeSchedule()
        .run({ tenant, id, patch: { payload: { tenant, number: dice.between(1, 1_000_000) } } });
      return;
    case 3: {
      const destination = { url: `https://${tenant}.example/3`, timeoutMs: 5_000 };
      await use.changeSchedule().run({ tenant, id, patch: { destination } });
      return;
    }
    case 4:
      await use.pauseSchedule().run({ ...by, id });
      return;
    case 5:
    case 6: {
      const paused = schedules.find((one) => one.status === "paused");
      if (paused !== undefined) await use.resumeSchedule().run({ ...by, id: paused.id });
      return;
    }
    case 7:
      await use.runSchedule().run({ ...by, id });
      return;
    case 8:
      if (open.length > 0) await cancel(process, dice.pick(open), by);
      return;
    case 9: {
      const one = open.length === 0 ? undefined : dice.pick(open);
      const at = new Date(Math.floor((world.time.now + dice.between(-30_000, 60_000)) / 1_000) * 1_000);
      if (one !== undefined) {
        await use.rescheduleEvent().run({ ...by, id: one.id, at: `${at.toISOString().slice(0, 19)}Z` });
      }
      return;
    }
    case 10: {
      const { redriven } = await use.redriveEvents().many({ ...by, filter: { scheduleId: id }, perSecond: 5 });
      counts.redrives += redriven;
      return;
    }
    case 11: {
      const destinations = [...tables.destinations.values()].filter((one) => one.tenant === tenant);
      if (destinations.length === 0) return;
      const one = dice.pick(destinations);
      if (one.enabled && dice.chance(0.4))
        await use.disableDestination().run({ ...by, id: one.id, because: "by_hand" });
      else await use.enableDestination().run({ ...by, id: one.id });
      return;
    }
    default:
      if (dice.chance(0.3)) await use.deleteSchedule().run({ ...by, id });
      else await use.createSchedule().run({ tenant, input: drawSchedule(dice, tenant, world.time.now) });
  }
}

async function cancel(process: Process, event: ScheduledEvent, by: { tenant: string; actor: string }): Promise<void> {
  await useCases(process)
    .cancelEvent()
    .run({ ...by, id: event.id });
  process.world.counts.cancelled++;
}

/** Says the same thing under the same key again and again, as a caller does who never hears an answer (R15). */
export async function repeater(process: Process): Promise<void> {
  const { world } = process;
  const tenant = TENANTS[0];
  const input = {
    type: "repeated",
    timeZone: "Etc/UTC",
    when: { every: "PT1M", start: "2027-03-14T12:00:00Z" },
    destination: { url: `https://${tenant}.example/1` },
    payload: { tenant, number: 7 },
    retry: { maxAttempts: 30, within: "PT10M", initial: "PT1S", cap: "PT10S" },
  };
  for (;;) {
    await process.clock.sleep(world.dice.between(5_000, 60_000));
    try {
      const { schedule } = await useCases(process).putSchedule().run({ tenant, key: "the-one", input });
      world.answers.add(schedule.id);
    } catch (error) {
      if (error instanceof Conflict || (error as { code?: string }).code === "unavailable") continue;
      throw error;
    }
  }
}
