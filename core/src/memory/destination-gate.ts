import {
  ask,
  type Breaker,
  BREAKER_DEFAULTS,
  type BreakerOptions,
  failingTooLong,
  newBreaker,
  tell,
} from "../destinations/breaker.js";
import { comeBack, NO_PLACES, type PlacesState, took } from "../destinations/places.js";
import { type RateState, takePlace } from "../destinations/rate.js";
import { TurnedAway } from "../destinations/turned-away.js";
import type { Clock } from "../ports/clock.js";
import type { Admission, DestinationGate, GateChange, GateRequest, GateResult } from "../ports/destination-gate.js";

interface Gate {
  breaker: Breaker;
  rate: RateState | null;
  places: PlacesState;
  /** The ends of the leases of those under way, by event. */
  readonly underWay: Map<string, number>;
}

export class MemoryDestinationGate implements DestinationGate {
  readonly #clock: Clock;
  readonly #options: BreakerOptions;
  readonly #gates = new Map<string, Gate>();
  readonly #turnedAway: TurnedAway;

  constructor(clock: Clock, options: BreakerOptions = BREAKER_DEFAULTS) {
    this.#clock = clock;
    this.#options = options;
    this.#turnedAway = new TurnedAway(options);
  }

  async admit(requests: readonly GateRequest[]): Promise<readonly Admission[]> {
    return requests.map((request) => this.#admit(request, this.#clock.now().getTime()));
  }

  async report(results: readonly GateResult[]): Promise<readonly GateChange[]> {
    return results.flatMap((result) => this.#report(result, this.#clock.now().getTime()));
  }

  #admit(request: GateRequest, now: number): Admission {
    const gate = this.#gate(request.destinationId, now);
    for (const [eventId, leaseEnd] of gate.underWay) if (leaseEnd <= now) gate.underWay.delete(eventId);
    const answer = ask(gate.breaker, now, this.#options);
    if (!answer.go) {
      const inMs = this.#turnedAway.next(request.destinationId, gate.breaker, answer.inMs);
      return { kind: "later", inMs, because: "breaker" };
    }
    if (request.concurrency !== null && gate.underWay.size >= request.concurrency) {
      const { inMs, state } = comeBack(gate.places, request.concurrency, now);
      gate.places = state;
      return { kind: "later", inMs, because: "concurrency" };
    }
    if (request.ratePerSecond !== null) {
      const place = takePlace(gate.rate, request.ratePerSecond, now);
      gate.rate = place.state;
      if (!place.go) return { kind: "later", inMs: place.inMs, because: "rate" };
    }
    gate.breaker = answer.breaker;
    gate.underWay.set(request.eventId, now + request.leaseMs);
    return { kind: "go" };
  }

  #report(result: GateResult, now: number): readonly GateChange[] {
    const gate = this.#gate(result.destinationId, now);
    const ended = gate.underWay.delete(result.eventId);
    if (result.outcome === "none") return [];
    if (ended) gate.places = took(gate.places, result.durationMs);
    const before = gate.breaker;
    gate.breaker = tell(before, result.outcome === "success", now, this.#options);
    const tooLong = failingTooLong(gate.breaker, now, this.#options);
    if (gate.breaker.state === before.state && !tooLong) return [];
    return [{ destinationId: result.destinationId, breaker: gate.breaker.state, failingTooLong: tooLong }];
  }

  #gate(destinationId: string, now: number): Gate {
    let gate = this.#gates.get(destinationId);
    if (gate === undefined) {
      gate = { breaker: newBreaker(now), rate: null, places: NO_PLACES, underWay: new Map() };
      this.#gates.set(destinationId, gate);
    }
    return gate;
  }
}
