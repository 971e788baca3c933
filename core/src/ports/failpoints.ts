/** The places at which a process may die, stall or throw in a test. In production nothing happens there. */
export type Failpoint =
  | "claim.before_commit"
  | "claim.after_commit"
  | "publish.before"
  | "publish.after_send_before_ack"
  | "publish.after_ack"
  | "consume.after_receive"
  | "attempt.after_begin"
  | "http.before_write"
  | "http.after_response"
  | "finish.before_commit"
  | "finish.after_commit"
  | "ack.before"
  | "ack.after"
  | "dlq.before"
  | "next.before_insert"
  | "recompute.mid_batch"
  | "migration.mid";

/**
 * Every implementation promises:
 *   P1. where no test has armed a place, `at` returns and changes nothing;
 *   P2. where one has, `at` does what the test asked for, each time the place is passed.
 */
export interface Failpoints {
  at(place: Failpoint): Promise<void> | void;
}

export const NO_FAILPOINTS: Failpoints = { at: () => undefined };
