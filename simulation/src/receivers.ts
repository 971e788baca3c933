import type { OutgoingRequest } from "@punctual/core";
import type { LineError, Reaction, SeenRequest, Stage } from "./stage.js";

/** The other side: remembers all it was asked, and answers as badly as the seed wants. */
export class Receivers {
  readonly seen = new Map<string, SeenRequest[]>();
  readonly #world: Stage;

  constructor(world: Stage) {
    this.#world = world;
  }

  receive(request: OutgoingRequest): Reaction {
    const { dice, faults, watch, time } = this.#world;
    watch.request(request);
    const status = this.#status();
    const lost = dice.chance(faults.answerLost);
    const success = status >= 200 && status < 300;
    const { id, attempt, body } = request;
    const retryAfter = status === 429 && dice.chance(0.7) ? dice.between(1, 20) : null;
    const seen = { at: time.now, id, attempt, body, success, retryAfterMs: (retryAfter ?? 0) * 1_000 };
    const before = this.seen.get(id);
    if (before === undefined) this.seen.set(id, [seen]);
    else before.push(seen);
    if (lost) return { result: failed(dice.pick(["timeout", "reset"] as const)), afterMs: dice.between(1_000, 5_000) };
    const header = retryAfter === null ? null : String(retryAfter);
    const result = { status, error: null, retryAfter: header, ...NOTHING_MORE };
    return { result, afterMs: dice.chance(0.1) ? dice.between(100, 4_000) : 0 };
  }

  #status(): number {
    const { dice, faults } = this.#world;
    if (dice.chance(faults.serverError)) return dice.pick([500, 502, 503, 504]);
    if (dice.chance(faults.throttled)) return 429;
    if (dice.chance(faults.rejected)) return dice.pick([400, 401, 404, 302]);
    if (dice.chance(faults.gone)) return 410;
    return dice.pick([200, 202, 204]);
  }
}

const NOTHING_MORE = { detail: null, timings: null, responseExcerpt: null };

function failed(error: LineError): Reaction["result"] {
  return { status: null, error, retryAfter: null, ...NOTHING_MORE };
}
