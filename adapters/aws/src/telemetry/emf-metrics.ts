/** How CloudWatch shows a number. */
export type EmfUnit = "Count" | "Milliseconds";

export interface EmfMetric {
  readonly unit: EmfUnit;
  /**
   * By which sets of dimensions it is split, each beside the whole: CloudWatch adds nothing up over dimensions, so an alarm on
   * all attempts needs a metric of its own. Each value of a split costs as much as a metric.
   */
  readonly splits: readonly (readonly string[])[];
  readonly description: string;
}

const metric = (unit: EmfUnit, description: string, ...splits: readonly (readonly string[])[]): EmfMetric => ({
  unit,
  splits,
  description,
});

/** Where CloudWatch has them. */
export const EMF_NAMESPACE = "Punctual";

/** Everything that is measured, by the names that dashboards and alarms use. */
export const EMF_METRICS = {
  Claimed: metric("Count", "Events that were claimed"),
  ClaimsSkipped: metric("Count", "Events that a claim looked at and did not take"),
  Planned: metric("Count", "Successors that were planned with a claim"),
  HandedOver: metric("Count", "Events that a transport was given", ["Result"]),
  ClaimsLost: metric("Count", "Claims whose lease another holds, or that were changed meanwhile", ["At"]),
  Lateness: metric("Milliseconds", "How long after its due time an event was sent", ["Attempt"]),
  AttemptDuration: metric("Milliseconds", "Requests to receivers, by their outcome", ["Outcome"]),
  EventsFinished: metric("Count", "Events that ended, by state and reason", ["State"], ["State", "Reason"]),
  Postponed: metric("Count", "Events that had to wait for their destination", ["Because"]),
  DestinationsDisabled: metric("Count", "Destinations that were disabled by themselves", ["Because"]),
  BreakerChanges: metric("Count", "Circuit breakers, by the state that they changed to", ["State"]),
  DeadLetters: metric("Count", "Messages that a transport gave up"),
  ZoneMoves: metric("Count", "Events that new zone data have moved"),
  RequestDuration: metric("Milliseconds", "Requests to the API", ["Method", "Route"], ["StatusClass"]),
  // Of each request 0 or 1, so that the mean is the share of requests that failed.
  RequestErrors: metric("Count", "Requests to the API that failed inside", ["Method", "Route"]),
  Troubles: metric("Count", "What went wrong inside, by place", ["Where"]),
  Heartbeats: metric("Count", "Rounds of the scheduler: where there are none it does not run"),
  DueEvents: metric("Count", "Events that want attention"),
  OpenEvents: metric("Count", "Events that have not ended"),
  OldestDueAge: metric("Milliseconds", "How far behind the scheduler is"),
  OldestSnapshotAge: metric("Milliseconds", "What holds the store back"),
} as const satisfies Readonly<Record<string, EmfMetric>>;

export type EmfMetricName = keyof typeof EMF_METRICS;
