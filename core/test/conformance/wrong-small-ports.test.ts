import { expect } from "chai";
import { describeClock } from "../../src/conformance/clock.suite.js";
import { describeDestinationGate } from "../../src/conformance/destination-gate.suite.js";
import { describeFailpoints } from "../../src/conformance/failpoints.suite.js";
import { describeIds } from "../../src/conformance/ids.suite.js";
import { describeRng } from "../../src/conformance/rng.suite.js";
import { describeSender, type OpenSender, type SenderHarness } from "../../src/conformance/sender.suite.js";
import { describeTelemetry } from "../../src/conformance/telemetry.suite.js";
import { describeWakeUps } from "../../src/conformance/wake-ups.suite.js";
import { Unavailable } from "../../src/errors.js";
import { BREAKER_DEFAULTS } from "../../src/destinations/breaker.js";
import { SeededRng, SequentialIds } from "../../src/memory/chance.js";
import type { MemoryClock } from "../../src/memory/clock.js";
import { MemoryDestinationGate } from "../../src/memory/destination-gate.js";
import type { MemorySender } from "../../src/memory/sender.js";
import type { Clock } from "../../src/ports/clock.js";
import type { Admission, DestinationGate, GateRequest } from "../../src/ports/destination-gate.js";
import type { Failpoints } from "../../src/ports/failpoints.js";
import type { OutgoingRequest, Sender, SendResult, UrlObjection } from "../../src/ports/sender.js";
import type { Telemetry } from "../../src/ports/telemetry.js";
import type { WakeUps } from "../../src/ports/wake-ups.js";
import {
  clockHarness,
  failpointsHarness,
  gateHarness,
  senderHarness,
  telemetryHarness,
  wakeUpsHarness,
} from "../support/memory-harnesses.js";
import { failuresOf, promisesIn } from "./run-suite.js";

/** One case for each wrong adapter: its suite must name the promise that it breaks. */
function catches<W>(
  wrongs: readonly (readonly [wrong: string, promise: string, W])[],
  build: (wrong: W) => void,
): void {
  for (const [title, promise, wrong] of wrongs) {
    it(`catches one that ${title} (${promise})`, async () => {
      expect(promisesIn(await failuresOf(() => build(wrong)))).to.include(promise);
    });
  }
}

