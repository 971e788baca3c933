import type { Message } from "@punctual/core";
import { Envelopes } from "../../src/envelopes.js";
import type { Received } from "../../src/queues/text-queue.js";

export const NOON = new Date("2030-01-01T12:00:00Z");
export const envelopes = new Envelopes([Buffer.alloc(32, 1)]);

/** The event of this number; its time has come unless it is said to be early. */
export function messageOf(number: number, earlyMs = 0): Message {
  const tail = number.toString(16).padStart(12, "0");
  const notBefore = new Date(NOON.getTime() + earlyMs);
  return {
    ...{ version: 1, tenant: "main", fence: 1 },
    eventId: `0190c2a4-7d1e-7000-8000-${tail}`,
    scheduleId: `0190c2a4-7d1e-7000-9000-${tail}`,
    ...{ dueAt: notBefore, notBefore },
  };
}

/** What a queue has given out, with this text. */
export function receivedOf(number: number, body = envelopes.seal(messageOf(number))): Received {
  return { id: `id-${number}`, body, receipt: `receipt-${number}`, attributes: {} };
}
