import type { Attempt, Ending } from "@punctual/core";
import { storable } from "./event-row.js";

type Field = readonly [type: string, value: (ending: Ending) => unknown];

/** The longest pause: what asks for more is asked again then. */
const LONGEST_PAUSE_MS = 366 * 86_400_000;

/** What `FINISH` is told of each ending. */
const FIELDS: Readonly<Record<string, Field>> = {
  id: ["uuid", ({ claim }) => claim.eventId],
  tenant: ["text", ({ claim }) => claim.tenant],
  fence: ["bigint", ({ claim }) => claim.fence],
  state: ["text", ({ outcome }) => outcome.state],
  reason: ["text", ({ outcome }) => ("reason" in outcome ? outcome.reason : null)],
  in_ms: ["double precision", pauseOf],
  lateness_ms: ["double precision", ({ latenessMs }) => latenessMs ?? null],
  number: ["integer", ({ attempt }) => attempt?.number ?? null],
  started_at: ["timestamptz", ({ attempt }) => attempt?.startedAt.toISOString() ?? null],
  duration_ms: ["double precision", ({ attempt }) => attempt?.durationMs ?? null],
  status: ["integer", ({ attempt }) => attempt?.status ?? null],
  error: ["text", ({ attempt }) => attempt?.error ?? null],
  response_excerpt: ["text", ({ attempt }) => storable(attempt?.responseExcerpt ?? null)],
  detail: ["text", ({ attempt }) => storable(attempt?.detail ?? null)],
  timings: ["json", ({ attempt }) => timingsOf(attempt)],
};

const ARRAYS = Object.values(FIELDS).map(([type], index) => `$${index + 1}::${type}[]`);
/** A row for each ending, from one parameter for each field. */
export const ENDINGS = `unnest(${ARRAYS.join(", ")}) as a (${Object.keys(FIELDS).join(", ")})`;

export function endingFieldsOf(endings: readonly Ending[]): readonly unknown[] {
  return Object.values(FIELDS).map(([, value]) => endings.map(value));
}

function timingsOf(attempt: Attempt | undefined): string | null {
  const timings = attempt?.timings ?? null;
  return timings === null ? null : JSON.stringify(timings);
}

/** Null for what waits for a resume, and for what does not wait at all. */
function pauseOf({ outcome }: Ending): number | null {
  return "inMs" in outcome && outcome.inMs !== null ? Math.min(outcome.inMs, LONGEST_PAUSE_MS) : null;
}
