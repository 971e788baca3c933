import type { Clock, Message, MessageHandler, MessageVerdict } from "@punctual/core";
import type { Envelopes } from "../envelopes.js";
import type { Received } from "./text-queue.js";

export interface JudgeDeps {
  readonly envelopes: Envelopes;
  readonly clock: Clock;
}

/** Many queues know whole seconds: what is given out less than this ahead of its time is held here. */
const HOLD_MS = 1_500;

interface Readable {
  readonly place: number;
  readonly message: Message;
  readonly earlyMs: number;
}

/**
 * A verdict on each text of a batch: by the handler, where it is a message and its time has come. None waits for another;
 * those of one time go to the handler together.
 */
export function judge(
  batch: readonly Received[],
  handle: MessageHandler,
  { envelopes, clock }: JudgeDeps,
  signal?: AbortSignal,
): readonly Promise<MessageVerdict>[] {
  const verdicts: Promise<MessageVerdict>[] = [];
  const readable: Readable[] = [];
  const now = clock.now().getTime();
  for (const [place, { body }] of batch.entries()) {
    const opened = envelopes.open(body);
    if ("objection" in opened) verdicts[place] = Promise.resolve({ kind: "reject", reason: opened.objection });
    else {
      const earlyMs = Math.max(0, opened.message.notBefore.getTime() - now);
      if (earlyMs > HOLD_MS) verdicts[place] = Promise.resolve({ kind: "retry", inMs: earlyMs });
      else readable.push({ place, message: opened.message, earlyMs });
    }
  }
  for (const [earlyMs, group] of Map.groupBy(readable, (one) => one.earlyMs)) {
    const judged = earlyMs === 0 ? judgeNow(group, handle) : judgeLater(group, now + earlyMs);
    for (const [index, { place }] of group.entries()) {
      verdicts[place] = judged.then(async (some) => (await some[index]) ?? AGAIN);
    }
  }
  return verdicts;

  async function judgeLater(group: readonly Readable[], at: number): Promise<readonly Promise<MessageVerdict>[]> {
    // A timer may end a moment before the clock says so.
    for (let left = at - now; left > 0 && signal?.aborted !== true; left = at - clock.now().getTime()) {
      await clock.sleep(left, signal);
    }
    return signal?.aborted === true ? [] : judgeNow(group, handle);
  }
}

/** For what nobody has taken. */
export const AGAIN: MessageVerdict = { kind: "retry", inMs: 0 };

/** A handler that throws, where it should reject, harms no others. */
async function judgeNow(
  group: readonly Readable[],
  handle: MessageHandler,
): Promise<readonly Promise<MessageVerdict>[]> {
  return handle(group.map(({ message }) => message));
}
