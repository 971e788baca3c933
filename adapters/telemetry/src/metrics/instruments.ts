import type { Backlog } from "@punctual/core";
import type { Meter } from "@opentelemetry/api";
import { monitorEventLoopDelay } from "node:perf_hooks";

/** From 5 ms to an hour: what is late by more is a disaster of any size. */
const LATENESS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600];
const DURATION = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export type Instruments = ReturnType<typeof instrumentsOf>;

/** Everything that is measured, by the names that dashboards and alarms use. */
export function instrumentsOf(meter: Meter) {
  const counter = (name: string, description: string) => meter.createCounter(name, { description });
  const histogram = (name: string, description: string, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(name, { description, unit: "s", advice: { explicitBucketBoundaries } });
  return {
    claimed: counter("punctual_claimed", "Events that this process has claimed"),
    skipped: counter("punctual_claims_skipped", "Events that a claim looked at and did not take"),
    planned: counter("punctual_planned", "Successors that were planned with a claim"),
    handedOver: counter("punctual_handed_over", "Events that a transport was given"),
    lost: counter("punctual_claims_lost", "Claims whose lease another holds, or that were changed meanwhile"),
    lateness: histogram("punctual_lateness_seconds", "How long after its due time an event was sent", LATENESS),
    attempts: histogram("punctual_attempt_duration_seconds", "Requests to receivers, by their outcome", DURATION),
    finished: counter("punctual_events_finished", "Events that ended, by state and reason"),
    postponed: counter("punctual_postponed", "Events that had to wait for their destination"),
    disabled: counter("punctual_destinations_disabled", "Destinations that were disabled by themselves"),
    breakers: counter("punctual_breaker_changes", "Circuit breakers, by the state that they changed to"),
    deadLetters: counter("punctual_dead_letters", "Messages that a transport gave up"),
    moved: counter("punctual_zone_moves", "Events that new zone data have moved"),
    requests: histogram("http_server_request_duration_seconds", "Requests to the API, by route and status", DURATION),
    troubles: counter("punctual_troubles", "What went wrong inside, by place"),
    heartbeats: counter("punctual_heartbeats", "Rounds of the scheduler: where there are none it does not run"),
    beat: heartbeatOf(meter),
    process: processOf(meter),
  };
}

/** What the scheduler last said of what is open; before it has said anything there is nothing to show. */
function heartbeatOf(meter: Meter): (backlog: Backlog) => void {
  let last: { readonly backlog: Backlog; readonly at: number } | null = null;
  const gauge = (name: string, description: string, read: (known: NonNullable<typeof last>) => number) =>
    meter.createObservableGauge(name, { description }).addCallback((result) => {
      if (last !== null) result.observe(read(last));
    });
  gauge("punctual_heartbeat_timestamp_seconds", "When the scheduler last looked around", ({ at }) => at / 1_000);
  gauge("punctual_due_events", "Events that want attention", ({ backlog }) => backlog.due);
  gauge("punctual_open_events", "Events that have not ended", ({ backlog }) => backlog.open);
  gauge("punctual_oldest_due_age_seconds", "How far behind", ({ backlog }) => backlog.oldestDueAgeMs / 1_000);
  gauge(
    "punctual_oldest_snapshot_seconds",
    "What holds the store back",
    ({ backlog }) => backlog.oldestSnapshotMs / 1_000,
  );
  return (backlog) => {
    last = { backlog, at: Date.now() };
  };
}

function processOf(meter: Meter): void {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const gauge = (name: string, description: string, read: () => number) =>
    meter.createObservableGauge(name, { description }).addCallback((result) => result.observe(read()));
  gauge("process_resident_memory_bytes", "Memory of this process", () => process.memoryUsage.rss());
  gauge("process_start_time_seconds", "When it began", () => Date.now() / 1_000 - process.uptime());
  gauge("nodejs_eventloop_lag_p99_seconds", "Since it was last asked for", () => {
    const lag = delay.percentile(99) / 1e9;
    delay.reset();
    return lag;
  });
}
