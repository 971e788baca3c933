import type { Rng } from "../ports/rng.js";

/** The span of an event as a whole, in the trace of its own name: its attempts are below it. */
export function rootSpanOf(eventId: string): string {
  return eventId.replaceAll("-", "").slice(-16);
}

/**
 * The `traceparent` of a request that nobody else has traced: the event's id is the trace, so that all its attempts, and
 * what a receiver does about them, are found under one id.
 */
export function traceOf(eventId: string, rng: Rng): string {
  const half = () =>
    Math.floor(rng.next() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, "0");
  const parent = half() + half();
  return `00-${eventId.replaceAll("-", "")}-${/^0+$/.test(parent) ? "0000000000000001" : parent}-01`;
}