describe("the conformance suite of Sender", () => {
  type Wrong = (right: GuardedSender, clock: MemoryClock) => Sender["send"] | Partial<Sender>;

  const asking =
    (change: (request: OutgoingRequest) => OutgoingRequest): Wrong =>
    (right) =>
    (request, signal) =>
      right.send(change(request), signal);
  const answering =
    (change: (result: SendResult) => SendResult): Wrong =>
    (right) =>
    async (request, signal) =>
      change(await right.send(request, signal));
  const onceMore =
    (wanted: (result: SendResult) => boolean): Wrong =>
    (right) =>
    async (request, signal) => {
      const result = await right.send(request, signal);
      return wanted(result) ? right.send(request, signal) : result;
    };

  catches<Wrong>(
    [
      [
        "throws where the connection breaks",
        "W1",
        answering((result) => {
          if (result.error === "reset") throw new Error("ECONNRESET");
          return result;
        }),
      ],
      [
        "makes errors of statuses",
        "W1",
        answering((result) => ((result.status ?? 0) >= 500 ? { ...result, status: null, error: "protocol" } : result)),
      ],
      ["says both status and error", "W1", answering((result) => ({ ...result, status: result.status ?? 0 }))],
      [
        "reads Retry-After",
        "W1",
        answering((result) => ({ ...result, retryAfter: result.retryAfter && `${Number(result.retryAfter)}` })),
      ],
      [
        "waits for ever",
        "W2",
        asking((request) => ({ ...request, destination: { ...request.destination, timeoutMs: 3_600_000 } })),
      ],
      [
        "gives every receiver the same short time",
        "W2",
        asking((request) => ({ ...request, destination: { ...request.destination, timeoutMs: 100 } })),
      ],
      [
        "writes the body anew",
        "W3",
        asking((request) => ({ ...request, body: JSON.stringify(JSON.parse(request.body)) })),
      ],
      [
        "makes a new id for each attempt",
        "W3",
        (right) => {
          let attempts = 0;
          return (request, signal) => right.send({ ...request, id: `${request.id}-${++attempts}` }, signal);
        },
      ],
      ["cuts long bodies", "W3", asking((request) => ({ ...request, body: request.body.slice(0, 65_536) }))],
      ["tries again on its own", "W4", onceMore(({ status }) => status === 503)],
      ["tries again on a new connection", "W4", onceMore(({ error }) => error === "reset")],
      ["follows redirects", "W4", onceMore(({ status }) => status !== null && status >= 300 && status < 400)],
      ["does not hear of an abort", "W5", (right) => (request) => right.send(request)],
      [
        "throws when it is aborted",
        "W5",
        (right) => async (request, signal) => {
          const result = await right.send(request, signal);
          signal?.throwIfAborted();
          return result;
        },
      ],
      ["objects to everything", "W6", () => ({ objection: async () => FORBIDDEN })],
      ["objects to nothing", "W6", () => ({ objection: async () => null })],
      [
        "objects to what it cannot look up",
        "W6",
        (right) => ({ objection: async (url) => (url === UNKNOWN ? FORBIDDEN : right.objection(url)) }),
      ],
      ["looks at a URL once only", "W6", (right) => (request, signal) => right.right.send(request, signal)],
      [
        "says why in another word",
        "W6",
        answering((result) => (result.error === "blocked_address" ? { ...result, detail: "blocked" } : result)),
      ],
      [
        "sends before it looks",
        "W6",
        (right) => async (request, signal) => {
          await right.right.send(request, signal);
          return right.send(request, signal);
        },
      ],
      [
        "sends unsigned what it cannot sign",
        "W7",
        asking((request) => ({ ...request, destination: { ...request.destination, secrets: [] } })),
      ],
      [
        "sends, and then signs",
        "W7",
        (right) => async (request, signal) => {
          if (right.lost) await right.right.send(request, signal);
          return right.send(request, signal);
        },
      ],
      [
        "makes a result of it",
        "W7",
        (right) => (request, signal) =>
          right.send(request, signal).catch(() => ({ ...BLOCKED, error: "unknown" as const, detail: null })),
      ],
      [
        "throws it as it came",
        "W7",
        (right) => (request, signal) =>
          right.send(request, signal).catch(() => {
            throw new Error("KMSInternalException");
          }),
      ],
    ],
    (wrong) => describeSender("Wrong", guardedHarness(wrong)),
  );

  it("passes one that guards and signs", async () => {
    expect(
      await failuresOf(() =>
        describeSender(
          "Right",
          guardedHarness(() => ({})),
        ),
      ),
    ).to.deep.equal([]);
  });

  function guardedHarness(wrong: Wrong): SenderHarness {
    let sender: GuardedSender;
    const harness = senderHarness((right, clock) => {
      sender = new GuardedSender(right);
      const change = wrong(sender, clock);
      const itself: Sender = {
        kind: sender.kind,
        send: (...all) => sender.send(...all),
        objection: (url) => sender.objection(url),
      };
      return { ...itself, ...(typeof change === "function" ? { send: change } : change) };
    });
    const open = async (): Promise<OpenSender> => {
      const opened = await harness.open();
      const forbidden = async () => {
        const receiver = await opened.receiver({ kind: "answers", status: 200 });
        sender.forbidden.add(receiver.url);
        return receiver;
      };
      const secretFor = async (id: string) => ({ id, sealed: id, createdAt: new Date(0), expiresAt: null });
      const lose = (lost: boolean) => void (sender.lost = lost);
      return { ...opened, guarded: { forbidden, unknown: UNKNOWN }, signing: { secretFor, lose } };
    };
    return { ...harness, guards: true, signs: true, open };
  }
});

const UNKNOWN = "http://unknown.test/";
const FORBIDDEN: UrlObjection = { code: "address_private", message: "Is in a private network" };
const BLOCKED: SendResult = {
  ...{ durationMs: 0, status: null, error: "blocked_address", detail: FORBIDDEN.code },
  ...{ timings: null, retryAfter: null, responseExcerpt: null },
};

/** In memory, with receivers that it may not call and secrets that can get lost. */
class GuardedSender implements Sender {
  readonly right: MemorySender;
  readonly kind = "http";
  readonly forbidden = new Set<string>();
  lost = false;

  constructor(right: MemorySender) {
    this.right = right;
  }

  async objection(url: string): Promise<UrlObjection | null> {
    return this.forbidden.has(url) ? FORBIDDEN : null;
  }

