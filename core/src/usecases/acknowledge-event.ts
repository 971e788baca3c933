import { Conflict, InvalidInput, NotFound } from "../errors.js";
import { callbackOf } from "../events/callback.js";
import { type EventState, isTerminal, type ScheduledEvent } from "../events/event.js";
import { finished, isInFlight, retried } from "../events/life-cycle.js";
import { decideRetry, latestSend } from "../events/retry.js";
import { Fields } from "../input/fields.js";
import type { Clock } from "../ports/clock.js";
import type { Rng } from "../ports/rng.js";
import type { SignedMessage, Signatures } from "../ports/signatures.js";
import type { Transaction, UnitOfWork } from "../ports/unit-of-work.js";
import type { Schedule } from "../schedules/schedule.js";

export interface AcknowledgeEventDeps {
  readonly unitOfWork: UnitOfWork;
  readonly signatures: Signatures;
  readonly rng: Rng;
  readonly clock: Clock;
}

export interface AcknowledgeRequest {
  readonly tenant: string;
  readonly id: string;
  /** As it came, with `{"attempt", "outcome": "ack" | "nack", "retry"?, "note"?}` for a body. */
  readonly message: SignedMessage;
}

/** How often, and how far apart, one looks for an attempt that is just being recorded. */
const MOST_LOOKS = 20;
const LOOK_MS = 100;

/** The states in which the same was said before. */
const SAID: Readonly<Record<Word["outcome"], readonly EventState[]>> = {
  ack: ["COMPLETED"],
  nack: ["FAILED", "PENDING"],
};

interface Word {
  readonly attempt: number;
  readonly outcome: "ack" | "nack";
  /** Whether what was not done should be tried again. */
  readonly retry: boolean;
  readonly note: string | null;
}

/**
 * Takes the word of a receiver that has answered 202 and did the work afterwards: signed with the secret that signs its
 * requests, about the last attempt, and no later than the next one begins.
 */
export class AcknowledgeEvent {
  readonly #deps: AcknowledgeEventDeps;

  constructor(deps: AcknowledgeEventDeps) {
    this.#deps = deps;
  }

  /** Saying the same twice changes nothing. */
  async run({ tenant, id, message }: AcknowledgeRequest): Promise<ScheduledEvent> {
    const { unitOfWork, clock } = this.#deps;
    await this.#refuseForged(tenant, id, message);
    const word = readWord(message.body);
    for (let looks = 1; ; looks++) {
      const taken = await unitOfWork.run(tenant, async (transaction) => this.#look(id, word, transaction));
      if (taken !== "too soon") return taken;
      if (looks === MOST_LOOKS) throw new Conflict("in_flight", `Event ${id} is being delivered just now`);
      await clock.sleep(LOOK_MS);
    }
  }

  /** The word can overtake its own 202, whose attempt is then not on record yet. */
  async #look(id: string, word: Word, transaction: Transaction): Promise<ScheduledEvent | "too soon"> {
    const { events, now } = transaction;
    const event = await events.get(id);
    if (event === null) throw new NotFound("event", id);
    const last = (await events.attempts(id)).at(-1);
    const inFlight = isInFlight(event, now);
    if (inFlight && word.attempt === (last?.number ?? 0) + 1) return "too soon";
    const meant = last?.number === word.attempt && last.status === 202;
    if (meant && event.attempt > 0 && SAID[word.outcome].includes(event.state)) return event;
    if (!meant || inFlight || event.attempt === 0 || isTerminal(event.state)) {
      throw new Conflict("not_awaited", `Nothing is awaited of attempt ${word.attempt} of event ${id}`);
    }
    return this.#take(event, word, transaction);
  }

  async #refuseForged(tenant: string, id: string, message: SignedMessage): Promise<void> {
    const { unitOfWork, signatures } = this.#deps;
    const { event, destination, now } = await unitOfWork.run(tenant, async ({ events, destinations, now }) => {
      const event = await events.get(id);
      return { event, destination: event === null ? null : await destinations.get(event.destinationId), now };
    });
    if (event === null) throw new NotFound("event", id);
    const genuine = message.id === id && destination !== null && (await signatures.genuine(message, destination, now));
    if (genuine) return;
    const text = "Must be signed with the destination's secret, under the event's id, within the last five minutes";
    throw new InvalidInput([{ pointer: "", code: "bad_signature", message: text }]);
  }

  async #take(event: ScheduledEvent, word: Word, transaction: Transaction): Promise<ScheduledEvent> {
    const { events, schedules, audit, now } = transaction;
    const schedule = await schedules.get(event.scheduleId);
    if (schedule === null) throw new NotFound("schedule", event.scheduleId);
    const next =
      word.outcome === "ack" ? finished(event, "COMPLETED", now, null) : this.#refused(event, word, schedule, now);
    await events.replace(next);
    if (word.outcome === "nack") {
      await audit.record({ action: "event.nacked", subject: event.id, actor: "receiver", note: word.note });
    }
    if (next.state !== "COMPLETED" && next.state !== "FAILED") return next;
    const ended = { state: next.state, reason: next.reason, attempts: event.attempt, status: 202 };
    const callback = callbackOf(event, schedule, ended, now);
    if (callback !== null) await events.add([callback]);
    return next;
  }

  /** What is not done is like an attempt that failed for the time being, unless the receiver says that it never will be. */
  #refused(event: ScheduledEvent, { retry }: Word, schedule: Schedule, now: Date): ScheduledEvent {
    if (!retry) return finished(event, "FAILED", now, "rejected");
    const decision = decideRetry({
      policy: schedule.retry,
      latestSend: latestSend(schedule.lateness, event),
      firstAttemptAt: event.firstAttemptAt ?? now,
      attempt: event.attempt,
      now,
      retryAfterMs: null,
      chance: this.#deps.rng.next(),
    });
    if (!decision.again) return finished(event, "FAILED", now, decision.reason);
    const held = schedule.status === "paused" && event.origin !== "callback";
    return retried(event, held ? null : new Date(now.getTime() + decision.inMs));
  }
}

function readWord(body: string): Word {
  const fields = Fields.of(parseJson(body));
  const attempt = fields.integer("attempt", { min: 1, max: 1_000_000, required: true });
  if (!fields.has("outcome")) fields.problem("outcome", "required", "Is required");
  const outcome = fields.choice("outcome", ["ack", "nack"]);
  const retry = fields.raw("retry") ?? true;
  if (typeof retry !== "boolean") fields.problem("retry", "not_a_choice", "Must be true or false");
  const note = fields.text("note", { max: 1_024 }) ?? null;
  fields.refuseUnknown();
  fields.finish();
  return { attempt: attempt ?? 0, outcome: outcome ?? "nack", retry: retry === true, note };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new InvalidInput([{ pointer: "", code: "not_json", message: "Must be a JSON object" }]);
  }
}
