import { expect } from "chai";
import type { Fact, Telemetry } from "../ports/telemetry.js";
import { given } from "./passing.js";

export interface TelemetryHarness {
  open(): OpenTelemetry;
  close?(): Promise<void>;
  /** Whether one can look at what arrived. */
  readonly keeps: boolean;
}

export interface OpenTelemetry {
  readonly telemetry: Telemetry;
  /** The events that the facts which arrived are about, in the order of their arrival. */
  arrived?(): Promise<readonly string[]>;
}

export function describeTelemetry(adapter: string, harness: TelemetryHarness): void {
  const keeping = given(harness.keeps, "keeps nothing");

  describe(`${adapter} as Telemetry`, () => {
    let open: OpenTelemetry;

    beforeEach(() => {
      open = harness.open();
    });
    afterEach(() => harness.close?.());

    for (const fact of FACTS) {
      it(`takes a fact of the kind ${fact.kind} (L1)`, () => {
        expect(open.telemetry.note(fact)).to.equal(undefined);
      });
    }

    for (const [name, make] of Object.entries(HOSTILE)) {
      it(`takes trouble that is ${name} (L1)`, () => {
        expect(open.telemetry.note({ kind: "trouble", where: "anywhere", error: make() })).to.equal(undefined);
      });
    }

    it("takes numbers that are none (L1)", () => {
      for (const odd of [NaN, Infinity, -0, Number.MAX_VALUE]) {
        open.telemetry.note({ kind: "heartbeat", oldestDueAgeMs: odd, due: odd, open: odd, oldestSnapshotMs: 0 });
      }
    });

    keeping("keeps facts in the order in which they were noted (L2)", async () => {
      const ids = Array.from({ length: 500 }, (_, index) => `event-${index}`);
      for (const [index, eventId] of ids.entries()) {
        open.telemetry.note(
          index % 2 === 0
            ? { kind: "lost", eventId, at: "finish" }
            : { kind: "postponed", eventId, because: "concurrency" },
        );
        if (index % 100 === 50) await Promise.resolve();
      }
      expect(await open.arrived?.()).to.deep.equal(ids);
    });

    keeping("loses no fact to a hostile one before it (L2)", async () => {
      for (const make of Object.values(HOSTILE)) {
        open.telemetry.note({ kind: "trouble", where: "anywhere", error: make() });
      }
      open.telemetry.note({ kind: "lost", eventId: "the-last", at: "begin" });
      expect(await open.arrived?.()).to.deep.equal(["the-last"]);
    });
  });
}

const FACTS: readonly Fact[] = [
  { kind: "claimed", count: 1, skipped: 0, planned: 1 },
  { kind: "handed_over", accepted: 1, refused: 0 },
  { kind: "lost", eventId: "event-1", at: "extend" },
  {
    kind: "attempted",
    eventId: "event-1",
    destinationId: "destination-1",
    attempt: 1,
    latenessMs: 12,
    durationMs: 30,
    status: null,
    error: "timeout",
    sentAt: new Date(0),
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  },
  { kind: "finished", eventId: "event-1", scheduleId: "one", state: "FAILED", reason: "rejected", dueAt: new Date(0) },
  { kind: "postponed", eventId: "event-1", because: "rate" },
  { kind: "destination_disabled", destinationId: "destination-1", because: "gone" },
  { kind: "breaker", destinationId: "destination-1", state: "open" },
  { kind: "dead_letter", eventId: null, reason: "forged" },
  { kind: "zone_data_changed", from: "2025a", to: "2025b", moved: 3 },
  { kind: "heartbeat", oldestDueAgeMs: 0, due: 0, open: 1, oldestSnapshotMs: 0 },
  {
    kind: "answered",
    requestId: "request-1",
    method: "GET",
    route: null,
    status: 404,
    durationMs: 1,
    tenant: null,
    role: null,
    traceparent: null,
  },
  { kind: "trouble", where: "scheduler", error: new Error("The store is away") },
];

const fails = (): never => {
  throw new Error("hostile");
};

/** What a program may throw: anything. */
const HOSTILE: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  "a text": () => "thrown as a text",
  "a symbol": () => Symbol("thrown"),
  "a bigint": () => 10n ** 40n,
  "a function": () => fails,
  "an object without prototype": () => Object.create(null) as object,
  "an object that cannot be made a text": () => ({ toString: fails, valueOf: fails, [Symbol.toPrimitive]: fails }),
  "an object that cannot be made JSON": () => ({ toJSON: fails }),
  "an object that holds itself": () => {
    const self: Record<string, unknown> = {};
    self["self"] = self;
    return self;
  },
  "an error that is its own cause": () => {
    const error = new Error("round");
    error.cause = error;
    return error;
  },
  "an error with a very long chain of causes": () => {
    let error = new Error("the first");
    for (let depth = 0; depth < 5_000; depth++) error = new Error("and so", { cause: error });
    return error;
  },
  "an error with a very long message": () => new Error("x".repeat(5_000_000)),
  "an error that will not be read": () =>
    Object.defineProperties(new Error("hidden"), {
      message: { get: fails },
      stack: { get: fails },
      name: { get: fails },
      cause: { get: fails },
      code: { get: fails },
    }),
  "an error with odd fields": () => Object.assign(new Error("odd"), { message: 7, stack: null, name: {}, code: 1n }),
  "a proxy that fails in everything": () =>
    new Proxy(new Error("proxy"), {
      get: fails,
      has: fails,
      ownKeys: fails,
      getPrototypeOf: fails,
      getOwnPropertyDescriptor: fails,
    }),
  "a proxy that was revoked": () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
};
