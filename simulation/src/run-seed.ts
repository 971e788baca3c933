import { Recurrence } from "@punctual/core";
import { checkEnd } from "./checks.js";
import type { Mutant } from "./mutants.js";
import { keepRunning, scheduler, undertaker, useCases, worker } from "./roles.js";
import type { Violation } from "./watch.js";
import { operator, repeater, seedSchedules, TENANTS } from "./workload.js";
import type { Counts } from "./stage.js";
import { FAULTY_MS, QUIET_MS, World } from "./world.js";
import type { Process } from "./process.js";

export interface SeedReport {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly steps: number;
  readonly events: number;
  readonly counts: Counts;
  /** Two runs of one seed have the same. */
  readonly trace: string;
}

/** One seed, from its first schedule to the last check. */
export async function runSeed(seed: number, mutant?: Mutant): Promise<SeedReport> {
  const world = new World(seed);
  mutant?.plant(world);
  return runWorld(world);
}

/** For a closer look at what became of everything. */
export async function runWorld(world: World): Promise<SeedReport> {
  await seedSchedules(world);
  const { settings, time, dice, faultsDrawn, watch } = world;
  for (let number = 0; number < settings.schedulers; number++) keepRunning(world, scheduler);
  if (settings.shape !== "single-stage" && settings.shape !== "in-place") {
    for (let number = 0; number < settings.workers; number++) keepRunning(world, worker);
  }
  keepRunning(world, undertaker);
  keepRunning(world, operator);
  if (dice.chance(0.2)) keepRunning(world, repeater);
  for (const ms of faultsDrawn.clockSteps) time.at(dice.between(0, FAULTY_MS), () => world.stepStoreClock(ms));
  if (faultsDrawn.zoneChange) {
    time.at(FAULTY_MS / 2 - 1_000, () => {
      world.recurrence = new Recurrence(world.zones.v2);
      for (const actor of [...world.actors]) actor.die(); // a new release, with new data
      keepRunning(world, recompute);
    });
  }
  time.at(FAULTY_MS, () => world.quiet());
  await time.run(time.start + FAULTY_MS + QUIET_MS, () => watch.violations.length > 0);
  await checkEnd(world);
  return report(world);
}

/** Until every tenant is done; a run that was cut short is run again. */
async function recompute(process: Process): Promise<void> {
  for (;;) {
    try {
      for (const tenant of TENANTS) {
        const { moved } = await useCases(process).recomputeZones().run({ tenant });
        process.world.counts.moved += moved.length;
      }
    } catch {
      // Again.
    }
    await process.clock.sleep(20_000);
  }
}

function report(world: World): SeedReport {
  const { seed, time, tables, counts, watch, receivers } = world;
  for (const seen of receivers.seen.values()) counts.requests += seen.length;
  const trace = `${time.steps}/${counts.requests}/${tables.events.size}/${counts.crashes}/${counts.reclaims}`;
  return { seed, violations: watch.violations, steps: time.steps, events: tables.events.size, counts, trace };
}