  async send(request: OutgoingRequest, signal?: AbortSignal): Promise<SendResult> {
    if (this.forbidden.has(request.destination.url)) return BLOCKED;
    if (this.lost && request.destination.secrets.length > 0) throw new Unavailable("The key service is away");
    return this.right.send(request, signal);
  }
}

describe("the conformance suite of Clock", () => {
  type Wrong = (right: MemoryClock) => Partial<Clock>;
  const sleeping =
    (sleep: (right: MemoryClock, ms: number, signal?: AbortSignal) => Promise<void>): Wrong =>
    (right) => ({ sleep: (ms, signal) => sleep(right, ms, signal) });

  catches<Wrong>(
    [
      [
        "gives all the same date",
        "C1",
        (right) => {
          const now = right.now();
          return { now: () => (now.getTime() === 0 ? now : (now.setTime(right.now().getTime()), now)) };
        },
      ],
      ["tells the time of its start", "C1", (right) => ((start) => ({ now: () => start }))(right.now())],
      ["counts by the time of day", "C2", (right) => ({ monotonic: () => right.now().getTime() })],
      ["counts in seconds", "C2", (right) => ({ monotonic: () => right.monotonic() / 1_000 })],
      ["leaves fractions out", "C3", sleeping((right, ms, signal) => right.sleep(Math.floor(ms), signal))],
      [
        "takes what no timer can hold for nothing",
        "C3",
        sleeping((right, ms, signal) => right.sleep(ms > 2 ** 31 - 1 ? 1 : ms, signal)),
      ],
      [
        "caps a sleep at the longest timer's",
        "C3",
        sleeping((right, ms, signal) => right.sleep(Number.isFinite(ms) ? ms | 0 : ms, signal)),
      ],
      [
        "sleeps until a time of day",
        "C3",
        sleeping(async (right, ms, signal) => {
          const until = right.now().getTime() + ms;
          while (right.now().getTime() < until && signal?.aborted !== true) await right.sleep(1, signal);
        }),
      ],
      ["does not hear of an abort", "C3", sleeping((right, ms) => right.sleep(ms))],
      [
        "throws when it is aborted",
        "C3",
        sleeping(async (right, ms, signal) => {
          await right.sleep(ms, signal);
          signal?.throwIfAborted();
        }),
      ],
    ],
    (wrong) =>
      describeClock(
        "Wrong",
        clockHarness((right) => ({
          now: () => right.now(),
          monotonic: () => right.monotonic(),
          sleep: (ms, signal) => right.sleep(ms, signal),
          ...wrong(right),
        })),
      ),
  );
});

