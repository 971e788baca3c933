import type { Fact } from "@punctual/core";
import { describeTelemetry } from "@punctual/core/conformance";
import { MemoryClock } from "@punctual/core/memory";
import { expect } from "chai";
import { EMF_METRICS, type EmfMetricName } from "../../src/telemetry/emf-metrics.js";
import { EmfTelemetry } from "../../src/telemetry/emf-telemetry.js";
import { type EmfLine, readEmf } from "./emf-rules.js";

const NOW = new Date("2030-01-01T12:00:00.250Z");

const setup = () => {
  const clock = new MemoryClock(NOW);
  const telemetry = new EmfTelemetry({ service: "punctual", functionName: "punctual-worker", clock });
  const flushed = (): readonly EmfLine[] => {
    const lines: string[] = [];
    telemetry.flush((line) => void lines.push(line));
    return lines.map(readEmf);
  };
  return { clock, telemetry, flushed };
};

let opened: ReturnType<typeof setup> | null = null;

describeTelemetry("EmfTelemetry", {
  keeps: false,
  open: () => {
    opened = setup();
    return { telemetry: opened.telemetry };
  },
  // Whatever the suite notes, hostile things and numbers that are none: what is written is valid.
  close: async () => void opened?.flushed(),
});

describe("EmfTelemetry", () => {
  const eventId = "0198c0de-0000-8000-8000-000000000001";
  const finished = { kind: "finished", eventId, scheduleId: "schedule-7", dueAt: new Date(0) } as const;
  const attempted = {
    kind: "attempted" as const,
    ...{ eventId, destinationId: "destination-7", latenessMs: 12, durationMs: 30 },
    ...{ sentAt: new Date(0), traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
  } as const;
  const answered = {
    kind: "answered" as const,
    ...{ requestId: "request-7", method: "GET", route: "/v1/schedules/{id}", durationMs: 8 },
    ...{ tenant: "tenant-7", role: "user", traceparent: null },
  } as const;

  type Expected = readonly [
    name: EmfMetricName,
    values: readonly number[],
    dimensions?: Readonly<Record<string, string>>,
  ];
  const cases: readonly (readonly [Fact, ...(readonly Expected[])])[] = [
    [{ kind: "claimed", count: 3, skipped: 1, planned: 2 }, ["Claimed", [3]], ["ClaimsSkipped", [1]], ["Planned", [2]]],
    [
      { kind: "handed_over", accepted: 9, refused: 0 },
      ["HandedOver", [9], { Result: "accepted" }],
      ["HandedOver", [0], { Result: "refused" }],
    ],
    [{ kind: "lost", eventId, at: "begin" }, ["ClaimsLost", [1], { At: "begin" }]],
    [
      { ...attempted, attempt: 1, status: 204, error: null },
      ["Lateness", [12], { Attempt: "first" }],
      ["AttemptDuration", [30], { Outcome: "2xx" }],
    ],
    [
      { ...attempted, attempt: 2, status: null, error: "dns" },
      ["Lateness", [12], { Attempt: "later" }],
      ["AttemptDuration", [30], { Outcome: "dns" }],
    ],
    [{ ...attempted, attempt: 1, status: null, error: null }, ["AttemptDuration", [30], { Outcome: "unknown" }]],
    [
      { ...finished, state: "COMPLETED", reason: null },
      ["EventsFinished", [1], { State: "completed", Reason: "none" }],
    ],
    [
      { ...finished, state: "FAILED", reason: "rejected" },
      ["EventsFinished", [1], { State: "failed", Reason: "rejected" }],
    ],
    [{ kind: "postponed", eventId, because: "breaker" }, ["Postponed", [1], { Because: "breaker" }]],
    [
      { kind: "destination_disabled", destinationId: "destination-7", because: "gone" },
      ["DestinationsDisabled", [1], { Because: "gone" }],
    ],
    [
      { kind: "breaker", destinationId: "destination-7", state: "half_open" },
      ["BreakerChanges", [1], { State: "half_open" }],
    ],
    [{ kind: "dead_letter", eventId, reason: "forged" }, ["DeadLetters", [1]]],
    [{ kind: "zone_data_changed", from: "2025a", to: "2025b", moved: 3 }, ["ZoneMoves", [3]]],
    [
      { kind: "heartbeat", due: 5, open: 7, oldestDueAgeMs: 1_500, oldestSnapshotMs: 20 },
      ["Heartbeats", [1]],
      ["DueEvents", [5]],
      ["OpenEvents", [7]],
      ["OldestDueAge", [1_500]],
      ["OldestSnapshotAge", [20]],
    ],
    [
      { ...answered, status: 200 },
      ["RequestDuration", [8], { Method: "GET", Route: "/v1/schedules/{id}", StatusClass: "2xx" }],
      ["RequestErrors", [0], { Method: "GET", Route: "/v1/schedules/{id}" }],
    ],
    [
      { ...answered, route: null, status: 503 },
      ["RequestDuration", [8], { Method: "GET", Route: "none", StatusClass: "5xx" }],
      ["RequestErrors", [1], { Method: "GET", Route: "none" }],
    ],
    [
      { kind: "trouble", where: "transport.send", error: new Error("away") },
      ["Troubles", [1], { Where: "transport.send" }],
    ],
  ];

  for (const [index, [fact, ...expected]] of cases.entries()) {
    it(`measures a fact of the kind ${fact.kind} (${index + 1})`, () => {
      const { telemetry, flushed } = setup();
      telemetry.note(fact);
      const lines = flushed();
      for (const [name, values, dimensions = {}] of expected) {
        const line = lines.find(
          (one) => name in one && Object.entries(dimensions).every(([key, value]) => one[key] === value),
        );
        expect(line?.[name], `${name} ${JSON.stringify(dimensions)}`).to.deep.equal(values);
      }
    });
  }

  it("measures everything that it has a name for, and in its unit", () => {
    const { telemetry, flushed } = setup();
    for (const [fact] of cases) telemetry.note(fact);
    const directives = flushed().flatMap((line) => line._aws.CloudWatchMetrics);
    const measured = Object.fromEntries(
      directives.flatMap(({ Metrics }) => Metrics.map(({ Name, Unit }) => [Name, Unit] as const)),
    );
    const named = Object.fromEntries(Object.entries(EMF_METRICS).map(([name, { unit }]) => [name, unit]));
    expect(measured).to.deep.equal(named);
  });

  it("has no more names than a line may have", () => {
    expect(Object.keys(EMF_METRICS).length).to.be.at.most(100);
  });

  it("shows each metric as a whole, and beside that by its splits", () => {
    const { telemetry, flushed } = setup();
    for (const [fact] of cases) telemetry.note(fact);
    const base = ["Service", "FunctionName"];
    for (const line of flushed()) {
      expect(line).to.include({ Service: "punctual", FunctionName: "punctual-worker" });
      const [directive] = line._aws.CloudWatchMetrics;
      for (const { Name } of directive?.Metrics ?? []) {
        const { splits } = EMF_METRICS[Name as EmfMetricName];
        const sets = [base, ...splits.map((split) => [...base, ...split])];
        expect(directive?.Dimensions, Name).to.deep.equal(sets);
      }
    }
  });

  it("tells no ids, tenants or errors", () => {
    const { telemetry, flushed } = setup();
    for (const [fact] of cases) telemetry.note(fact);
    telemetry.note({ kind: "trouble", where: "api", error: new Error("hunter2"), requestId: "request-7" });
    const text = JSON.stringify(flushed());
    for (const secret of [eventId, "schedule-7", "destination-7", "request-7", "tenant-7", "hunter2", "0af7651916cd"]) {
      expect(text).not.to.contain(secret);
    }
  });

  it("tells when it was written, by the clock", () => {
    const { telemetry, flushed } = setup();
    telemetry.note({ kind: "lost", eventId, at: "begin" });
    expect(flushed().map(({ _aws }) => _aws.Timestamp)).to.deep.equal([NOW.getTime()]);
  });

  it("writes one line for all that has the same dimensions", () => {
    const { telemetry, flushed } = setup();
    for (let round = 1; round <= 3; round++) {
      telemetry.note({ kind: "claimed", count: round, skipped: 0, planned: round });
      telemetry.note({ kind: "dead_letter", eventId: null, reason: "forged" });
    }
    const lines = flushed();
    expect(lines).to.have.length(1);
    expect(lines[0]).to.deep.include({ Claimed: [1, 2, 3], Planned: [1, 2, 3], DeadLetters: [1, 1, 1] });
  });

  it("loses no value where there are more than a line may have", () => {
    const { telemetry, flushed } = setup();
    for (let round = 0; round < 1_050; round++) {
      telemetry.note({ ...attempted, attempt: 1, status: 200, error: null, durationMs: round });
    }
    const lines = flushed();
    const values = lines.flatMap((line) => (line["AttemptDuration"] as number[] | undefined) ?? []);
    expect(values).to.deep.equal(Array.from({ length: 1_050 }, (_, round) => round));
    expect(lines.flatMap((line) => (line["Lateness"] as number[] | undefined) ?? [])).to.have.length(1_050);
  });

  it("keeps nothing for the next invocation", () => {
    const { telemetry, flushed } = setup();
    telemetry.note({ kind: "lost", eventId, at: "begin" });
    expect(flushed()).to.have.length(1);
    expect(flushed()).to.deep.equal([]);
    telemetry.note({ kind: "lost", eventId, at: "begin" });
    expect(flushed()[0]).to.deep.include({ ClaimsLost: [1] });
  });

  it("keeps nothing that could not be written", () => {
    const { telemetry, flushed } = setup();
    telemetry.note({ kind: "lost", eventId, at: "begin" });
    expect(() =>
      telemetry.flush(() => {
        throw new Error("EPIPE");
      }),
    ).to.throw("EPIPE");
    expect(flushed()).to.deep.equal([]);
  });

  it("leaves out a number that is none, and nothing beside it", () => {
    const { telemetry, flushed } = setup();
    for (const odd of [NaN, Infinity, -Infinity, Number.MAX_VALUE]) {
      telemetry.note({ kind: "heartbeat", oldestDueAgeMs: odd, due: 4, open: odd, oldestSnapshotMs: 0 });
    }
    const [line, ...others] = flushed();
    expect(others).to.deep.equal([]);
    expect(line).to.deep.include({ DueEvents: [4, 4, 4, 4], Heartbeats: [1, 1, 1, 1] });
    expect(line).not.to.have.any.keys("OldestDueAge", "OpenEvents");
  });

  it("makes of any text a dimension that CloudWatch takes", () => {
    const odd = ["", "  ", ":colon", "größer 🔑", "a\nb", "x".repeat(5_000)];
    const { telemetry, flushed } = setup();
    for (const where of odd) telemetry.note({ kind: "trouble", where, error: null });
    expect(flushed()).to.have.length(odd.length);
  });
});
