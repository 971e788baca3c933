import { expect } from "chai";
import type { Failpoint, Failpoints } from "../ports/failpoints.js";
import { given } from "./passing.js";

export interface FailpointsHarness {
  open(): OpenFailpoints;
  /** Whether a test can arm a place. */
  readonly armed: boolean;
}

export interface OpenFailpoints {
  readonly failpoints: Failpoints;
  arm?(place: Failpoint, act: () => Promise<void> | void): void;
  disarm?(place: Failpoint): void;
}

export function describeFailpoints(adapter: string, harness: FailpointsHarness): void {
  const arming = given(harness.armed, "cannot be armed");

  describe(`${adapter} as Failpoints`, () => {
    const passAll = async (failpoints: Failpoints) => {
      for (const place of PLACES) await failpoints.at(place);
    };

    it("lets everything pass where nothing is armed (P1)", async () => {
      const { failpoints } = harness.open();
      for (const place of PLACES) expect(await failpoints.at(place), place).to.equal(undefined);
    });

    arming("lets every place pass but the one that is armed (P1)", async () => {
      for (const armed of PLACES) {
        const open = harness.open();
        let times = 0;
        open.arm?.(armed, () => void times++);
        await passAll(open.failpoints);
        expect(times, armed).to.equal(1);
      }
    });

    arming("lets a place pass again that was disarmed (P1)", async () => {
      const open = harness.open();
      open.arm?.("ack.before", () => {
        throw new Error("armed");
      });
      open.disarm?.("ack.before");
      await passAll(open.failpoints);
    });

    arming("does what was asked each time (P2)", async () => {
      const open = harness.open();
      let times = 0;
      open.arm?.("finish.before_commit", () => void times++);
      for (let round = 0; round < 3; round++) await passAll(open.failpoints);
      expect(times).to.equal(3);
    });

    arming("throws what it was asked to throw (P2)", async () => {
      const open = harness.open();
      const [now, later] = [new Error("at once"), new Error("later")];
      open.arm?.("claim.before_commit", () => {
        throw now;
      });
      open.arm?.("claim.after_commit", () => Promise.reject(later));
      expect(await caught(open.failpoints, "claim.before_commit")).to.equal(now);
      expect(await caught(open.failpoints, "claim.after_commit")).to.equal(later);
      expect(await caught(open.failpoints, "claim.after_commit"), "again").to.equal(later);
    });

    arming("stalls for as long as it was asked to (P2)", async () => {
      const open = harness.open();
      const { promise: stall, resolve: goOn } = Promise.withResolvers<void>();
      open.arm?.("http.before_write", () => stall);
      let passed = false;
      const passing = Promise.resolve(open.failpoints.at("http.before_write")).then(() => (passed = true));
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      expect(passed).to.equal(false);
      goOn();
      expect(await passing).to.equal(true);
    });
  });
}

async function caught(failpoints: Failpoints, place: Failpoint): Promise<unknown> {
  try {
    await failpoints.at(place);
    return null;
  } catch (error) {
    return error;
  }
}

/** A place that is missing here does not compile. */
const EVERY: Readonly<Record<Failpoint, true>> = {
  "claim.before_commit": true,
  "claim.after_commit": true,
  "publish.before": true,
  "publish.after_send_before_ack": true,
  "publish.after_ack": true,
  "consume.after_receive": true,
  "attempt.after_begin": true,
  "http.before_write": true,
  "http.after_response": true,
  "finish.before_commit": true,
  "finish.after_commit": true,
  "ack.before": true,
  "ack.after": true,
  "dlq.before": true,
  "next.before_insert": true,
  "recompute.mid_batch": true,
  "migration.mid": true,
};
const PLACES = Object.keys(EVERY) as readonly Failpoint[];
