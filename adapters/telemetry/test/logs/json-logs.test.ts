import type { Fact } from "@punctual/core";
import { expect } from "chai";
import type { LogFormat } from "../../src/config.js";
import { jsonLogs } from "../../src/logs/wiring.js";
import { Lines } from "../support.js";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const GOOGLE: LogFormat = { kind: "google", project: "example-project" };

const answered = (traceparent: string | null, status = 200): Fact => ({
  ...{ kind: "answered", requestId: "request-1", method: "GET", route: "/v1/schedules", status, durationMs: 12 },
  ...{ tenant: "main", role: "viewer", traceparent },
});

describe("jsonLogs", () => {
  const linesOf = (logFormat: LogFormat | undefined, ...facts: readonly Fact[]) => {
    const lines = new Lines();
    const config = { logLevel: "debug", service: "worker", version: "1.2.3" } as const;
    const logs = jsonLogs({ ...config, ...(logFormat !== undefined && { logFormat }) }, lines);
    for (const fact of facts) logs.telemetry.note(fact);
    return { logs, lines };
  };

  it("writes plain lines where nothing else is asked for", () => {
    const { lines } = linesOf(undefined, answered(`00-${TRACE}-${SPAN}-01`));
    expect(lines.parsed[0]).to.include({
      ...{ level: "info", severity: "INFO", service: "worker", msg: "answered", traceparent: `00-${TRACE}-${SPAN}-01` },
    });
    expect(lines.parsed[0]).not.to.have.any.keys("message", "serviceContext");
  });

  describe("for Cloud Logging", () => {
    it("names the message, the service and the time as it looks for them", () => {
      const { lines } = linesOf(GOOGLE, answered(null));
      const { time, ...line } = lines.parsed[0] ?? {};
      expect(line).to.deep.equal({
        ...{ severity: "INFO", message: "answered", serviceContext: { service: "worker", version: "1.2.3" } },
        ...{ requestId: "request-1", method: "GET", route: "/v1/schedules", status: 200, durationMs: 12 },
        ...{ tenant: "main", role: "viewer", traceparent: null },
      });
      expect(new Date(String(time)).toISOString()).to.equal(time);
    });

    const severities: readonly (readonly [string, Fact])[] = [
      ["DEBUG", { kind: "postponed", eventId: "event-1", because: "rate" }],
      ["INFO", answered(null)],
      ["WARNING", { kind: "dead_letter", eventId: null, reason: "forged" }],
      ["ERROR", { kind: "trouble", where: "api", error: new Error("x") }],
    ];
    for (const [severity, fact] of severities) {
      it(`tells that a line of ${fact.kind} is ${severity}`, () => {
        expect(linesOf(GOOGLE, fact).lines.parsed[0]).to.include({ severity });
      });
    }

    for (const [flags, sampled] of [
      ["01", true],
      ["00", false],
      ["03", true],
    ] as const) {
      it(`puts a line into its trace, with the flags ${flags}`, () => {
        const { lines } = linesOf(GOOGLE, answered(`00-${TRACE}-${SPAN}-${flags}`));
        expect(lines.parsed[0]).to.include({
          "logging.googleapis.com/trace": `projects/example-project/traces/${TRACE}`,
          "logging.googleapis.com/spanId": SPAN,
          "logging.googleapis.com/trace_sampled": sampled,
        });
        expect(lines.parsed[0]).not.to.have.property("traceparent");
      });
    }

    it("leaves a trace alone that is none", () => {
      const { lines } = linesOf(GOOGLE, answered("00-x"));
      expect(lines.parsed[0]).to.include({ traceparent: "00-x" });
      expect(Object.keys(lines.parsed[0] ?? {}).join()).not.to.contain("googleapis");
    });

    it("does so with lines that are no facts", () => {
      const { logs, lines } = linesOf(GOOGLE);
      logs.log("listening", { port: 8080, traceparent: `00-${TRACE}-${SPAN}-01` });
      expect(lines.parsed[0]).to.include({ message: "listening", port: 8080, "logging.googleapis.com/spanId": SPAN });
    });

    it("keeps a line one line, whatever is in it", () => {
      const { lines } = linesOf(GOOGLE, { kind: "trouble", where: "api", error: new Error('a\r\n{"severity":"x"}\n') });
      expect(lines.texts).to.have.length(1);
      expect(lines.texts[0]?.trimEnd()).not.to.match(/[\r\n]/);
    });
  });
});
