import type { Rng } from "../ports/rng.js";

/** The span of an event as a whole, in the trace of its own name: its attempts are below it. */
export function rootSpanOf(eventId: string): string {
  return eventId.replaceAll("-", "").slice(-16);
}

/** What goes with an event on its way to the worker. */
export function traceOnTheWay(eventId: string): string {
  return `00-${eventId.replaceAll("-", "")}-${rootSpanOf(eventId)}-01`;
}

/**
 * The `traceparent` of a request: a span of its own, in the trace that the event came with, or else in one of the event's
 * name, so that all its attempts, and what a receiver does about them, are found under one id.
 */
export function traceOf(eventId: string, rng: Rng, under = traceOnTheWay(eventId)): string {
  const half = () =>
    Math.floor(rng.next() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, "0");
  const parent = half() + half();
  const trace = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(under)?.[1] ?? eventId.replaceAll("-", "");
  return `00-${trace}-${/^0+$/.test(parent) ? "0000000000000001" : parent}-01`;
}
