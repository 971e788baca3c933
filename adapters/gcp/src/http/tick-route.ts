import type { Clock, Tick } from "@punctual/core";
import type { Handler, Reply } from "./service.js";

export interface TickRouteDeps {
  readonly tick: Pick<Tick, "run">;
  /** A round of what has to be done from time to time. */
  readonly maintain: (signal: AbortSignal) => Promise<void>;
  readonly clock: Pick<Clock, "sleep">;
  /** How long Cloud Scheduler waits for the answer: the `attemptDeadline` of its job. */
  readonly deadlineMs: number;
  /** What a tick needs at the least to take anything at all. */
  readonly leastMs: number;
}

/** For the way here and back, and for a process that has to start first. */
const MARGIN_MS = 5_000;
/** What maintenance may take at the most. */
const MAINTENANCE_MS = 10_000;

/** What a second request is told. */
const UNDER_WAY: Reply = { status: 200, body: { underWay: true } };

/**
 * One tick a request, within the time that Cloud Scheduler waits. A request that comes while a tick is under way is answered
 * with 200, and does nothing: all other answers are failures to Cloud Scheduler, which it counts, alerts of, and tries again
 * where it may; and what it asks for is being done.
 */
export function tickRoute({ tick, maintain, clock, deadlineMs, leastMs }: TickRouteDeps): Handler {
  const budgetMs = deadlineMs - MARGIN_MS;
  if (budgetMs <= leastMs) {
    throw new TypeError(
      `A tick needs a deadline of more than ${leastMs + MARGIN_MS} ms, and this one is ${deadlineMs}`,
    );
  }
  let underWay = false;
  const run = async (stopping: AbortSignal): Promise<Reply> => {
    const over = new AbortController();
    const end = AbortSignal.any([over.signal, stopping]);
    // Beside the tick, which may take all the time that there is; what takes too long goes on the next time.
    const long = clock.sleep(Math.min(budgetMs / 4, MAINTENANCE_MS), end).then(() => over.abort());
    const maintained = maintain(end).finally(() => over.abort());
    // Nobody waits for it yet, and Node would end the process for a failure that nobody waits for.
    maintained.catch(() => undefined);
    const report = await tick.run(budgetMs, stopping).finally(() => over.abort());
    await Promise.all([maintained, long]);
    return { status: 200, body: report };
  };
  return async ({ stopping }) => {
    if (underWay) return UNDER_WAY;
    underWay = true;
    try {
      return await run(stopping);
    } finally {
      underWay = false;
    }
  };
}
