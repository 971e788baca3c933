import { expect } from "chai";
import type { BreakerOptions } from "../destinations/breaker.js";
import type { Admission, DestinationGate, GateChange, GateRequest, GateResult } from "../ports/destination-gate.js";
import type { Passing } from "./passing.js";

export interface DestinationGateHarness {
  /** Gates that know of nothing yet. */
  open(): Promise<OpenDestinationGate>;
  close(): Promise<void>;
}

/** `patienceMs` is how far the gate's time may be from the test's: 0 on a clock that is moved. */
export interface OpenDestinationGate extends Passing {
  /** The gates of two workers, over the same state. */
  readonly gates: readonly [DestinationGate, DestinationGate];
  readonly options: BreakerOptions;
  now(): number;
}

const RATE = 10;

export function describeDestinationGate(adapter: string, harness: DestinationGateHarness): void {
  describe(`${adapter} as a DestinationGate`, () => {
    let open: OpenDestinationGate;
    let made: number;

    beforeEach(async () => {
      open = await harness.open();
      made = 0;
    });
    afterEach(() => harness.close());

    const request = (of: Partial<GateRequest> = {}): GateRequest => ({
      destinationId: id("d", 1),
      eventId: id("e", ++made),
      ratePerSecond: null,
      concurrency: null,
      leaseMs: 600_000,
      ...of,
    });
    const crowd = (count: number, of: Partial<GateRequest> = {}) => Array.from({ length: count }, () => request(of));
    const admit = async (requests: readonly GateRequest[], worker: 0 | 1 = 0) => {
      const admissions = await open.gates[worker].admit(requests);
      expect(admissions, "admissions").to.have.length(requests.length);
      return admissions;
    };
    const admitted = async (requests: readonly GateRequest[], worker: 0 | 1 = 0) => {
      const admissions = await admit(requests, worker);
      return requests.filter((_, index) => admissions[index]?.kind === "go");
    };
    const report = async (
      requests: readonly GateRequest[],
      outcome: GateResult["outcome"],
      { durationMs = 10, worker = 0 }: { readonly durationMs?: number; readonly worker?: 0 | 1 } = {},
    ) =>
      open.gates[worker].report(
        requests.map(({ destinationId, eventId }) => ({ destinationId, eventId, outcome, durationMs })),
      );
    /** Requests that go, and end so. */
    const calls = async (count: number, outcome: GateResult["outcome"], of: Partial<GateRequest> = {}) => {
      const requests = crowd(count, of);
      expect(await admitted(requests), "admitted").to.have.length(count);
      return report(requests, outcome);
    };
    const trip = (of: Partial<GateRequest> = {}) => calls(open.options.leastCalls, "failure", of);
    const refused = async (because: string, requests: readonly GateRequest[]) => {
      const admissions = await admit(requests);
      return admissions.map((admission) => {
        expect(admission).to.include({ kind: "later", because });
        return inMs(admission);
      });
    };

    describe("with a rate", () => {
      const limited = { ratePerSecond: RATE };
      /** Lets a crowd ask for so long; answers when each was admitted. */
      const asking = async (ms: number, patient: boolean) => {
        let waiting = crowd(8 * RATE, limited).map((one) => ({ one, at: -Infinity }));
        const times: number[] = [];
        for (const end = open.now() + ms; open.now() < end; await open.pass(25)) {
          const now = open.now();
          const asked = patient ? waiting.filter(({ at }) => at <= now) : waiting;
          const admissions = await admit(
            asked.map(({ one }) => one),
            times.length % 2 === 0 ? 0 : 1,
          );
          for (const [index, admission] of admissions.entries()) {
            const asker = asked[index];
            if (asker === undefined) continue;
            if (admission.kind === "go") {
              times.push(now);
              waiting = waiting.filter((other) => other !== asker);
            } else {
              expect(admission.because).to.equal("rate");
              asker.at = now + inMs(admission);
            }
          }
        }
        return times;
      };
      const expectRate = (times: readonly number[]) => {
        for (const from of times) {
          const within = times.filter((time) => time >= from && time < from + 1_000 - open.patienceMs);
          expect(within.length, `admitted within a second from ${from}`).to.be.at.most(RATE);
        }
      };

      it("admits no more within any second than the rate allows (K1)", async () => {
        expectRate(await asking(3_000, true));
      });

      it("admits no more to those who ask again sooner than told (K1)", async () => {
        expectRate(await asking(2_500, false));
      });

      it("uses the rate, and lets in who asks again when told (K1)", async () => {
        expect((await asking(3_000, true)).length).to.be.at.least(2 * RATE);
      });

      it("admits no more than the rate to two workers that ask at once (K1)", async () => {
        const both = [admitted(crowd(3 * RATE, limited), 0), admitted(crowd(3 * RATE, limited), 1)];
        expect((await Promise.all(both)).flat().length).to.be.within(1, RATE);
      });

      it("counts any second, wherever it begins (K1)", async () => {
        for (const [index, pause] of [0, 300, 600, 900].entries()) {
          const here = { ...limited, destinationId: id("d", 10 + index) };
          await open.pass(pause);
          const before = await admitted(crowd(3 * RATE, here));
          await open.pass(150);
          const after = await admitted(crowd(3 * RATE, here));
          expect(before.length + after.length).to.be.within(1, RATE);
        }
      });

      it("saves nothing up while nobody asks (K1)", async () => {
        await admit(crowd(1, limited));
        await open.pass(3_000);
        expect((await admitted(crowd(5 * RATE, limited))).length).to.be.within(1, RATE);
      });

      it("tells a crowd different times to come back at (K1)", async () => {
        const admissions = (await admit(crowd(4 * RATE, limited))).filter(({ kind }) => kind === "later");
        const times = admissions.map(inMs);
        expect(Math.max(...times) - Math.min(...times), "spread").to.be.at.least(1_500);
      });

      it("forgets a crowd that does not come back (K1)", async () => {
        await admit(crowd(30 * RATE, limited));
        await open.pass(10_000);
        await admitted(crowd(1, limited));
        const waits = await refused("rate", crowd(3, limited));
        expect(Math.max(...waits), "told to come back in").to.be.at.most(5_000);
      });

      it("tells nobody to wait for longer than some minutes, and then too not all the same (K1)", async () => {
        const slow = { ratePerSecond: 1 };
        const times = (await admit(crowd(1_000, slow))).map(inMs);
        expect(Math.max(...times)).to.be.at.most(600_000);
        for (const [ms, count] of counted(times)) expect(count, `told to come back in ${ms} ms`).to.be.at.most(10);
      });
    });

    it("admits everything where there is no limit (K1)", async () => {
      expect(await admitted(crowd(500))).to.have.length(500);
    });

    describe("with a concurrency", () => {
      const limited = { concurrency: 3 };

      it("admits no more at one time than the concurrency allows (K2)", async () => {
        const requests = crowd(10, limited);
        expect(await admitted(requests)).to.have.length(3);
        await refused("concurrency", crowd(2, limited));
      });

      it("admits no more to two workers that ask at once (K2)", async () => {
        const both = [admitted(crowd(10, limited), 0), admitted(crowd(10, limited), 1)];
        expect((await Promise.all(both)).flat()).to.have.length(3);
      });

      for (const outcome of ["success", "failure", "none"] as const) {
        it(`has a place again for each request that is reported as ${outcome} (K2)`, async () => {
          const first = await admitted(crowd(5, limited));
          await report(first.slice(0, 2), outcome);
          expect(await admitted(crowd(5, limited), 1)).to.have.length(2);
        });
      }

      it("has no place for a report of what it did not admit (K2)", async () => {
        const first = await admitted(crowd(3, limited));
        await report(crowd(5, limited), "none");
        await refused("concurrency", crowd(3, limited));
        await report(first.slice(0, 1), "none");
        await report(first.slice(0, 1), "none");
        expect(await admitted(crowd(5, limited))).to.have.length(1);
      });

      it("has the places again of workers that were never heard of, when their leases end (K2)", async () => {
        expect(await admitted(crowd(2, { ...limited, leaseMs: 800 }))).to.have.length(2);
        expect(await admitted(crowd(1, { ...limited, leaseMs: 5_000 }))).to.have.length(1);
        await open.pass(400);
        await refused("concurrency", crowd(3, limited));
        await open.pass(401 + open.patienceMs);
        expect(await admitted(crowd(5, limited))).to.have.length(2);
      });

      it("keeps no place for what it did not admit (K2)", async () => {
        const first = await admitted(crowd(3, limited));
        for (let round = 0; round < 5; round++) await admit(crowd(3, limited));
        await report(first, "none");
        expect(await admitted(crowd(5, limited))).to.have.length(3);
      });

      it("has one place again for a lease that ends, whatever is reported then (K2)", async () => {
        const [late] = await admitted(crowd(1, { ...limited, leaseMs: 800 }));
        expect(await admitted(crowd(5, limited))).to.have.length(2);
        await open.pass(801 + open.patienceMs);
        expect(await admitted(crowd(5, limited))).to.have.length(1);
        await report(late === undefined ? [] : [late], "success");
        await refused("concurrency", crowd(3, limited));
      });

      it("has a place again that another worker gave, and has it once (K2)", async () => {
        const [first] = await admitted(crowd(3, limited), 1);
        await report(first === undefined ? [] : [first], "success", { worker: 1 });
        const both = [admitted(crowd(5, limited), 0), admitted(crowd(5, limited), 1)];
        expect((await Promise.all(both)).flat()).to.have.length(1);
      });

      it("tells a crowd different times, further apart the longer requests take (K2)", async () => {
        /** When the last of a crowd is told to come back, after requests that took so long. */
        const lastAfter = async (durations: readonly number[], here: Partial<GateRequest>) => {
          for (const durationMs of durations) {
            await report(await admitted(crowd(1, here)), "success", { durationMs });
            await report(await admitted(crowd(1, here)), "none", { durationMs: 0 });
          }
          await admit(crowd(3, here));
          const times = await refused("concurrency", crowd(20, here));
          expect(new Set(times).size, "different times").to.be.at.least(15);
          return Math.max(...times);
        };
        const [short, long] = [Array<number>(20).fill(300), Array<number>(20).fill(6_000)];
        const [atShort, atLong, atShorter, atLonger] = [
          await lastAfter(short, { ...limited, destinationId: id("d", 1) }),
          await lastAfter(long, { ...limited, destinationId: id("d", 2) }),
          await lastAfter([...long, ...short], { ...limited, destinationId: id("d", 3) }),
          await lastAfter([...short, ...long], { ...limited, destinationId: id("d", 4) }),
        ];
        expect(atShort, "after short ones").to.be.within(500, 10_000);
        expect(atLong, "after long ones").to.be.within(10_000, 200_000);
        expect(atShorter, "shorter now").to.be.lessThan(atLong / 2);
        expect(atLonger, "longer now").to.be.greaterThan(atShort * 2);
      });

      it("forgets a crowd that does not come back (K2)", async () => {
        const first = await admitted(crowd(3, limited));
        await report(first, "success", { durationMs: 10_000 });
        await admit(crowd(100, limited));
        await open.pass(60_000);
        const waits = await refused("concurrency", crowd(3, limited));
        expect(Math.max(...waits), "told to come back in").to.be.at.most(20_000);
      });

      it("tells when to ask again (K2)", async () => {
        await admit(crowd(3, limited));
        for (const ms of await refused("concurrency", crowd(3, limited))) expect(ms).to.be.within(1, 60_000);
      });
    });

    describe("with a breaker", () => {
      /** When the first of those that are turned away comes back: for the probe. */
      const nothing = async (count = 10) => Math.min(...(await refused("breaker", crowd(count))));
      /** Lets the pause of an open breaker go by. */
      const untilProbe = async () => open.pass((await nothing(1)) + open.patienceMs);
      const onlyOne = async () => {
        const both = await Promise.all([admitted(crowd(10), 0), admitted(crowd(10), 1)]);
        expect(both.flat(), "probes").to.have.length(1);
        return both.flat();
      };

      it("admits nothing once it is open (K3)", async () => {
        expect(await trip()).to.deep.equal([{ destinationId: id("d", 1), breaker: "open", failingTooLong: false }]);
        const longest = await nothing();
        expect(longest, "told to come back in").to.be.within(1, open.options.pauseMs);
        await open.pass(open.options.pauseMs / 2);
        await nothing();
      });

      it("lets those come back in a row that it turned away, over as long a time as its pause (K3)", async () => {
        await trip();
        const { pauseMs } = open.options;
        const told = await refused("breaker", crowd(200));
        expect(Math.min(...told), "the first").to.be.within(1, pauseMs);
        expect(Math.max(...told), "the last").to.be.at.most(2 * pauseMs);
        const buckets = Map.groupBy(told, (inMs) => Math.floor(inMs / (pauseMs / 20)));
        const fullest = Math.max(...[...buckets.values()].map((bucket) => bucket.length));
        expect(fullest, "in a twentieth of the pause").to.be.at.most(20);
      });

      it("opens by what all workers report together (K3)", async () => {
        const requests = crowd(open.options.leastCalls);
        await admitted(requests);
        await report(requests.slice(0, 2), "failure", { worker: 0 });
        const changes = await report(requests.slice(2), "failure", { worker: 1 });
        expect(changes).to.deep.equal([{ destinationId: id("d", 1), breaker: "open", failingTooLong: false }]);
        expect(await admitted(crowd(5), 0)).to.deep.equal([]);
        expect(await admitted(crowd(5), 1)).to.deep.equal([]);
      });

      it("admits a single probe after its pause, however many ask (K3)", async () => {
        await trip();
        await untilProbe();
        await onlyOne();
        await nothing();
      });

      it("closes when a probe succeeds (K3)", async () => {
        await trip();
        await untilProbe();
        const changes = await report(await onlyOne(), "success");
        expect(changes).to.deep.equal([{ destinationId: id("d", 1), breaker: "closed", failingTooLong: false }]);
        expect(await admitted(crowd(50))).to.have.length(50);
      });

      it("opens again when a probe fails, for no less time (K3)", async () => {
        await trip();
        await untilProbe();
        await report(await onlyOne(), "failure");
        expect(await nothing(), "told to come back in").to.be.at.least(open.options.pauseMs - open.patienceMs);
        await open.pass(open.options.pauseMs / 2);
        await nothing();
        await untilProbe();
        await report(await onlyOne(), "success");
        expect(await admitted(crowd(10))).to.have.length(10);
      });

      it("never pauses for longer than it may (K3)", async () => {
        await trip();
        for (let round = 0; round < 6; round++) {
          await untilProbe();
          await report(await onlyOne(), "failure");
          expect(await nothing()).to.be.at.most(open.options.longestPauseMs);
        }
      });

      for (const outcome of ["never reported", "none"] as const) {
        it(`admits another probe when the outcome of one is ${outcome} (K3)`, async () => {
          await trip();
          await untilProbe();
          const probe = await onlyOne();
          if (outcome === "none") await report(probe, outcome);
          await open.pass(open.options.longestPauseMs + open.patienceMs);
          await report(await onlyOne(), "success");
          expect(await admitted(crowd(10))).to.have.length(10);
        });
      }

      it("pauses no longer for the failures of what was under way when it opened (K3)", async () => {
        const requests = crowd(open.options.leastCalls + 20);
        await admit(requests);
        for (const one of requests) await report([one], "failure");
        expect(await nothing(), "told to come back in").to.be.within(1, open.options.pauseMs);
        await untilProbe();
        await onlyOne();
      });

      it("stays closed while failures are few, rare or long ago (K3)", async () => {
        const { leastCalls, failureShare, windowMs } = open.options;
        await calls(leastCalls - 1, "failure", { destinationId: id("d", 2) });
        expect(await admitted(crowd(5, { destinationId: id("d", 2) })), "few").to.have.length(5);

        await calls(Math.ceil(leastCalls / failureShare), "success", { destinationId: id("d", 3) });
        await calls(leastCalls, "failure", { destinationId: id("d", 3) });
        expect(await admitted(crowd(5, { destinationId: id("d", 3) })), "rare").to.have.length(5);

        await open.pass(2 * windowMs + open.patienceMs);
        await calls(1, "failure", { destinationId: id("d", 2) });
        expect(await admitted(crowd(5, { destinationId: id("d", 2) })), "long ago").to.have.length(5);
      });

      it("counts successes where a rate and a concurrency are given, too (K3)", async () => {
        const { leastCalls, failureShare } = open.options;
        const limited = { ratePerSecond: 1_000_000, concurrency: 1_000 };
        const answers = Array<GateResult["outcome"]>(Math.ceil(leastCalls / failureShare)).fill("success");
        for (const outcome of [...answers, ...Array<GateResult["outcome"]>(leastCalls).fill("failure")]) {
          await calls(1, outcome, limited);
          await open.pass(10);
        }
        expect(await admitted(crowd(1, limited))).to.have.length(1);
      });

      it("does not count successes of long ago (K3)", async () => {
        await calls(10 * open.options.leastCalls, "success");
        await open.pass(2 * open.options.windowMs);
        await trip();
        await nothing();
      });

      it("does not count what was never sent (K3)", async () => {
        await calls(3 * open.options.leastCalls, "none");
        expect(await admitted(crowd(10))).to.have.length(10);
      });

      it("says when a destination has failed for too long, and not before (K3)", async () => {
        expect((await trip()).map(tooLong)).to.not.include(true);
        await untilProbe();
        expect((await report(await onlyOne(), "failure")).map(tooLong)).to.not.include(true);
        const { disableAfterMs, silenceMs } = open.options;
        const rounds = Math.ceil(disableAfterMs / (silenceMs / 2));
        const last = [];
        for (let round = 0; round < rounds; round++) {
          await open.pass(silenceMs / 2);
          last.push((await report(await onlyOne(), "failure")).map(tooLong).includes(true));
        }
        expect(last.slice(0, -2)).to.not.include(true);
        expect(last.at(-1)).to.equal(true);
      });

      it("does not take two failures with a long silence between them for a long one (K3)", async () => {
        await trip();
        await open.pass(open.options.disableAfterMs);
        expect((await report(await onlyOne(), "failure")).map(tooLong)).to.not.include(true);
      });

      it("begins anew to count how long a destination has failed when it answers (K3)", async () => {
        await calls(1, "failure");
        await open.pass(open.options.disableAfterMs / 2);
        await calls(1, "success");
        await open.pass(open.options.disableAfterMs / 2 + open.patienceMs);
        expect((await calls(1, "failure")).map(tooLong)).to.not.include(true);
      });
    });

    describe("with several destinations", () => {
      const [one, other] = [{ destinationId: id("d", 1) }, { destinationId: id("d", 2) }];

      it("admits to one while the breaker of another is open (K4)", async () => {
        await trip(one);
        await refused("breaker", crowd(2, one));
        expect(await admitted(crowd(20, other))).to.have.length(20);
        expect(await calls(open.options.leastCalls, "success", other)).to.deep.equal([]);
        await refused("breaker", crowd(2, one));
      });

      it("counts the requests and the rate of each by itself (K4)", async () => {
        const limits = { concurrency: 2 };
        expect(await admitted(crowd(5, { ...one, ...limits }))).to.have.length(2);
        expect(await admitted(crowd(5, { ...other, ...limits }))).to.have.length(2);
        const rates = { ratePerSecond: 1 };
        expect(await admitted(crowd(2, { destinationId: id("d", 3), ...rates }))).to.have.length(1);
        expect(await admitted(crowd(2, { destinationId: id("d", 4), ...rates }))).to.have.length(1);
      });

      it("tells one event at two destinations apart (K4)", async () => {
        const eventId = id("e", 999);
        const [here, there] = [
          request({ ...one, eventId, concurrency: 1 }),
          request({ ...other, eventId, concurrency: 1 }),
        ];
        expect(await admitted([here, there])).to.have.length(2);
        await report([there], "none");
        await refused("concurrency", crowd(1, { ...one, concurrency: 1 }));
        expect(await admitted(crowd(1, { ...other, concurrency: 1 }))).to.have.length(1);
      });

      it("answers in the order in which it was asked (K4)", async () => {
        await trip(one);
        await admit(crowd(1, { ...other, concurrency: 1 }));
        const free = { destinationId: id("d", 3) };
        const asked = [free, one, { ...other, concurrency: 1 }, one, free].map((of) => request(of));
        const answers = (await admit(asked)).map((answer) => (answer.kind === "go" ? "go" : answer.because));
        expect(answers).to.deep.equal(["go", "breaker", "concurrency", "breaker", "go"]);
      });

      it("reports on several in one call (K4)", async () => {
        const { leastCalls } = open.options;
        const requests = Array.from({ length: leastCalls }, () => [request(one), request(other)]).flat();
        await admit(requests);
        const changes = await open.gates[0].report(
          requests.map(({ destinationId, eventId }) => ({
            destinationId,
            eventId,
            durationMs: 10,
            outcome: destinationId === one.destinationId ? "failure" : "success",
          })),
        );
        expect(changes).to.deep.equal([{ ...one, breaker: "open", failingTooLong: false }]);
        expect(await admitted(crowd(5, other))).to.have.length(5);
      });

      it("has nothing to say where it is asked nothing (K4)", async () => {
        expect(await open.gates[0].admit([])).to.deep.equal([]);
        expect(await open.gates[0].report([])).to.deep.equal([]);
      });
    });
  });
}

function id(kind: "d" | "e", number: number): string {
  return `00000000-0000-7000-8000-${kind}${String(number).padStart(11, "0")}`;
}

function inMs(admission: Admission): number {
  return admission.kind === "later" ? admission.inMs : 0;
}

/** How often each is there. */
function counted(numbers: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const one of numbers) counts.set(one, (counts.get(one) ?? 0) + 1);
  return counts;
}

function tooLong(change: GateChange): boolean {
  return change.failingTooLong;
}
