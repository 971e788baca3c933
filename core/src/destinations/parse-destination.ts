import { Fields, isJsonObject } from "../input/fields.js";
import { mergePatch } from "../input/merge-patch.js";
import { DAY } from "../recurrence/wall.js";
import { DESTINATION_DEFAULTS } from "./destination.js";
import { readSecret } from "./secrets.js";

/** What a caller says of a destination, checked. */
export interface DestinationInput {
  readonly kind: string;
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly ratePerSecond: number | null;
  readonly concurrency: number | null;
  readonly timeoutMs: number;
  readonly ackWithinMs: number | null;
}

const METHODS = ["POST", "PUT", "PATCH", "GET", "DELETE"] as const;
const MOST_HEADERS = 32;

/** Headers that belong to the connection, and those that we set ourselves. */
const OUR_HEADERS: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "content-type",
  "content-encoding",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "upgrade",
  "expect",
  "accept-encoding",
  "user-agent",
  "webhook-id",
  "webhook-timestamp",
  "webhook-signature",
  "idempotency-key",
  "traceparent",
  "tracestate",
]);

export function parseDestination(input: unknown): DestinationInput {
  const fields = Fields.of(input);
  const destination = readDestination(fields);
  fields.finish();
  return destination as DestinationInput; // finish threw if anything was wrong
}

/** A new destination, and the secret that its caller brings, if any. */
export function parseNewDestination(input: unknown): {
  readonly destination: DestinationInput;
  readonly secret: string | undefined;
} {
  const fields = Fields.of(input);
  const secret = readSecret(fields);
  const destination = readDestination(fields);
  fields.finish();
  return { destination: destination as DestinationInput, secret }; // finish threw if anything was wrong
}

/** Throws what is wrong with the fields that a change names; what it leaves out is right already. */
export function checkDestinationPatch(patch: unknown): void {
  if (!isJsonObject(patch)) return;
  // A URL cannot be taken away: that is seen without this.
  parseDestination(mergePatch({}, { ...patch, url: patch.url ?? "https://example.com/" }));
}

export function readDestination(fields: Fields, inline = false): DestinationInput | undefined {
  const kind = fields.text("kind", { max: 64 }) ?? DESTINATION_DEFAULTS.kind;
  const url = readUrl(fields, kind);
  const method = fields.choice("method", METHODS) ?? DESTINATION_DEFAULTS.method;
  const headers = readHeaders(fields);
  const ratePerSecond = fields.integer("ratePerSecond", { min: 1, max: 100_000 }) ?? null;
  const concurrency = fields.integer("concurrency", { min: 1, max: 10_000 }) ?? null;
  const timeoutMs = fields.integer("timeoutMs", { min: 100, max: 60_000 }) ?? DESTINATION_DEFAULTS.timeoutMs;
  const ackWithinMs = fields.integer("ackWithinMs", { min: 1_000, max: 7 * DAY }) ?? null;
  if (inline && ackWithinMs !== null) {
    fields.problem(
      "ackWithinMs",
      "needs_a_secret",
      "Is for destinations of their own: those have a secret to sign an ack",
    );
  }
  fields.refuseUnknown();
  return url === undefined
    ? undefined
    : { kind, url, method, headers, ratePerSecond, concurrency, timeoutMs, ackWithinMs };
}

function readUrl(fields: Fields, kind: string): string | undefined {
  const text = fields.text("url", { required: true, max: 2_048 });
  if (text === undefined || kind !== "http") return text;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:\/\/[^/\\]/i.test(text)) {
    return fields.problem("url", "not_a_url", "Must be an absolute URL that starts with https:// or http://");
  }
  if (url.username !== "" || url.password !== "") {
    return fields.problem("url", "credentials_in_url", "Must not contain a user name or password; use a header");
  }
  return text;
}

function readHeaders(fields: Fields): Readonly<Record<string, string>> {
  const headers = fields.object("headers");
  if (headers === undefined) return {};
  if (headers.names.length > MOST_HEADERS) headers.problem([], "too_many", `Must have at most ${MOST_HEADERS} entries`);
  const read = new Map<string, string>();
  for (const name of headers.names.slice(0, MOST_HEADERS)) {
    const value = readHeader(headers, name);
    if (read.has(name.toLowerCase())) headers.problem(name, "doubled_header", "Stands here twice, in another case");
    read.set(name.toLowerCase(), value);
  }
  return Object.fromEntries(read);
}

function readHeader(headers: Fields, name: string): string {
  const value = headers.text(name, { max: 4_096 }) ?? "";
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/.test(name)) {
    headers.problem(name, "bad_header_name", "Is no name that a header can have");
  } else if (!isSettableHeader(name)) {
    headers.problem(name, "header_not_settable", "Belongs to the connection or is set by Punctual itself");
  } else if (/[^\x20-\x7e]/.test(value)) {
    headers.problem(name, "bad_header_value", "Must be printable ASCII");
  }
  return value;
}

export function isSettableHeader(name: string): boolean {
  const small = name.toLowerCase();
  return !OUR_HEADERS.has(small) && !small.startsWith("punctual-");
}

/** Equal for what sends alike: destinations that stand in schedules are shared by it. */
export function inlineKey(destination: DestinationInput): string {
  const { kind, url, method, headers, ratePerSecond, concurrency, timeoutMs, ackWithinMs } = destination;
  const limits = [ratePerSecond, concurrency, timeoutMs, ...(ackWithinMs === null ? [] : [ackWithinMs])];
  return JSON.stringify([kind, url, method, Object.entries(headers).sort(), ...limits]);
}
