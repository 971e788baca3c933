import { randomInt } from "node:crypto";
import type { BreakerOptions } from "@punctual/core";
import { bucketsOf, mostWithin, rounded } from "./figures.js";
import type { Options } from "./options.js";
import type { Arrival } from "./orders.js";
import type { Outcome } from "./outcome.js";
import type { AttemptRecord, EventRecord } from "./records.js";
import { inScene, onServer, type Scene } from "./scene.js";
import { tallyOf } from "./tally.js";
import { totalOf } from "./worker-reports.js";

/** How long it lasts, and with what the events are tried again. */
interface Plan {
  readonly perSecond: number;
  readonly beforeMs: number;
  readonly downMs: number;
  readonly afterMs: number;
  readonly drainMs: number;
  /** Left out, it is as it comes. */
  readonly retry?: { readonly maxAttempts: number; readonly initial: string; readonly cap: string };
  readonly breaker?: Partial<BreakerOptions>;
}

const MOST_IN_A_SECOND = 0.05;
/** Where few were deferred they may come as fast as this many times what comes due anyway. */
const FEW = 2;

function planOf({ minutes = 10, events, perSecond }: Options): Plan {
  const downMs = minutes * 60_000;
  const rate = (usual: number) => (events === undefined ? (perSecond ?? usual) : (events * 1_000) / downMs);
  if (minutes >= 2) {
    return { perSecond: rate(10), beforeMs: 10_000, downMs, afterMs: 60_000, drainMs: 3 * downMs };
  }
  return {
    ...{ perSecond: rate(50), beforeMs: 2_000, downMs, afterMs: 5_000, drainMs: 60_000 },
    retry: { maxAttempts: 100, initial: "PT2S", cap: "PT10S" },
    // What it turns away comes back over as long a time, so that must not be too short for what it has to spread.
    breaker: { pauseMs: 3_000, longestPauseMs: 10_000 },
  };
}

/** A receiver's process ends, and another takes its place after a while: nothing may be lost, and nothing come at once. */
export async function outage(options: Options): Promise<Outcome> {
  const plan = planOf(options);
  const { breaker = {}, retry } = plan;
  console.log(
    `Retries ${JSON.stringify(retry ?? "as they come")}, breaker ${JSON.stringify(plan.breaker ?? "as it comes")}`,
  );
  return onServer((server) => inScene(server, { shape: options.shape, breaker }, (scene) => run(scene, plan)));
}

async function run(scene: Scene, plan: Plan): Promise<Outcome> {
  const { perSecond, beforeMs, downMs, afterMs, drainMs, retry } = plan;
  const ports = [randomInt(20_000, 30_000)]; // which nobody is given while it is free
  const first = await scene.receiver({ ports });
  const destination = await scene.destination(ports[0] ?? 0);
  const workers = await scene.workers(1);
  const count = Math.floor(((beforeMs + downMs + afterMs) * perSecond) / 1_000);
  const from = scene.afterAdding(count);
  const dueAt = (number: number) => from + Math.floor((number * 1_000) / perSecond);
  await scene.add(
    Array.from({ length: count }, (_, number) => ({ destination, dueAt: dueAt(number), ...(retry && { retry }) })),
  );

  await scene.clock.sleep(from + beforeMs - Date.now());
  const before = await first.end();
  const goneAt = Date.now();
  await scene.clock.sleep(from + beforeMs + downMs - Date.now());
  const second = await scene.receiver({ ports });
  const backAt = Date.now();
  await scene.clock.sleep(afterMs);
  const open = await scene.records.drained(drainMs);

  const report = totalOf(await Promise.all(workers.map((worker) => worker.end())));
  const after = await second.end();
  const events = await scene.records.events();
  const attempts = await scene.records.attempts();
  const tally = tallyOf([...before, ...after], attempts);
  const completed = events.filter(({ state }) => state === "COMPLETED").length;
  const spread = spreadOf(events, after, backAt);
  const most = Math.max(Math.floor(MOST_IN_A_SECOND * spread.deferred), FEW * perSecond);
  return {
    trial: "outage",
    figures: {
      ...{ plan, events: count, completed, open, ...tally },
      ...{ downSeconds: rounded((backAt - goneAt) / 1_000), ...spread, ...deadOf(attempts, goneAt, backAt), ...report },
    },
    demands: [
      { what: "all events are delivered", seen: `${completed} of ${count}`, held: completed === count && open === 0 },
      {
        what: "requests are attempts, but for those refused a connection",
        seen: `${tally.requests} of ${tally.attempts}, ${tally.unconnected} refused, ${tally.brokenOff} broken off, ${tally.unmatched} unmatched`,
        held: tally.unmatched === 0,
      },
      {
        what: "one body for all attempts of an event",
        seen: `${tally.changedBodies} changed`,
        held: tally.changedBodies === 0,
      },
      {
        what: `no second after the return holds more than ${most} of what was deferred`,
        seen: `${spread.fullestSecond} of ${spread.deferred}, with all others ${spread.peakPerSecond} in a second`,
        held: spread.fullestSecond <= most,
      },
    ],
  };
}

/** How what came due before the return was spread after it. */
function spreadOf(events: readonly EventRecord[], after: readonly Arrival[], backAt: number) {
  const waiting = new Set(events.filter(({ dueAt }) => dueAt < backAt).map(({ id }) => id));
  const deferred = after.filter(({ id }) => waiting.has(id)).map(({ at }) => at);
  const times = after.map(({ wallAt }) => wallAt - backAt);
  return {
    deferred: deferred.length,
    fullestSecond: Math.max(0, ...bucketsOf(deferred, 1_000)),
    peakPerSecond: mostWithin(times, 1_000),
    firstAfterMs: rounded(Math.min(...times)),
    seconds: bucketsOf(deferred, 1_000).length,
  };
}

/** What the receiver was asked while it was down. */
function deadOf(attempts: readonly AttemptRecord[], goneAt: number, backAt: number) {
  const times = attempts.map(({ startedAt }) => startedAt).filter((at) => at > goneAt && at < backAt);
  return { dialsWhileDown: times.length, mostDialsInASecond: mostWithin(times, 1_000) };
}