describe("the conformance suite of DestinationGate", () => {
  type Wrong = (right: DestinationGate, clock: MemoryClock) => Partial<DestinationGate>;
  const asking =
    (change: (request: GateRequest) => GateRequest): Wrong =>
    (right) => ({ admit: (requests) => right.admit(requests.map(change)) });
  /** Admits by the rate as `allows` has it. */
  const rating =
    (allows: (rate: number, now: number, state: Map<string, number>) => boolean): Wrong =>
    (right, clock) => {
      const states = new Map<string, Map<string, number>>();
      return {
        admit: async (requests) => {
          const admissions = await right.admit(requests.map((request) => ({ ...request, ratePerSecond: null })));
          return requests.map(({ destinationId, ratePerSecond }, index): Admission => {
            const state = states.get(destinationId) ?? new Map<string, number>();
            states.set(destinationId, state);
            const free = ratePerSecond === null || allows(ratePerSecond, clock.now().getTime(), state);
            return free ? (admissions[index] as Admission) : { kind: "later", inMs: 100, because: "rate" };
          });
        },
      };
    };
  type Later = Extract<Admission, { kind: "later" }>;
  /** Tells other times to come back at. */
  const telling =
    (because: Later["because"], tell: (inMs: number, index: number) => number): Wrong =>
    (right) => ({
      admit: async (requests) =>
        (await right.admit(requests)).map((one, index) =>
          one.kind === "later" && one.because === because ? { ...one, inMs: tell(one.inMs, index) } : one,
        ),
    });
  /** Keeps a row of its own, for ever. */
  const remembering =
    (because: Later["because"]): Wrong =>
    (right, clock) => {
      let tail = 0;
      const told = (inMs: number) => {
        const now = clock.now().getTime();
        tail = Math.max(tail + 1, now + inMs);
        return tail - now;
      };
      return telling(because, told)(right, clock);
    };
  const complete =
    (wrong: Wrong) =>
    (right: DestinationGate, clock: MemoryClock): DestinationGate => ({
      admit: (requests) => right.admit(requests),
      report: (results) => right.report(results),
      ...wrong(right, clock),
    });

  catches<Wrong>(
    [
      ["knows no rate", "K1", asking((request) => ({ ...request, ratePerSecond: null }))],
      [
        "counts by the calendar's seconds",
        "K1",
        rating((rate, now, state) => {
          const second = `${Math.floor(now / 1_000)}`;
          const count = (state.get(second) ?? 0) + 1;
          state.set(second, count);
          return count <= rate;
        }),
      ],
      [
        "saves up tokens",
        "K1",
        rating((rate, now, state) => {
          const saved = (state.get("saved") ?? rate) + ((now - (state.get("at") ?? now)) * rate) / 1_000;
          const left = Math.min(rate, saved);
          state.set("at", now).set("saved", left >= 1 ? left - 1 : left);
          return left >= 1;
        }),
      ],
      ["admits nothing that has a rate", "K1", rating(() => false)],
      [
        "tells all the same time to come back at",
        "K1",
        (right) => ({
          admit: async (requests) =>
            (await right.admit(requests)).map((one) => (one.kind === "later" ? { ...one, inMs: 1_000 } : one)),
        }),
      ],
      ["keeps a row for a crowd that is gone", "K1", remembering("rate")],
      ["sends away for hours", "K1", telling("rate", (_, index) => (index + 1) * 1_000)],
      ["tells those far behind the same", "K1", telling("rate", (inMs) => Math.min(inMs, 60_000))],
      ["knows no concurrency", "K2", asking((request) => ({ ...request, concurrency: null }))],
      ["waits for ever for workers that died", "K2", asking((request) => ({ ...request, leaseMs: Infinity }))],
      ["gives places up too soon", "K2", asking((request) => ({ ...request, leaseMs: request.leaseMs / 4 }))],
      [
        "counts reports instead of requests",
        "K2",
        () => {
          let underWay = 0;
          return {
            admit: async (requests) =>
              requests.map(({ concurrency }) => {
                if (concurrency !== null && underWay >= concurrency) {
                  return { kind: "later", inMs: 500, because: "concurrency" };
                }
                underWay++;
                return { kind: "go" };
              }),
            report: async (results) => {
              underWay = Math.max(0, underWay - results.length);
              return [];
            },
          };
        },
      ],
      [
        "keeps the places of what was never sent",
        "K2",
        (right) => ({ report: (results) => right.report(results.filter(({ outcome }) => outcome !== "none")) }),
      ],
      [
        "has a place again when a lease ends, and once more when it is reported",
        "K2",
        (_, clock) => {
          const [admitted, underWay] = [new Set<string>(), new Map<string, number>()];
          let more = 0;
          return {
            admit: async (requests) =>
              requests.map(({ eventId, concurrency, leaseMs }) => {
                const now = clock.now().getTime();
                for (const [one, end] of underWay) if (end <= now) underWay.delete(one);
                if (underWay.size - more >= (concurrency ?? Infinity)) {
                  return { kind: "later", inMs: 500, because: "concurrency" };
                }
                admitted.add(eventId);
                underWay.set(eventId, now + leaseMs);
                return { kind: "go" };
              }),
            report: async (results) => {
              for (const { eventId } of results) if (!underWay.delete(eventId) && admitted.has(eventId)) more++;
              return [];
            },
          };
        },
      ],
      ["tells all the same time to come back at for a place", "K2", telling("concurrency", () => 1_000)],
      ["keeps a row for a crowd that is gone", "K2", remembering("concurrency")],
      [
        "does not see how long requests take",
        "K2",
        (right) => ({ report: (results) => right.report(results.map((one) => ({ ...one, durationMs: 1_000 }))) }),
      ],
      [
        "counts no successes where there are limits",
        "K3",
        (right) => {
          const limited = new Set<string>();
          return {
            admit: (requests) => {
              for (const { eventId, concurrency } of requests) if (concurrency !== null) limited.add(eventId);
              return right.admit(requests);
            },
            report: (results) =>
              right.report(
                results.map((one) =>
                  one.outcome === "success" && limited.has(one.eventId) ? { ...one, outcome: "none" } : one,
                ),
              ),
          };
        },
      ],
      [
        "counts successes for ever",
        "K3",
        (_, clock) => {
          const own = new MemoryDestinationGate(clock, { ...BREAKER_DEFAULTS, windowMs: Infinity });
          return { admit: (requests) => own.admit(requests), report: (results) => own.report(results) };
        },
      ],
      [
        "takes what was never sent for a success",
        "K3",
        (right) => ({
          report: (results) =>
            right.report(results.map((one) => (one.outcome === "none" ? { ...one, outcome: "success" } : one))),
        }),
      ],
      [
        "tells all that it turns away the same time",
        "K3",
        (right) => ({
          admit: async (requests) => {
            const admissions = await right.admit(requests);
            const turned = admissions.flatMap((one) =>
              one.kind === "later" && one.because === "breaker" ? [one.inMs] : [],
            );
            return admissions.map((one) =>
              one.kind === "later" && one.because === "breaker" ? { ...one, inMs: Math.min(...turned) } : one,
            );
          },
        }),
      ],
      [
        "lets everybody in after the pause",
        "K3",
        (right) => ({
          admit: async (requests) => {
            const admissions = await right.admit(requests);
            return admissions.some(({ kind }) => kind === "go")
              ? admissions.map((one) => (one.kind === "later" && one.because === "breaker" ? { kind: "go" } : one))
              : admissions;
          },
        }),
      ],
      [
        "never opens",
        "K3",
        (right) => ({
          report: (results) =>
            right.report(results.map((one) => (one.outcome === "failure" ? { ...one, outcome: "none" } : one))),
        }),
      ],
      [
        "never closes",
        "K3",
        (right) => ({
          report: (results) =>
            right.report(results.map((one) => (one.outcome === "success" ? { ...one, outcome: "none" } : one))),
        }),
      ],
      [
        "takes what was never sent for a failure",
        "K3",
        (right) => ({
          report: (results) =>
            right.report(results.map((one) => (one.outcome === "none" ? { ...one, outcome: "failure" } : one))),
        }),
      ],
      [
        "does not say that its breaker moved",
        "K3",
        (right) => ({
          report: async (results) => {
            await right.report(results);
            return [];
          },
        }),
      ],
      [
        "has one state for all destinations",
        "K4",
        (right) => ({
          admit: (requests) => right.admit(requests.map((one) => ({ ...one, destinationId: "all" }))),
          report: (results) => right.report(results.map((one) => ({ ...one, destinationId: "all" }))),
        }),
      ],
      [
        "answers in an order of its own",
        "K4",
        (right) => ({
          admit: (requests) => right.admit(requests.toSorted((a, b) => (a.destinationId < b.destinationId ? -1 : 1))),
        }),
      ],
      [
        "takes one event for one request, wherever it goes",
        "K4",
        (right) => {
          const last = new Map<string, string>();
          return {
            admit: (requests) => {
              for (const { eventId, destinationId } of requests) {
                if (!last.has(eventId)) last.set(eventId, destinationId);
              }
              return right.admit(requests);
            },
            report: (results) =>
              right.report(
                results.map((one) => ({ ...one, destinationId: last.get(one.eventId) ?? one.destinationId })),
              ),
          };
        },
      ],
    ],
    (wrong) => describeDestinationGate("Wrong", gateHarness(complete(wrong))),
  );

  it("catches one that counts failures of one worker only (K3)", async () => {
    const deaf = complete((right) => ({
      report: (results) =>
        right.report(results.map((one) => (one.outcome === "failure" ? { ...one, outcome: "none" } : one))),
    }));
    const broken = promisesIn(await failuresOf(() => describeDestinationGate("Wrong", gateHarness(undefined, deaf))));
    expect(broken).to.deep.equal(["K3"]);
  });

  it("catches one whose workers know nothing of each other (K1, K2, K3)", async () => {
    const alone = (_: DestinationGate, clock: MemoryClock) => new MemoryDestinationGate(clock);
    const broken = promisesIn(await failuresOf(() => describeDestinationGate("Wrong", gateHarness(undefined, alone))));
    expect(broken).to.include.members(["K1", "K2", "K3"]);
  });
});

