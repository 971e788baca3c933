import { expect } from "chai";
import type { WakeUps } from "../ports/wake-ups.js";
import { type Passing, settled } from "./passing.js";

export interface WakeUpsHarness {
  open(): Promise<OpenWakeUps>;
  close(): Promise<void>;
}

export interface OpenWakeUps extends Passing {
  readonly wakeUps: WakeUps;
  /** Does what hints: adds an event that is due before all others, for instance. */
  hint(): Promise<void>;
}

/** A single hint may get lost (H1); so many in a row do not. */
const HINTS = 10;

export function describeWakeUps(adapter: string, harness: WakeUpsHarness): void {
  describe(`${adapter} as WakeUps`, () => {
    let open: OpenWakeUps;
    let stop: AbortController;

    beforeEach(async () => {
      open = await harness.open();
      stop = new AbortController();
    });
    afterEach(async () => {
      stop.abort();
      await harness.close();
    });

    const waiting = (signal = stop.signal) => {
      const waiter = { done: false, ended: Promise.resolve() };
      waiter.ended = open.wakeUps.next(signal).then(() => void (waiter.done = true));
      waiter.ended.catch(() => undefined); // not every test asks how it ended
      return waiter;
    };
    const hintUntil = async (holds: () => boolean) => {
      for (let round = 0; round < HINTS && !holds(); round++) {
        await open.hint();
        await open.pass(open.patienceMs);
      }
    };

    it("returns after a hint (H1)", async () => {
      const waiter = waiting();
      await open.pass(1);
      await hintUntil(() => waiter.done);
      expect(waiter.done).to.equal(true);
    });

    it("returns after a hint given right after the call (H1)", async () => {
      for (let round = 0; round < HINTS; round++) {
        const waiter = waiting();
        await open.hint();
        await open.pass(open.patienceMs);
        if (waiter.done) return;
      }
      expect.fail(`${HINTS} hints got lost`);
    });

    it("returns again after the next hint, and waits in between (H1)", async () => {
      for (let round = 0; round < 3; round++) {
        const waiter = waiting();
        await open.pass(open.patienceMs);
        expect(waiter.done, "returned without a hint").to.equal(false);
        await hintUntil(() => waiter.done);
        expect(waiter.done, `after hint ${round + 1}`).to.equal(true);
        await open.pass(open.patienceMs);
      }
    });

    it("wakes all that wait (H1)", async () => {
      const waiters = [waiting(), waiting(), waiting()];
      await open.pass(1);
      await hintUntil(() => waiters.every(({ done }) => done));
      expect(waiters.map(({ done }) => done)).to.deep.equal([true, true, true]);
    });

    it("returns when it is aborted, and no other with it (H1)", async () => {
      const own = new AbortController();
      const [aborted, other] = [waiting(own.signal), waiting()];
      await open.pass(1);
      own.abort(new Error("no error for who waits"));
      await settled("the aborted one", aborted.ended, open, open.patienceMs);
      expect(other.done).to.equal(false);
      await hintUntil(() => other.done);
      expect(other.done).to.equal(true);
    });

    it("returns at once when it was aborted before (H1)", async () => {
      await settled("the aborted one", waiting(AbortSignal.abort()).ended, open, open.patienceMs);
    });
  });
}
