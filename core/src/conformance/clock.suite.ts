import { expect } from "chai";
import type { Clock } from "../ports/clock.js";
import { given, type Passing, settled } from "./passing.js";

export interface ClockHarness {
  open(): OpenClock;
  /** Whether the time of day can be set, as by an operator. */
  readonly steps: boolean;
}

export interface OpenClock extends Passing {
  readonly clock: Clock;
  /** Sets the time of day on, or back. */
  step?(ms: number): void;
}

/** Longer than any timer of the platform can be: 2^31 ms are 24 days. */
const FAR = [2 ** 31 - 1, 2 ** 31, 2 ** 32 + 5, 1e13, Number.MAX_SAFE_INTEGER, Infinity];

export function describeClock(adapter: string, harness: ClockHarness): void {
  const stepping = given(harness.steps, "its time of day cannot be set");

  describe(`${adapter} as a Clock`, () => {
    let open: OpenClock;
    let stop: AbortController;

    beforeEach(() => {
      open = harness.open();
      stop = new AbortController();
    });
    afterEach(() => stop.abort());

    const now = () => open.clock.now().getTime();
    const asleep = (ms: number, signal?: AbortSignal) => {
      const from = open.clock.monotonic();
      const sleep = { done: false, tookMs: 0, ended: Promise.resolve() };
      sleep.ended = open.clock.sleep(ms, signal).then(() => {
        sleep.done = true;
        sleep.tookMs = open.clock.monotonic() - from;
      });
      return sleep;
    };

    it("tells the time of day (C1)", async () => {
      const before = now();
      expect(before).to.be.greaterThan(Date.UTC(2000, 0, 1));
      await open.pass(20);
      expect(now() - before).to.be.within(15, 20 + open.patienceMs);
    });

    it("gives each caller a date of its own (C1)", () => {
      const before = now();
      open.clock.now().setTime(0);
      expect(now()).to.be.at.least(before);
    });

    it("never goes back (C2)", async () => {
      let last = open.clock.monotonic();
      for (let round = 0; round < 2_000; round++) {
        if (round % 500 === 0) await open.pass(1);
        const next = open.clock.monotonic();
        if (!(next >= last)) expect.fail(`${next} after ${last}`);
        last = next;
      }
    });

    it("counts every millisecond (C2)", async () => {
      const from = open.clock.monotonic();
      await open.pass(20);
      expect(open.clock.monotonic() - from).to.be.within(19, 20 + open.patienceMs);
    });

    stepping("does not go back with the time of day (C2)", async () => {
      for (const step of [-3_600_000, 3_600_000]) {
        const [from, day] = [open.clock.monotonic(), now()];
        open.step?.(step);
        expect(now() - day).to.be.within(step, step + open.patienceMs);
        expect(open.clock.monotonic() - from).to.be.within(0, open.patienceMs);
      }
    });

    it("sleeps no shorter than asked (C3)", async () => {
      const asked = [0.2, 0.999, 1, 1.001, 2, 3.7, 5, 7.5, 10];
      const sleeps = asked.map((ms) => asleep(ms));
      await settled("all sleeps", Promise.all(sleeps.map(({ ended }) => ended)), open, 10 + open.patienceMs);
      for (const [index, ms] of asked.entries()) expect(sleeps[index]?.tookMs, `asked for ${ms}`).to.be.at.least(ms);
    });

    it("sleeps again and again no shorter than asked (C3)", async () => {
      for (let round = 0; round < 30; round++) {
        const sleep = asleep(1.5);
        await settled("the sleep", sleep.ended, open, 2 + open.patienceMs);
        expect(sleep.tookMs).to.be.at.least(1.5);
      }
    });

    it("does not sleep where there is nothing to sleep for (C3)", async () => {
      for (const ms of [0, -1, -Infinity]) await settled(`${ms}`, asleep(ms).ended, open, open.patienceMs);
    });

    it("sleeps however long it is asked to (C3)", async () => {
      const sleeps = FAR.map((ms) => asleep(ms, stop.signal));
      await open.pass(25);
      for (const [index, { done }] of sleeps.entries()) expect(done, `${FAR[index]} ms are over`).to.equal(false);
      stop.abort();
      await settled("the sleeps", Promise.all(sleeps.map(({ ended }) => ended)), open, open.patienceMs);
    });

    stepping("sleeps as long as asked whatever becomes of the time of day (C3)", async () => {
      const sleep = asleep(10);
      open.step?.(3_600_000);
      await open.pass(5);
      expect(sleep.done).to.equal(false);
      open.step?.(-7_200_000);
      await settled("the sleep", sleep.ended, open, 5 + open.patienceMs);
    });

    it("ends a sleep at once when it is aborted, and no other (C3)", async () => {
      const [aborted, other] = [asleep(60_000, stop.signal), asleep(5)];
      await open.pass(1);
      stop.abort(new Error("no error for the sleeper"));
      await settled("the sleep", aborted.ended, open, open.patienceMs);
      await settled("the other", other.ended, open, 5 + open.patienceMs);
      expect(other.tookMs).to.be.at.least(5);
    });

    it("does not sleep where it was aborted before (C3)", async () => {
      await settled("the sleep", asleep(60_000, AbortSignal.abort()).ended, open, open.patienceMs);
    });
  });
}