describe("the conformance suite of Ids", () => {
  catches(
    [
      ["gives UUIDs in capitals", "N1", () => "01890A5D-AC96-774B-BCCE-B302099A8057"],
      ["gives other names", "N1", (next: () => string) => `id-${next()}`],
      ["gives each id twice", "N2", (next: () => string) => `${next().slice(0, 35)}0`],
    ],
    (wrong) =>
      describeIds("Wrong", () => {
        const right = new SequentialIds();
        return { next: () => wrong(() => right.next()) };
      }),
  );
});

describe("the conformance suite of Rng", () => {
  catches(
    [
      ["reaches 1", "G1", (next: () => number) => Math.round(next() * 1_000) / 1_000],
      ["goes below 0", "G1", (next: () => number) => next() - 0.001],
      ["prefers small numbers", "G2", (next: () => number) => next() ** 1.2],
      ["knows a thousand numbers", "G2", (next: () => number) => Math.floor(next() * 1_000) / 1_000],
      ["counts", "G2", (_: () => number, round: number) => (round % 1_000) / 1_000 + 0.0005],
    ],
    (wrong) =>
      describeRng("Wrong", () => {
        const right = new SeededRng(7);
        let round = 0;
        return { next: () => wrong(() => right.next(), round++) };
      }),
  );
});

