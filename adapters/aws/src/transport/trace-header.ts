const W3C = /^00-([0-9a-f]{8})([0-9a-f]{24})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** A `traceparent` in the form of X-Ray; null where it is none. */
export function traceHeaderOf(traceparent: string): string | null {
  const [, begin, rest, span, flags = ""] = W3C.exec(traceparent) ?? [];
  if (begin === undefined || rest === undefined || span === undefined) return null;
  const sampled = (Number.parseInt(flags, 16) & 1) === 1 ? "1" : "0";
  return `Root=1-${begin}-${rest};Parent=${span};Sampled=${sampled}`;
}
