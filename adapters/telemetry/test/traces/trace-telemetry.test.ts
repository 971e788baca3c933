import type { Telemetry } from "@punctual/core";
import { describeTelemetry } from "@punctual/core/conformance";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { expect } from "chai";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { QueuedIds } from "../../src/traces/queued-ids.js";
import { TraceTelemetry } from "../../src/traces/trace-telemetry.js";
import { telemetryFor } from "../../src/wiring.js";
import { Lines } from "../support.js";

const EVENT = "0198c0de-aaaa-8000-8000-00000000beef";
const TRACE = EVENT.replaceAll("-", "");

function setup() {
  const spans = new InMemorySpanExporter();
  const idGenerator = new QueuedIds();
  const provider = new TracerProvider({ idGenerator, spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] });
  return { spans, telemetry: new TraceTelemetry(provider.getTracer("test"), idGenerator) };
}

describeTelemetry("TraceTelemetry", { keeps: false, open: () => ({ telemetry: setup().telemetry }) });

function noteDelivery(telemetry: Telemetry): void {
  const sent = { destinationId: "d", latenessMs: 4, sentAt: new Date(1_004), durationMs: 25, error: null } as const;
  for (const [attempt, status] of [
    [1, 503],
    [2, 204],
  ] as const) {
    const traceparent = `00-${TRACE}-000000000000000${attempt}-01`;
    telemetry.note({ kind: "attempted", eventId: EVENT, ...sent, attempt, status, traceparent });
  }
  const ended = { scheduleId: "s", state: "COMPLETED", reason: null, dueAt: new Date(1_000) } as const;
  telemetry.note({ kind: "finished", eventId: EVENT, ...ended });
}

describe("TraceTelemetry", () => {
  it("makes one trace of an event, named by its id, with each request as its receiver was told", () => {
    const { spans, telemetry } = setup();
    noteDelivery(telemetry);
    const found = spans.getFinishedSpans();
    const root = TRACE.slice(-16);
    expect(found.map((span) => [span.name, span.spanContext().traceId, span.spanContext().spanId])).to.deep.equal([
      ["attempt", TRACE, "0000000000000001"],
      ["attempt", TRACE, "0000000000000002"],
      ["event", TRACE, root],
    ]);
    expect(found.map((span) => span.parentSpanContext?.spanId)).to.deep.equal([root, root, undefined]);
    expect(found.map((span) => span.status.code)).to.deep.equal([2, 0, 0]);
    expect(found[0]?.startTime).to.deep.equal([1, 4_000_000]);
  });

  it("puts a request to the API below its caller's span, and gives others a trace of their own", () => {
    const { spans, telemetry } = setup();
    const answered = { requestId: "r", method: "POST", route: "/v1/schedules", status: 201, durationMs: 3 } as const;
    const caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (const traceparent of [caller, "garbage", null]) {
      telemetry.note({ kind: "answered", ...answered, tenant: "t", role: "admin", traceparent });
    }
    const [below, ...own] = spans.getFinishedSpans();
    expect(below?.spanContext().traceId).to.equal("0af7651916cd43dd8448eb211c80319c");
    expect(below?.parentSpanContext?.spanId).to.equal("b7ad6b7169203331");
    expect(new Set(own.map((span) => span.spanContext().traceId)).size).to.equal(2);
  });

  it("reaches a collector", async () => {
    const texts = new Map<string, string>();
    const collector = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        texts.set(String(request.url), Buffer.concat(chunks).toString());
        response.writeHead(200, { "content-type": "application/json" }).end("{}");
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
    const otlpUrl = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    const config = { logLevel: "silent", otlpUrl, service: "punctual", version: "0.0.0" } as const;
    const { telemetry, close } = await telemetryFor(config, new Lines());
    noteDelivery(telemetry);
    await close();
    collector.closeAllConnections();
    await new Promise((resolve) => collector.close(resolve));
    expect([...texts.keys()].sort()).to.deep.equal(["/v1/metrics", "/v1/traces"]);
    expect(texts.get("/v1/traces")).to.contain(TRACE);
    expect(texts.get("/v1/metrics")).to.contain("punctual_lateness_seconds");
  });
});
