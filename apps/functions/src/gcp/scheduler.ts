import { objectionToDeadline, tickRoute } from "@punctual/adapter-gcp/wiring";
import type { Tick } from "@punctual/core";
import { type Environment, read } from "../config.js";
import { type Ground, handingOver, inPlace } from "../container.js";
import { coreSettings, leastLeftMs, settingsOf } from "../settings.js";
import { type Base, baseOf, type Running, running, serving } from "./base.js";
import { groundOf, publishing, sendingOf, tasksOf } from "./parts.js";
import { SHAPES } from "./shapes.js";
import { type CALLERS, isOnTasks, KNOWN, type LINGERING, type Of } from "./variables.js";

/** A tick each minute: hands over what is due, or will be soon; in a single stage it delivers by itself. */
export async function schedulerFor(environment: Environment): Promise<Running> {
  if (environment["PUNCTUAL_SCHEDULER"] === "single-stage") return inOneStage(environment);
  return isOnTasks(environment) ? toTasks(environment) : toPubsub(environment);
}

async function toPubsub(environment: Environment): Promise<Running> {
  const config = read(environment, SHAPES.scheduler, KNOWN);
  const base = await baseOf(config);
  const ground = groundOf(config, base);
  const carried = publishing(config, base);
  const tick = handingOver(ground, carried.transport, coreSettings(settingsOf(config)));
  return ticking(config, { base, ground, tick, close: async () => carried.close() });
}

async function toTasks(environment: Environment): Promise<Running> {
  const config = read(environment, SHAPES["scheduler, tasks"], KNOWN);
  const base = await baseOf(config);
  const ground = groundOf(config, base);
  const tasks = tasksOf(config, base);
  const tick = handingOver(ground, tasks.transport, coreSettings(settingsOf(config)));
  return ticking(config, { base, ground, tick, close: async () => tasks.close() });
}

async function inOneStage(environment: Environment): Promise<Running> {
  const config = read(environment, SHAPES["single-stage"], KNOWN, tooShort);
  const base = await baseOf(config);
  const ground = groundOf(config, base);
  const { tick, sender } = inPlace(ground, sendingOf(config), coreSettings(settingsOf(config)));
  return ticking(config, { base, ground, tick, close: async () => sender.close() });
}

/** By itself a tick delivers nothing that could outlast it. */
function tooShort(config: Of<typeof LINGERING>): readonly string[] {
  const objection = objectionToDeadline(config.PUNCTUAL_TICK_SECONDS * 1_000, leastLeftMs(config.PUNCTUAL_SCHEDULER));
  return objection === null ? [] : [`PUNCTUAL_TICK_SECONDS: ${objection}`];
}

interface Ticking {
  readonly base: Base;
  readonly ground: Ground;
  readonly tick: Tick;
  readonly close: () => Promise<void>;
}

async function ticking(
  config: Of<typeof SHAPES.migrate & typeof CALLERS & typeof LINGERING>,
  { base, ground, tick, close }: Ticking,
): Promise<Running> {
  const { clock, telemetry } = base;
  const maintain = ground.stores.maintenance(clock, telemetry);
  const deadlineMs = config.PUNCTUAL_TICK_SECONDS * 1_000;
  const leastMs = leastLeftMs(config.PUNCTUAL_SCHEDULER);
  const service = await serving(config, base, {
    "POST /tick": tickRoute({ tick, maintain, clock, deadlineMs, leastMs }),
  });
  return running(service, base, async () => Promise.allSettled([close(), ground.stores.close()]));
}
