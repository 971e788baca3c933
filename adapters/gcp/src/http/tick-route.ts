import type { Clock, Tick } from "@punctual/core";
import type { Handler, Reply } from "./service.js";

export interface TickRouteDeps {
  readonly tick: Pick<Tick, "run">;
  /** A round of what has to be done from time to time. */
  readonly maintain: (signal: AbortSignal) => Promise<void>;
  readonly clock: Pick<Clock, "monotonic" | "sleep">;
  /** How long Cloud Scheduler waits for the answer: the `attemptDeadline` of its job. */
  readonly deadlineMs: number;
  /** What a tick needs at the least to take anything at all. */
  readonly leastMs: number;
}

/** For the way here and back, and for a process that has to start first. */
const MARGIN_MS = 5_000;
/** What maintenance may take at the most. */
const MAINTENANCE_MS = 10_000;

/** Two requests that come closer together than this are one trigger that came twice. */
const TWICE_MS = 10_000;

/** What a tick that is relieved may take to give back what it holds. */
const RELIEF_MS = 1_000;

const UNDER_WAY: Reply = { status: 200, body: { underWay: true } };

/** Why a tick cannot do anything within such a deadline; null if it can. */
export function objectionToDeadline(deadlineMs: number, leastMs: number): string | null {
  if (deadlineMs - MARGIN_MS > leastMs) return null;
  return `A tick needs a deadline of more than ${leastMs + MARGIN_MS} ms, and this one is ${deadlineMs}`;
}

/**
 * One tick a request, within the time that Cloud Scheduler waits. A tick that lingers is relieved by the next one: it gives
 * back what it holds and answers, and the new one goes on at once. So with a deadline of more than a minute there is no
 * moment without a tick, even where a trigger is late. A request that comes on the heels of another one is answered with 200
 * and does nothing: all other answers are failures to Cloud Scheduler, which it counts, alerts of, and tries again.
 */
export function tickRoute({ tick, maintain, clock, deadlineMs, leastMs }: TickRouteDeps): Handler {
  const budgetMs = deadlineMs - MARGIN_MS;
  const objection = objectionToDeadline(deadlineMs, leastMs);
  if (objection !== null) throw new TypeError(objection);
  const run = async (told: AbortSignal): Promise<Reply> => {
    const over = new AbortController();
    const end = AbortSignal.any([over.signal, told]);
    // Beside the tick, which may take all the time that there is; what takes too long goes on the next time.
    const long = clock.sleep(Math.min(budgetMs / 4, MAINTENANCE_MS), end).then(() => over.abort());
    const maintained = maintain(end).finally(() => over.abort());
    // Nobody waits for it yet, and Node would end the process for a failure that nobody waits for.
    maintained.catch(() => undefined);
    const report = await tick.run(budgetMs, told).finally(() => over.abort());
    await Promise.all([maintained, long]);
    return { status: 200, body: report };
  };
  /** What it held is there for the next one; yet that does not wait for one that cannot end. */
  const relieve = async ({
    relieved,
    ended,
  }: {
    readonly relieved: AbortController;
    readonly ended: Promise<void>;
  }) => {
    const over = new AbortController();
    relieved.abort();
    await Promise.race([ended, clock.sleep(RELIEF_MS, over.signal)]);
    over.abort();
  };
  let current: { readonly began: number; readonly relieved: AbortController; readonly ended: Promise<void> } | null =
    null;
  return async ({ stopping }) => {
    const began = clock.monotonic();
    if (current !== null && began - current.began < TWICE_MS) return UNDER_WAY;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const mine = { began, relieved: new AbortController(), ended };
    const before = current;
    current = mine;
    try {
      if (before !== null) await relieve(before);
      return await run(AbortSignal.any([stopping, mine.relieved.signal]));
    } finally {
      if (current === mine) current = null;
      end();
    }
  };
}
