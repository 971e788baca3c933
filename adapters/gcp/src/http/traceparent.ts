import type { IncomingHttpHeaders } from "node:http";

const W3C = /^00-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}$/;
/** Of a later version all that is known of it is that it begins as this one. */
const LATER = /^(?!00|ff)[\da-f]{2}-([\da-f]{32}-[\da-f]{16}-[\da-f]{2})(?:-.*)?$/;
const GOOGLE = /^([\da-f]{32})\/(\d{1,20})(?:;o=([01]))?$/i;
const NO_TRACE = "0".repeat(32);
const NO_SPAN = "0".repeat(16);
const MOST_SPANS = 2n ** 64n;

/** The trace that a request is part of, as W3C writes it: from `traceparent`, or else from Google's own header; null if none. */
export function traceparentOf(headers: IncomingHttpHeaders): string | null {
  return fromW3c(textOf(headers["traceparent"])) ?? fromGoogle(textOf(headers["x-cloud-trace-context"]));
}

function fromW3c(header: string): string | null {
  const [, known] = LATER.exec(header) ?? [];
  const text = known === undefined ? header : `00-${known}`;
  const [, trace, span] = W3C.exec(text) ?? [];
  return trace === undefined || trace === NO_TRACE || span === NO_SPAN ? null : text;
}

/** There the span is a decimal number. */
function fromGoogle(header: string): string | null {
  const [, trace = "", decimal = "0", sampled = "0"] = GOOGLE.exec(header) ?? [];
  const span = BigInt(decimal);
  if (trace === "" || trace === NO_TRACE || span === 0n || span >= MOST_SPANS) return null;
  return `00-${trace.toLowerCase()}-${span.toString(16).padStart(16, "0")}-0${sampled}`;
}

function textOf(header: string | readonly string[] | undefined): string {
  return typeof header === "string" ? header.trim() : "";
}
