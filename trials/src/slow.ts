import type { Destination } from "@punctual/core";
import { median, percentile, rounded } from "./figures.js";
import type { Options } from "./options.js";
import type { Arrival, WorkerReport } from "./orders.js";
import type { Outcome } from "./outcome.js";
import type { EventRecord } from "./records.js";
import { inScene, onServer, type Scene, type Wanted } from "./scene.js";
import { type Tally, tallyOf } from "./tally.js";
import { totalOf } from "./worker-reports.js";

const RECEIVERS = 50;
const ANSWER_MS = 30_000;
const TIMEOUT_MS = 60_000;
/** Before this nothing is measured: a process that has just started is slow. */
const WARM_UP_MS = 3_000;
const DRAIN_MS = 30_000;
const MOST_RATIO = 2;

interface Plan {
  readonly seconds: number;
  readonly perSecond: number;
  /** For the receiver that answers late, all due when the measuring begins. */
  readonly slowEvents: number;
}

interface Round {
  /** How late the events of the healthy were sent. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** The latest of each second. */
  readonly bySecond: readonly number[];
  /** The same, from due to the receiver. */
  readonly arrivedP99: number;
  readonly open: number;
  readonly tally: Tally;
  /** Events that are on record as sent later than their receivers saw them. */
  readonly contradicted: number;
  readonly slowRequests: number;
  readonly report: WorkerReport;
}

/** One receiver takes 30 s to answer, and gets thousands of events at once: fifty others must hardly notice. */
export async function slow(options: Options): Promise<Outcome> {
  const { seconds = 30, perSecond = 200, events = 5_000, rounds = 2 } = options;
  return onServer(async (server) => {
    const sides: Readonly<Record<"without" | "with", Round[]>> = { without: [], with: [] };
    for (let round = 0; round < rounds; round++) {
      for (const side of ["without", "with"] as const) {
        const plan = { seconds, perSecond, slowEvents: side === "with" ? events : 0 };
        const seen = await inScene(server, options, (scene) => runRound(scene, plan));
        sides[side].push(seen);
        const { report, tally: _, ...facts } = seen;
        console.log(`${side.padEnd(7)}  ${JSON.stringify({ ...facts, ...report })}`);
      }
    }
    return outcomeOf(sides, { seconds, perSecond, slowEvents: events });
  });
}

async function runRound(scene: Scene, { seconds, perSecond, slowEvents }: Plan): Promise<Round> {
  const receiver = await scene.receiver({ ports: new Array<number>(RECEIVERS).fill(0) });
  const late = await scene.receiver({ answerMs: ANSWER_MS });
  const healthy = await Promise.all(
    (await receiver.ready).ports.map((port, place) => scene.destination(port, {}, `healthy-${place + 1}`)),
  );
  const slowOne = await scene.destination((await late.ready).ports[0] ?? 0, { timeoutMs: TIMEOUT_MS }, "slow");
  const [worker] = await scene.workers(1);
  const from = await load(scene, healthy, slowOne, { seconds, perSecond, slowEvents });
  await scene.clock.sleep(from + seconds * 1_000 - Date.now());
  const open = await scene.records.drained(
    DRAIN_MS,
    healthy.map(({ id }) => id),
  );

  const ending = worker?.end();
  const slowArrivals = await late.end(); // which ends all requests that wait there
  const report = totalOf((await Promise.all([ending])).flatMap((one) => one ?? []));
  const arrivals = await receiver.end();
  const ids = new Set(healthy.map(({ id }) => id));
  const all = (await scene.records.events()).filter(({ destinationId }) => ids.has(destinationId));
  const known = new Set(all.map(({ id }) => id));
  const attempts = (await scene.records.attempts()).filter(({ eventId }) => known.has(eventId));
  const measured = all.filter(({ dueAt }) => dueAt >= from);
  return {
    ...latenessOf(measured, arrivals, from),
    open,
    tally: tallyOf(arrivals, attempts),
    slowRequests: slowArrivals.length,
    report,
  };
}

