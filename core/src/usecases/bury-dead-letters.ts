import { callbackOf } from "../events/callback.js";
import type { EventStore, TellOthers } from "../ports/event-store.js";
import type { Failpoints } from "../ports/failpoints.js";
import type { Telemetry } from "../ports/telemetry.js";
import type { DeadLetter, Message, MessageVerdict } from "../ports/transport.js";

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
 * work, or has ended it, nothing happens. What cannot be read is told and kept: it may be a row's only trace.
 */
export class BuryDeadLetters {
  readonly #deps: BuryDeadLettersDeps;
  readonly #mostUnheard: number;

  constructor(deps: BuryDeadLettersDeps, mostUnheard = MOST_UNHEARD) {
    this.#deps = deps;
    this.#mostUnheard = mostUnheard;
  }

  handle(letters: readonly DeadLetter[]): readonly Promise<MessageVerdict>[] {
    const messages = letters.flatMap(({ message }) => message ?? []);
    // All at once, and by nobody but those that wait for it.
    const buried = messages.length > 0 ? this.#bury(messages) : undefined;
    return letters.map(async ({ message, reason }): Promise<MessageVerdict> => {
      if (message !== null) await buried;
      this.#deps.telemetry.note({ kind: "dead_letter", eventId: message?.eventId ?? null, reason });
      return message === null ? { kind: "reject", reason } : { kind: "ack" };
    });
  }

  async #bury(messages: readonly Message[]): Promise<void> {
    const { events, failpoints } = this.#deps;
    await failpoints.at("dlq.before");
    const claims = messages.map(({ eventId, tenant, fence }) => ({ eventId, tenant, fence }));
    await events.giveUp(claims, this.#mostUnheard, tellOfLoss);
  }
}
