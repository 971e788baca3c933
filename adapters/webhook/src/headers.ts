import { isSettableHeader, type OutgoingRequest } from "@punctual/core";
import type { WebhookConfig } from "./config.js";
import { Unsendable } from "./failure.js";
import { signatureOf } from "./signing/sign.js";

const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

export interface Signed {
  readonly request: OutgoingRequest;
  /** As it is sent. */
  readonly body: Buffer;
  /** What signs it; none leaves the signature out. */
  readonly secrets: readonly string[];
}

/** Names and values in turn, as undici takes them: the destination's own, then ours. */
export function headersOf(
  { request, body, secrets }: Signed,
  { userAgent, ackUrl }: Pick<WebhookConfig, "userAgent" | "ackUrl">,
): string[] {
  const { id, tenant, attempt, dueAt, at, destination, traceparent } = request;
  const timestamp = Math.floor(at.getTime() / 1_000);
  const headers = ownHeaders(destination.headers);
  headers.push("content-type", "application/json", "user-agent", userAgent, "accept-encoding", "identity");
  headers.push("webhook-id", id, "webhook-timestamp", String(timestamp));
  if (secrets.length > 0) headers.push("webhook-signature", signatureOf({ id, timestamp, body }, secrets));
  headers.push("idempotency-key", id);
  if (traceparent !== undefined && TRACEPARENT.test(traceparent)) headers.push("traceparent", traceparent);
  headers.push("punctual-attempt", String(attempt), "punctual-due", dueAt.toISOString());
  if (destination.ackWithinMs !== null && ackUrl !== null) {
    headers.push("punctual-ack-url", filled(ackUrl, { tenant, eventId: id }));
  }
  return headers;
}

/** They were checked when the destination was made; undici would lose a connection over one that it cannot send. */
function ownHeaders(given: Readonly<Record<string, string>>): string[] {
  const headers: string[] = [];
  for (const name in given) {
    const value = given[name] ?? "";
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) throw new Unsendable("UNSENDABLE_HEADER");
    if (/[^\t\x20-\x7e]/.test(value)) throw new Unsendable("UNSENDABLE_HEADER");
    if (isSettableHeader(name)) headers.push(name, value);
  }
  return headers;
}

function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(tenant|eventId)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
}
