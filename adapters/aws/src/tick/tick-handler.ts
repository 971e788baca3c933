import type { Clock, Tick, TickReport } from "@punctual/core";
import { type Around, type Invocation, within } from "../invocation.js";

export interface TickHandlerDeps {
  readonly tick: Pick<Tick, "run">;
  /** A round of what has to be done from time to time. */
  readonly maintain: (signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly around: Around;
  /** What a tick needs at the least to take anything at all. */
  readonly leastMs: number;
}

/** For the answer and the metrics. */
const MARGIN_MS = 1_500;
/** What maintenance may take at the most. */
const MAINTENANCE_MS = 10_000;

/** A scheduled invocation: one tick, within the time that the function has. Whatever triggers it, with whatever event. */
export function tickHandler(deps: TickHandlerDeps): (event: unknown, invocation: Invocation) => Promise<TickReport> {
  const { tick, maintain, clock, around, leastMs } = deps;
  return async (_, invocation) =>
    within(around, async () => {
      const budgetMs = invocation.getRemainingTimeInMillis() - MARGIN_MS;
      if (budgetMs <= leastMs) {
        throw new Error(
          `A tick needs more than ${leastMs + MARGIN_MS} ms, and this function has ${budgetMs + MARGIN_MS}`,
        );
      }
      const over = new AbortController();
      // Beside the tick, which may take all the time that there is; what takes too long goes on the next time.
      const long = clock.sleep(Math.min(budgetMs / 4, MAINTENANCE_MS), over.signal).then(() => over.abort());
      const maintained = maintain(over.signal).finally(() => over.abort());
      // Nobody waits for it yet, and Node would end the process for a failure that nobody waits for.
      maintained.catch(() => undefined);
      const report = await tick.run(budgetMs).finally(() => over.abort());
      await Promise.all([maintained, long]);
      return report;
    });
}
