import { callbackOf } from "../events/callback.js";
import type { EventStore, TellOthers } from "../ports/event-store.js";
import type { Failpoints } from "../ports/failpoints.js";
import type { Telemetry } from "../ports/telemetry.js";
import type { Message, MessageVerdict } from "../ports/transport.js";

export interface BuryDeadLettersDeps {
  readonly events: EventStore;
  readonly telemetry: Telemetry;
  readonly failpoints: Failpoints;
}

const tellOfLoss: TellOthers = (event, owner, now) => {
  const ended = { state: "FAILED", reason: "undeliverable", attempts: event.attempt, status: null } as const;
  return callbackOf(event, owner, ended, now);
};

/** After so many claims running that nobody began an event is given up; before, an outage is the likelier cause. */
export const MOST_UNHEARD = 5;

/**
 * Looks after what the transport gave up on. The row, not the queue, says what becomes of an event (W4): it is offered
 * again at once, and after some claims it fails visibly, as `undeliverable`. Where somebody holds a newer claim, is at
 * work, or has ended it, nothing happens.
 */
export class BuryDeadLetters {
  readonly #deps: BuryDeadLettersDeps;
  readonly #mostUnheard: number;

  constructor(deps: BuryDeadLettersDeps, mostUnheard = MOST_UNHEARD) {
    this.#deps = deps;
    this.#mostUnheard = mostUnheard;
  }

  async handle(messages: readonly Message[], reason: string): Promise<readonly MessageVerdict[]> {
    const { events, telemetry, failpoints } = this.#deps;
    await failpoints.at("dlq.before");
    const claims = messages.map(({ eventId, tenant, fence }) => ({ eventId, tenant, fence }));
    await events.giveUp(claims, this.#mostUnheard, tellOfLoss);
    for (const { eventId } of messages) telemetry.note({ kind: "dead_letter", eventId, reason });
    return messages.map(() => ({ kind: "ack" }));
  }
}
