import { type Fact, rootSpanOf, type Telemetry } from "@punctual/core";
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from "@opentelemetry/api";
import type { QueuedIds } from "./queued-ids.js";

/**
 * Makes spans of facts once they are over, so that nothing has to be carried along while they last. An event is a trace of
 * its own, named by its id: the event as a whole, from its due time to its end, and below it each request, whose span is the
 * one that its receiver was told. A request to the API belongs to the trace of its caller.
 */
export class TraceTelemetry implements Telemetry {
  readonly #tracer: Tracer;
  readonly #ids: QueuedIds;

  constructor(tracer: Tracer, ids: QueuedIds) {
    this.#tracer = tracer;
    this.#ids = ids;
  }

  note(fact: Fact): void {
    if (fact.kind === "attempted") this.#attempt(fact);
    else if (fact.kind === "finished") this.#event(fact);
    else if (fact.kind === "answered") this.#request(fact);
  }

  #attempt(fact: Extract<Fact, { kind: "attempted" }>): void {
    const told = parse(fact.traceparent);
    if (told === null) return;
    const { eventId, destinationId, attempt, status, error, latenessMs, sentAt, durationMs } = fact;
    this.#ids.next({ span: told.span });
    this.#span("attempt", below(told.trace, rootSpanOf(eventId)), {
      kind: SpanKind.CLIENT,
      from: sentAt.getTime(),
      to: sentAt.getTime() + durationMs,
      failed: error ?? (status !== null && status >= 300 ? String(status) : null),
      attributes: {
        "punctual.event.id": eventId,
        "punctual.destination.id": destinationId,
        "punctual.attempt": attempt,
        "punctual.lateness_ms": latenessMs,
        ...(status !== null && { "http.response.status_code": status }),
      },
    });
  }

  #event({ eventId, scheduleId, state, reason, dueAt }: Extract<Fact, { kind: "finished" }>): void {
    this.#ids.next({ trace: eventId.replaceAll("-", ""), span: rootSpanOf(eventId) });
    this.#span("event", ROOT_CONTEXT, {
      kind: SpanKind.INTERNAL,
      from: dueAt.getTime(),
      to: Math.max(dueAt.getTime(), Date.now()),
      failed: state === "FAILED" ? (reason ?? "failed") : null,
      attributes: {
        "punctual.event.id": eventId,
        "punctual.schedule.id": scheduleId,
        "punctual.state": state.toLowerCase(),
      },
    });
  }

  #request(fact: Extract<Fact, { kind: "answered" }>): void {
    const { traceparent, method, route, status, durationMs, requestId } = fact;
    const caller = traceparent === null ? null : parse(traceparent);
    const to = Date.now();
    this.#span(`${method} ${route ?? "none"}`, caller === null ? ROOT_CONTEXT : below(caller.trace, caller.span), {
      kind: SpanKind.SERVER,
      from: to - durationMs,
      to,
      failed: status >= 500 ? String(status) : null,
      attributes: {
        "http.request.method": method,
        "http.response.status_code": status,
        "punctual.request.id": requestId,
        ...(route !== null && { "http.route": route }),
      },
    });
  }

  #span(name: string, context: Context, { kind, from, to, failed, attributes }: SpanFacts): void {
    const options: SpanOptions = { kind, startTime: new Date(from), attributes };
    const span = this.#tracer.startSpan(name, options, context);
    if (failed !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: failed });
    span.end(new Date(to));
  }
}

interface SpanFacts {
  readonly kind: SpanKind;
  /** In milliseconds of the clock. */
  readonly from: number;
  readonly to: number;
  readonly failed: string | null;
  readonly attributes: Attributes;
}

function parse(traceparent: string): { readonly trace: string; readonly span: string } | null {
  const [, traceId, span] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(traceparent) ?? [];
  return traceId === undefined || span === undefined ? null : { trace: traceId, span };
}

function below(traceId: string, spanId: string): Context {
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true });
}
