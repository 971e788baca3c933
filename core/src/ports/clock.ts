/**
 * Time, as one process sees it. Every clock promises:
 *   C1. `now` is the time of day; it may be wrong and may jump, so it decides nothing about what is due;
 *   C2. `monotonic` never goes back, whatever happens to the time of day;
 *   C3. `sleep` returns no earlier than asked, however long that is, and at once when its signal is aborted.
 */
export interface Clock {
  now(): Date;
  /** Milliseconds since some moment in the past. */
  monotonic(): number;
  /** An abort ends the sleep early; it is no error. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
