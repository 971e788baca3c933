import { describeTelemetry } from "@punctual/core/conformance";
import { expect } from "chai";
import { type ProcessTelemetry, telemetryFor } from "../../src/wiring.js";
import { Lines } from "../support.js";

const open = async (): Promise<ProcessTelemetry> =>
  telemetryFor({ logLevel: "silent", otlpUrl: null, service: "punctual", version: "0.0.0" }, new Lines());

const fresh = await open();
describeTelemetry("MetricTelemetry", { keeps: false, open: () => ({ telemetry: fresh.telemetry }) });

describe("/metrics", () => {
  it("counts and measures what happened", async () => {
    const { telemetry, metrics, gauge } = await open();
    const eventId = "0198c0de-0000-8000-8000-000000000001";
    const finished = { eventId, scheduleId: "s", dueAt: new Date(0) } as const;
    telemetry.note({ kind: "claimed", count: 3, skipped: 1, planned: 2 });
    telemetry.note({ kind: "finished", ...finished, state: "COMPLETED", reason: null });
    telemetry.note({ kind: "finished", ...finished, state: "FAILED", reason: "rejected" });
    telemetry.note({ kind: "heartbeat", due: 5, open: 7, oldestDueAgeMs: 1_500, oldestSnapshotMs: 0 });
    const sent = { eventId, destinationId: "d", sentAt: new Date(0), traceparent: "" } as const;
    telemetry.note({
      kind: "attempted",
      ...sent,
      attempt: 1,
      latenessMs: 12,
      durationMs: 30,
      status: 204,
      error: null,
    });
    telemetry.note({
      kind: "attempted",
      ...sent,
      attempt: 2,
      latenessMs: 12,
      durationMs: 1,
      status: null,
      error: "dns",
    });
    gauge("punctual_pool_connections", "Connections", () => ({ idle: 4, waiting: 0 }));
    const page = await metrics();
    for (const line of [
      "punctual_claimed_total 3",
      'punctual_events_finished_total{state="completed",reason="none"} 1',
      'punctual_events_finished_total{state="failed",reason="rejected"} 1',
      "punctual_heartbeats_total 1",
      "punctual_due_events 5",
      "punctual_open_events 7",
      "punctual_oldest_due_age_seconds 1.5",
      'punctual_lateness_seconds_bucket{attempt="first",le="0.025"} 1',
      'punctual_attempt_duration_seconds_count{outcome="2xx"} 1',
      'punctual_attempt_duration_seconds_count{outcome="dns"} 1',
      'punctual_pool_connections{state="idle"} 4',
    ]) {
      expect(page.split("\n")).to.include(line);
    }
    expect(page).to.match(/^process_resident_memory_bytes \d+$/m);
  });

  it("says nothing of what is open before the scheduler has looked", async () => {
    const { metrics } = await open();
    expect(await metrics()).not.to.match(/^punctual_due_events/m);
  });

  it("names nobody: no event, destination or tenant is a label", async () => {
    const { telemetry, metrics } = await open();
    telemetry.note({ kind: "postponed", eventId: "marker", because: "rate" });
    telemetry.note({
      kind: "answered",
      requestId: "marker",
      method: "GET",
      route: "/v1/events/{id}",
      status: 200,
      durationMs: 3,
      tenant: "marker",
      role: "user",
      traceparent: null,
    });
    const page = await metrics();
    expect(page).not.to.contain("marker");
    expect(page).to.contain('http_route="/v1/events/{id}"');
  });
});