/** Adds the events; answers when the measuring begins. */
async function load(scene: Scene, healthy: readonly Destination[], slowOne: Destination, plan: Plan): Promise<number> {
  const { seconds, perSecond, slowEvents } = plan;
  const count = Math.floor((seconds + WARM_UP_MS / 1_000) * perSecond);
  const from = scene.afterAdding(count + slowEvents) + WARM_UP_MS;
  const steady = Array.from({ length: count }, (_, number): Wanted[] => {
    const destination = healthy[number % healthy.length];
    const dueAt = from - WARM_UP_MS + Math.floor((number * 1_000) / perSecond);
    return destination === undefined ? [] : [{ destination, dueAt }];
  });
  const burst = Array.from({ length: slowEvents }, () => ({ destination: slowOne, dueAt: from }));
  await scene.add([...burst, ...steady.flat()]);
  return from;
}

function latenessOf(events: readonly EventRecord[], arrivals: readonly Arrival[], from: number) {
  const lateness = events.map(({ latenessMs }) => latenessMs ?? Infinity);
  const first = new Map(arrivals.filter(({ attempt }) => attempt === 1).map(({ id, wallAt }) => [id, wallAt]));
  const arrived = events.map(({ id, dueAt }) => (first.get(id) ?? Infinity) - dueAt);
  const bySecond = Map.groupBy(events, ({ dueAt }) => Math.floor((dueAt - from) / 1_000));
  return {
    bySecond: [...bySecond.keys()]
      .sort((one, other) => one - other)
      .map((second) => Math.max(...(bySecond.get(second) ?? []).map(({ latenessMs }) => latenessMs ?? Infinity))),
    p50: rounded(percentile(lateness, 0.5)),
    p99: rounded(percentile(lateness, 0.99)),
    max: rounded(percentile(lateness, 1)),
    arrivedP99: rounded(percentile(arrived, 0.99)),
    // A whole millisecond is all that the database keeps.
    contradicted: events.filter((_, index) => (arrived[index] ?? 0) + 1 < (lateness[index] ?? 0)).length,
  };
}

function outcomeOf(sides: Readonly<Record<"without" | "with", readonly Round[]>>, plan: Plan): Outcome {
  const of = (side: "without" | "with", figure: "p99" | "arrivedP99") => median(sides[side].map((one) => one[figure]));
  const [without, withIt] = [of("without", "p99"), of("with", "p99")];
  const ratio = rounded(withIt / without, 2);
  const arrivedRatio = rounded(of("with", "arrivedP99") / of("without", "arrivedP99"), 2);
  const all = [...sides.without, ...sides.with];
  const open = all.reduce((sum, one) => sum + one.open, 0);
  const contradicted = all.reduce((sum, one) => sum + one.contradicted, 0);
  const unmatched = all.reduce((sum, { tally }) => sum + tally.unmatched + tally.brokenOff + tally.unconnected, 0);
  const seen = `${withIt} ms with, ${without} ms without: ${ratio} times`;
  const arrived = `${of("with", "arrivedP99")} ms with, ${of("without", "arrivedP99")} ms without: ${arrivedRatio} times`;
  return {
    trial: "slow",
    figures: { ...plan, p99Without: without, p99With: withIt, ratio, arrivedRatio, ...sides },
    demands: [
      {
        what: `p99 lateness of the healthy is at most ${MOST_RATIO} times that without`,
        seen,
        held: ratio <= MOST_RATIO,
      },
      { what: "and so it is as their receivers saw it", seen: arrived, held: arrivedRatio <= MOST_RATIO },
      { what: "none was seen before it is on record as sent", seen: contradicted, held: contradicted === 0 },
      { what: "all events of the healthy are delivered", seen: `${open} open`, held: open === 0 },
      { what: "requests are attempts", seen: `${unmatched} unmatched`, held: unmatched === 0 },
    ],
  };
}
