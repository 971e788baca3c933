import type { Clock, ConsumeOptions, Telemetry } from "@punctual/core";
import type { Received, TextQueue } from "./text-queue.js";

export interface ConsumeQueueDeps {
  /** What troubles are told of. */
  readonly name: string;
  readonly queue: TextQueue;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

export interface Waits {
  /** How long the queue is asked to wait for a message; a consumer that is stopped meanwhile waits no longer than that. */
  readonly waitMs: number;
  /** How long a message is hidden when it was given out, and how much longer each time while it is worked at. */
  readonly hiddenMs: number;
}

/** Requests for messages that are under way at one time. */
const MOST_POLLS = 8;
/** Whoever is still at it after so long is not believed any more: others are given the message. */
const LONGEST_WORK_MS = 900_000;
const PAUSE_MS = 1_000;

/**
 * Takes messages for `work` until the signal is aborted, and returns when all of that has ended. Requests for messages are
 * never cut off: what the queue has just given out would be hidden for nobody's good.
 */
export async function consumeQueue(
  { name, queue, clock, telemetry }: ConsumeQueueDeps,
  options: ConsumeOptions & Waits,
  work: (batch: readonly Received[]) => readonly Promise<void>[],
  signal: AbortSignal,
): Promise<void> {
  const { maxInFlight, maxBatch, waitMs, hiddenMs } = options;
  /** Since when each is worked at. */
  const underWay = new Map<Received, number>();
  let polls = 0;
  /** Places that are kept for what a request may bring. */
  let expected = 0;
  let change = Promise.withResolvers<void>();
  const changed = () => {
    change.resolve();
    change = Promise.withResolvers<void>();
  };
  signal.addEventListener("abort", changed, { once: true });

  const trouble = (error: unknown) => telemetry.note({ kind: "trouble", where: name, error });
  const room = () => Math.min(maxInFlight - underWay.size - expected, maxBatch);

  const take = (batch: readonly Received[]) => {
    for (const [index, ended] of work(batch).entries()) {
      const received = batch[index] as Received;
      underWay.set(received, clock.monotonic());
      void ended.catch(trouble).finally(() => {
        underWay.delete(received);
        changed();
      });
    }
  };
  const giveBack = async (batch: readonly Received[]) => {
    const receipts = batch.map(({ receipt }) => receipt);
    if (receipts.length > 0) await queue.keep(receipts, 0);
  };
  const poll = async (most: number): Promise<number> => {
    expected += most;
    let batch: readonly Received[];
    try {
      batch = await queue.receive({ most, waitMs, hiddenMs });
    } finally {
      expected -= most;
      changed();
    }
    if (signal.aborted) await giveBack(batch);
    else if (batch.length > 0) take(batch);
    return batch.length;
  };

  /** One is always asking where there is room; each that came back full brings another with it. */
  const pollOn = async () => {
    while (!signal.aborted) {
      const most = room();
      if (most <= 0) {
        await change.promise;
        continue;
      }
      try {
        const got = await poll(most);
        if (got === 0 && polls > 1) return;
        if (got === most && polls < MOST_POLLS && room() > 0) start();
      } catch (error) {
        trouble(error);
        await clock.sleep(PAUSE_MS, signal);
      }
    }
  };
  const start = () => {
    polls++;
    void pollOn().finally(() => {
      polls--;
      changed();
    });
  };

  const over = new AbortController();
  const keeping = keepHidden(over.signal);
  if (!signal.aborted) start();
  const atRest = () => polls === 0 && underWay.size === 0;
  while (!atRest()) await change.promise;
  signal.removeEventListener("abort", changed);
  over.abort();
  await keeping;

  /** While work goes on, and only then, its message stays hidden. */
  async function keepHidden(done: AbortSignal): Promise<void> {
    for (;;) {
      await clock.sleep(hiddenMs / 3, done);
      if (done.aborted) return;
      const now = clock.monotonic();
      const working = [...underWay].filter(([, since]) => now - since >= hiddenMs / 4 && now - since < LONGEST_WORK_MS);
      if (working.length === 0) continue;
      const receipts = working.map(([{ receipt }]) => receipt);
      await queue.keep(receipts, hiddenMs).catch(trouble);
    }
  }
}
