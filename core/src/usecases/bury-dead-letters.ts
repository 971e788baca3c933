import type { EventStore } from "../ports/event-store.js";
import type { Failpoints } from "../ports/failpoints.js";
import type { Telemetry } from "../ports/telemetry.js";
import type { Message, MessageVerdict } from "../ports/transport.js";

export interface BuryDeadLettersDeps {
  readonly events: EventStore;
  readonly telemetry: Telemetry;
  readonly failpoints: Failpoints;
}

/**
 * Brings what the transport gave up on into a visible state: the event fails as `undeliverable`, unless somebody holds a
 * newer claim on it, or it has ended in another way. The row, not the queue, says what became of an event (W4).
 */
export class BuryDeadLetters {
  readonly #deps: BuryDeadLettersDeps;

  constructor(deps: BuryDeadLettersDeps) {
    this.#deps = deps;
  }

  async handle(messages: readonly Message[], reason: string): Promise<readonly MessageVerdict[]> {
    const { events, telemetry, failpoints } = this.#deps;
    await failpoints.at("dlq.before");
    const claims = messages.map(({ eventId, tenant, fence }) => ({ eventId, tenant, fence }));
    await events.finish(claims.map((claim) => ({ claim, outcome: { state: "FAILED", reason: "undeliverable" } })));
    for (const { eventId } of messages) telemetry.note({ kind: "dead_letter", eventId, reason });
    return messages.map(() => ({ kind: "ack" }));
  }
}
