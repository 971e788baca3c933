import { expect } from "chai";
import type { MemoryClock } from "../memory/clock.js";

/** Lets so much time pass for what is tested, by moving its clock or by waiting, and whatever is ready to run, run. */
export type Pass = (ms: number) => Promise<void>;

/** How an adapter's time goes by in a test. */
export interface Passing {
  readonly pass: Pass;
  /** What needs no time of its own is done within so much: what the machine and the network take. */
  readonly patienceMs: number;
}

/**
 * Moves a clock of `@punctual/core/memory` from sleeper to sleeper, and lets each do what it woke for before the next one
 * wakes; `turn` lets everything run that waits for nothing but its turn.
 */
export function passOn(clock: MemoryClock, turn: () => Promise<void>): Pass {
  return async (ms) => {
    const end = clock.monotonic() + ms;
    await turn();
    for (;;) {
      const wake = clock.nextWake;
      const wait = wake === null ? Infinity : wake.getTime() - clock.now().getTime();
      if (clock.monotonic() + wait > end) break;
      clock.advance(wait);
      await turn();
    }
    clock.advance(end - clock.monotonic());
    await turn();
  };
}

/** Lets time pass, at first little, until the condition holds; fails if it does not within `ms`. */
export async function eventually(what: string, holds: () => boolean, { pass }: Passing, ms: number): Promise<void> {
  const end = Math.max(1, ms);
  for (let passed = 0, step = 1; !holds() && passed < end; step = Math.min(2 * step, Math.max(1, end / 20))) {
    await pass(step);
    passed += step;
  }
  if (!holds()) expect.fail(`${what}: not within ${ms} ms`);
}

/** Lets time pass until the promise is settled; fails if it is not within `ms`. */
export async function settled<T>(what: string, promise: Promise<T>, passing: Passing, ms: number): Promise<T> {
  const state = { done: false };
  const done = () => (state.done = true);
  promise.then(done, done);
  await eventually(what, () => state.done, passing, ms);
  return promise;
}

/** A promise that somebody else settles, and whether it was. */
export class Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.opened = promise;
    this.open = resolve;
  }
}

/** `it`, or, where the adapter lacks what the case needs, a skip that says so in its title. */
export function given(able: boolean, lack: string): (title: string, run: () => Promise<void> | void) => void {
  return (title, run) => void (able ? it(title, run) : it(`${title} (skipped: ${lack})`));
}
