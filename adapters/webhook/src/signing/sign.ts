import { createHmac } from "node:crypto";
import { keyOf } from "./secret.js";

export interface Signable {
  readonly id: string;
  /** Whole seconds since 1970. */
  readonly timestamp: number;
  /** What is signed of a text is its UTF-8, as it is sent. */
  readonly body: string | Uint8Array;
}

/**
 * The header `webhook-signature` of Standard Webhooks: a signature for each secret, so that a receiver needs to know but
 * one of them.
 */
export function signatureOf({ id, timestamp, body }: Signable, secrets: readonly string[]): string {
  // The parts are joined by full stops: one within a part, and two messages would have the same signature.
  if (id.includes(".") || !Number.isSafeInteger(timestamp)) {
    throw new RangeError(`Neither a full stop in an id nor a broken timestamp can be signed: ${id} at ${timestamp}`);
  }
  const head = `${id}.${timestamp}.`;
  return secrets.map((secret) => `v1,${digest(secret, head, body)}`).join(" ");
}

function digest(secret: string, head: string, body: string | Uint8Array): string {
  const hmac = createHmac("sha256", keyOf(secret));
  if (typeof body === "string") hmac.update(head + body);
  else hmac.update(head).update(body);
  return hmac.digest("base64");
}
