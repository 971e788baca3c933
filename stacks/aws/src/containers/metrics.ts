/** A number that the program measures, as CloudWatch is to know it: by the name and in the unit that functions use, too. */
export interface Renamed {
  /** As the program calls it. */
  readonly from: string;
  readonly to: string;
  readonly unit: "Count" | "Milliseconds";
  /** The label that it is split by, beside the whole. Each value costs as much as a metric. */
  readonly split?: { readonly label: string; readonly dimension: string };
}

const count = (from: string, to: string, label?: string, dimension?: string): Renamed => ({
  from: `punctual_${from}`,
  to,
  unit: "Count",
  ...(label !== undefined && dimension !== undefined && { split: { label, dimension } }),
});
/** The program measures in seconds. */
const time = (from: string, to: string): Renamed => ({ from, to, unit: "Milliseconds" });

export const NAMESPACE = "Punctual";

/** What goes to CloudWatch; all else stays where it is, as every metric costs. */
export const METRICS: readonly Renamed[] = [
  count("heartbeats", "Heartbeats"),
  count("claimed", "Claimed"),
  count("claims_lost", "ClaimsLost"),
  count("events_finished", "EventsFinished", "state", "State"),
  count("postponed", "Postponed"),
  count("destinations_disabled", "DestinationsDisabled"),
  count("breaker_changes", "BreakerChanges", "state", "State"),
  count("troubles", "Troubles"),
  count("due_events", "DueEvents"),
  count("open_events", "OpenEvents"),
  time("punctual_oldest_due_age_seconds", "OldestDueAge"),
  time("punctual_oldest_snapshot_seconds", "OldestSnapshotAge"),
  time("punctual_lateness_seconds", "Lateness"),
  time("punctual_attempt_duration_seconds", "AttemptDuration"),
  time("http_server_request_duration_seconds", "RequestDuration"),
];