describe("the conformance suite of Telemetry", () => {
  type Wrong = (right: Telemetry) => Telemetry["note"];
  catches<Wrong>(
    [
      [
        "makes JSON of what it is given",
        "L1",
        (right) => (fact) => {
          JSON.stringify(fact);
          right.note(fact);
        },
      ],
      [
        "reads messages of errors",
        "L1",
        (right) => (fact) => {
          if (fact.kind === "trouble") String((fact.error as Error).message);
          right.note(fact);
        },
      ],
      [
        "lets some facts pass others",
        "L2",
        (right) => {
          const slow: Parameters<Telemetry["note"]>[0][] = [];
          return (fact) => {
            if (fact.kind === "postponed" && slow.length < 10) return void slow.push(fact);
            right.note(fact);
            for (const one of slow.splice(0)) right.note(one);
          };
        },
      ],
      [
        "is silent after the first trouble",
        "L2",
        (right) => {
          let silent = false;
          return (fact) => {
            if (!silent) right.note(fact);
            silent ||= fact.kind === "trouble";
          };
        },
      ],
    ],
    (wrong) =>
      describeTelemetry(
        "Wrong",
        telemetryHarness((right) => ({ note: wrong(right) })),
      ),
  );
});

describe("the conformance suite of Failpoints", () => {
  type Wrong = (right: Failpoints) => Failpoints["at"];
  catches<Wrong>(
    [
      [
        "acts elsewhere too",
        "P1",
        (right) => (place) => right.at(place === "publish.before" ? "finish.before_commit" : place),
      ],
      [
        "acts once",
        "P2",
        (right) => {
          const passed = new Set<string>();
          return async (place) => {
            if (!passed.has(place)) await right.at(place);
            passed.add(place);
          };
        },
      ],
      [
        "keeps errors to itself",
        "P2",
        (right) => async (place) => {
          try {
            await right.at(place);
          } catch {
            // that is what is wrong
          }
        },
      ],
      [
        "does not wait",
        "P2",
        (right) => (place) => {
          void Promise.resolve(right.at(place)).catch(() => undefined);
        },
      ],
    ],
    (wrong) =>
      describeFailpoints(
        "Wrong",
        failpointsHarness((right) => ({ at: wrong(right) })),
      ),
  );
});

describe("the conformance suite of WakeUps", () => {
  type Wrong = (right: WakeUps) => WakeUps["next"];
  catches<Wrong>(
    [
      [
        "does not hear hints",
        "H1",
        () => (signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve())),
      ],
      ["never waits", "H1", () => async () => undefined],
      ["does not hear of an abort", "H1", (right) => () => right.next(new AbortController().signal)],
      [
        "throws when it is aborted",
        "H1",
        (right) => async (signal) => {
          await right.next(signal);
          signal.throwIfAborted();
        },
      ],
      [
        "wakes the last one that waits",
        "H1",
        (right) => {
          let turn = new AbortController();
          return async (signal) => {
            turn.abort();
            turn = new AbortController();
            const superseded = turn.signal;
            await right.next(signal);
            if (superseded.aborted && !signal.aborted) await new Promise(() => undefined);
          };
        },
      ],
    ],
    (wrong) =>
      describeWakeUps(
        "Wrong",
        wakeUpsHarness((right) => ({ next: wrong(right) })),
      ),
  );
});
