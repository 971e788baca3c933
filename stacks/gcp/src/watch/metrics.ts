/**
 * What Punctual measures by itself (docs/configuration.md), as `collector.ts` has it kept. Conditions ask for it in PromQL,
 * by these names: a condition by the type of a metric cannot be made before the metric has been seen.
 */
export const OWN = {
  heartbeat: "punctual_heartbeat_timestamp_seconds",
  oldestDue: "punctual_oldest_due_age_seconds",
  due: "punctual_due_events",
  open: "punctual_open_events",
  lateness: "punctual_lateness_seconds",
  attempts: "punctual_attempt_duration_seconds",
  finished: "punctual_events_finished_total",
  claimed: "punctual_claimed_total",
  claimsLost: "punctual_claims_lost_total",
  handedOver: "punctual_handed_over_total",
  troubles: "punctual_troubles_total",
  requests: "http_server_request_duration_seconds",
} as const;

/** What Google measures, by the types of its metrics. */
export const GOOGLE = {
  requests: "run.googleapis.com/request_count",
  latencies: "run.googleapis.com/request_latencies",
  instances: "run.googleapis.com/container/instance_count",
  billable: "run.googleapis.com/container/billable_instance_time",
  attempts: "run.googleapis.com/job/completed_task_attempt_count",
  undelivered: "pubsub.googleapis.com/subscription/num_undelivered_messages",
  oldestMessage: "pubsub.googleapis.com/subscription/oldest_unacked_message_age",
  deadLetters: "pubsub.googleapis.com/subscription/dead_letter_message_count",
  sentBytes: "pubsub.googleapis.com/topic/byte_cost",
  databaseCpu: "cloudsql.googleapis.com/database/cpu/utilization",
  databaseConnections: "cloudsql.googleapis.com/database/postgresql/num_backends",
  databaseBytes: "cloudsql.googleapis.com/database/disk/bytes_used",
  natDropped: "router.googleapis.com/nat/dropped_sent_packets_count",
  natBytes: "router.googleapis.com/nat/sent_bytes_count",
  logBytes: "logging.googleapis.com/billing/bytes_ingested",
  uptime: "monitoring.googleapis.com/uptime_check/check_passed",
  certificateDays: "monitoring.googleapis.com/uptime_check/time_until_ssl_cert_expires",
} as const;

export type GoogleMetric = (typeof GOOGLE)[keyof typeof GOOGLE];

/** A metric of Google's as PromQL names it. */
export function promOf(metric: GoogleMetric): string {
  const [domain = "", ...path] = metric.split("/");
  return `${domain.replaceAll(".", "_")}:${path.join("_")}`;
}
