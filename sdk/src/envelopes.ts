import type { Message } from "@punctual/core";
import { createHmac, timingSafeEqual } from "node:crypto";

/** What an envelope was found to hold. */
export type Opened = { readonly message: Message } | { readonly objection: string };

/** Longer than any message that a transport takes: what is longer is not even looked at. */
const LONGEST = 300_000;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Messages as text, for transports that carry text. Where there are keys, each text is signed by the first of them, and is
 * read only if one of them has signed it: a message that somebody else has written is told from ours, whatever it says.
 */
export class Envelopes {
  readonly #keys: readonly Uint8Array[];

  constructor(keys: readonly Uint8Array[] = []) {
    if (keys.some((key) => key.length < 32)) throw new TypeError("A key of envelopes has 32 bytes at least");
    this.#keys = keys;
  }

  seal({ version, eventId, tenant, scheduleId, fence, dueAt, notBefore, traceparent }: Message): string {
    const fields = [version, eventId, tenant, scheduleId, fence, dueAt.getTime(), notBefore.getTime()];
    const text = ascii(JSON.stringify(traceparent === undefined ? fields : [...fields, traceparent]));
    const [key] = this.#keys;
    return key === undefined ? text : `${signatureOf(text, key)}.${text}`;
  }

  /** Never throws: what cannot be read is told in words that repeat nothing of it. */
  open(text: string): Opened {
    if (text === "") return { objection: "empty" };
    if (text.length > LONGEST) return { objection: "too large" };
    const { signature, content } = split(text);
    if (this.#keys.length > 0) {
      if (signature === null) return { objection: "not signed" };
      if (!this.#keys.some((key) => isSame(signature, signatureOf(content, key)))) {
        return { objection: "not signed by us" };
      }
    }
    return read(content);
  }
}

/** Not every queue takes every character, and of these each takes one byte everywhere. */
function ascii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function signatureOf(text: string, key: Uint8Array): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}

/** As texts: of the last character two bits say nothing, so four different texts would be the same bytes. */
function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

function split(text: string): { readonly signature: string | null; readonly content: string } {
  const [, signature, content = ""] = /^([\w-]{43})\.(.*)$/s.exec(text) ?? [];
  return signature === undefined ? { signature: null, content: text } : { signature, content };
}

function read(text: string): Opened {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    return { objection: "no JSON" };
  }
  if (!Array.isArray(fields)) return { objection: "no message" };
  const [version, eventId, tenant, scheduleId, fence, dueAt, notBefore, traceparent] = fields as readonly unknown[];
  if (typeof version !== "number") return { objection: "no message" };
  if (version !== 1) return { objection: `version ${version.toString().slice(0, 20)} is not known here` };
  if (!isUuid(eventId) || !isUuid(scheduleId)) return { objection: "an id is none" };
  if (typeof tenant !== "string" || tenant === "") return { objection: "the tenant is none" };
  if (typeof fence !== "number" || !Number.isSafeInteger(fence) || fence < 1) return { objection: "the fence is none" };
  const [due, earliest] = [instant(dueAt), instant(notBefore)];
  if (due === null || earliest === null) return { objection: "a time is none" };
  if (traceparent !== undefined && typeof traceparent !== "string") return { objection: "the trace is none" };
  const message = { version, eventId, tenant, scheduleId, fence, dueAt: due, notBefore: earliest } as const;
  return { message: traceparent === undefined ? message : { ...message, traceparent } };
}

function isUuid(value: unknown): value is string {
  return typeof value === "string" && UUID.test(value);
}

function instant(value: unknown): Date | null {
  if (typeof value !== "number") return null;
  const at = new Date(value);
  return Number.isNaN(at.getTime()) ? null : at;
}
