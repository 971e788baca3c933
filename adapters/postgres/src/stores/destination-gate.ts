import {
  type Admission,
  ask,
  type Breaker,
  BREAKER_DEFAULTS,
  type BreakerAnswer,
  type BreakerOptions,
  comeBack,
  type DestinationGate,
  failingTooLong,
  type GateChange,
  type GateRequest,
  type GateResult,
  newBreaker,
  NO_PLACES,
  takePlace,
  tell,
  took,
  TurnedAway,
} from "@punctual/core";
import type { HotPath, HotTransaction } from "../hot-path.js";
import { GateHealth } from "./gate-health.js";
import { GateTurns } from "./gate-turns.js";
import { LockedGates, leaseKey, storableKey } from "./gate-rows.js";
import * as sql from "./gate-statements.js";

/**
 * The gates of all workers, one row for each destination that is limited or has failed. Where nothing is limited, to ask
 * costs one look for a whole batch, and to report successes nothing. Only of a destination with a concurrency it is
 * known what is under way: where one is set, those that went before do not count.
 */
export class PostgresDestinationGate implements DestinationGate {
  readonly #hot: HotPath;
  readonly #options: BreakerOptions;
  readonly #health: GateHealth;
  readonly #turnedAway: TurnedAway;
  readonly #admissions: GateTurns<Asked, Admission>;
  readonly #reports: GateTurns<Told, readonly GateChange[]>;

  constructor(hot: HotPath, options: BreakerOptions = BREAKER_DEFAULTS) {
    this.#hot = hot;
    this.#options = options;
    this.#health = new GateHealth(options.windowMs);
    this.#turnedAway = new TurnedAway(options);
    this.#admissions = new GateTurns((asked) => this.#withRows((transaction) => this.#admit(asked, transaction)));
    this.#reports = new GateTurns((told) => this.#write(told));
  }

  async admit(requests: readonly GateRequest[]): Promise<readonly Admission[]> {
    if (requests.length === 0) return [];
    const asked = requests.map((request) => ({ ...request, ...keysOf(request) }));
    return this.#admissions.ask(asked);
  }

  async report(results: readonly GateResult[]): Promise<readonly GateChange[]> {
    const all = results.map((result) => {
      const keys = keysOf(result);
      const counted = result.outcome === "success" && this.#health.count(keys.gate);
      return { ...result, ...keys, news: result.outcome !== "none" && !counted };
    });
    const told = all.filter(({ gate, news }) => news || this.#health.isLimited(gate));
    return told.length === 0 ? [] : (await this.#reports.ask(told)).flat();
  }

  async #write(told: readonly Told[]): Promise<readonly (readonly GateChange[])[]> {
    const failing = new Set(told.filter(({ outcome }) => outcome === "failure").map(({ gate }) => gate));
    const successes = new Map([...failing].map((gate) => [gate, this.#health.take(gate)]));
    return this.#withRows(async (transaction) => this.#report(told, successes, transaction));
  }

  /** The rows that it misses are made by a transaction of their own; then it is run again. */
  async #withRows<T>(work: (transaction: HotTransaction) => Promise<Missing | readonly T[]>): Promise<readonly T[]> {
    for (;;) {
      const done = await this.#hot.run(work);
      if (!("missing" in done)) return done;
      await this.#hot.run(async ({ query }) => query(sql.MAKE, [done.missing]));
    }
  }

  async #admit(asked: readonly Asked[], transaction: HotTransaction): Promise<Missing | readonly Admission[]> {
    const breakers = await this.#look(asked, transaction);
    /** What an open breaker says, which needs no lock. */
    const shut = new Map<string, () => Admission>();
    const careful = new Set<string>();
    for (const { gate, ratePerSecond, concurrency } of asked) {
      const breaker = breakers.get(gate) ?? null;
      const answer = ask(breaker ?? newBreaker(0), transaction.now.getTime(), this.#options);
      if (!answer.go) shut.set(gate, () => this.#turnAway(gate, answer));
      else if (isOpen(breaker) || ratePerSecond !== null || concurrency !== null) careful.add(gate);
    }
    const missing = [...careful].filter((gate) => !breakers.has(gate));
    if (missing.length > 0) return { missing };
    const gates = await LockedGates.of(careful, transaction);
    await gates.countUnderWay([...withPlaces(asked)].filter((gate) => careful.has(gate)));
    const admissions = asked.map((one) => shut.get(one.gate)?.() ?? this.#decide(one, gates));
    await gates.keep();
    return admissions;
  }

  #turnAway(gate: string, { breaker, inMs }: Extract<BreakerAnswer, { go: false }>): Admission {
    return laterBecause("breaker", this.#turnedAway.next(gate, breaker, inMs));
  }

  async #look(asked: readonly Asked[], { now, query }: HotTransaction): Promise<ReadonlyMap<string, Breaker | null>> {
    const keys = new Set(asked.map(({ gate }) => gate));
    const limited = withPlaces(asked);
    const rows = await query<{ id: string; breaker: Breaker | null }>(sql.LOOK, [[...keys]]);
    const breakers = new Map(rows.map(({ id, breaker }) => [id, breaker]));
    for (const key of keys) this.#health.note(key, breakers.get(key) ?? null, limited.has(key), now.getTime());
    return breakers;
  }

  #decide({ gate, eventId, ratePerSecond, concurrency, leaseMs }: Asked, gates: LockedGates): Admission {
    const { now } = gates;
    const row = gates.get(gate);
    if (row === undefined) return GO; // neither limited nor ailing
    const answer = ask(row.breaker ?? newBreaker(now), now, this.#options);
    if (!answer.go) return this.#turnAway(gate, answer);
    if (concurrency !== null && gates.underWay(gate) >= concurrency) {
      const { inMs, state } = comeBack(row.places ?? NO_PLACES, concurrency, now);
      gates.change(gate, { places: state });
      return laterBecause("concurrency", inMs);
    }
    if (ratePerSecond !== null) {
      const place = takePlace(row.rate, ratePerSecond, now);
      gates.change(gate, { rate: place.state });
      if (!place.go) return laterBecause("rate", place.inMs);
    }
    if (answer.breaker.state !== "closed") gates.change(gate, { breaker: answer.breaker });
    if (concurrency !== null) gates.lease({ gate, eventId }, leaseMs);
    return GO;
  }

  async #report(
    told: readonly Told[],
    successes: ReadonlyMap<string, number>,
    transaction: HotTransaction,
  ): Promise<Missing | readonly (readonly GateChange[])[]> {
    const gates = await LockedGates.of(new Set(told.map(({ gate }) => gate)), transaction);
    const missing = [...successes.keys()].filter((gate) => gates.get(gate) === undefined);
    if (missing.length > 0) return { missing };
    const ended = await gates.end(told.filter(({ gate }) => this.#health.isLimited(gate)));
    for (const [gate, count] of successes) {
      // They are from before another worker's failures opened it, and must not close it.
      if (isOpen(gates.get(gate)?.breaker ?? null)) continue;
      for (let one = 0; one < count; one++) this.#tell(gate, true, gates);
    }
    const changes = told.map((result) => this.#end(result, ended, gates));
    await gates.keep();
    return changes;
  }

  #end(result: Told, ended: ReadonlySet<string>, gates: LockedGates): GateChange[] {
    const { destinationId, gate, outcome, durationMs, news } = result;
    const row = gates.get(gate);
    if (row === undefined || outcome === "none") return [];
    if (ended.has(leaseKey(result))) gates.change(gate, { places: took(row.places ?? NO_PLACES, durationMs) });
    if (!news) return [];
    const breaker = this.#tell(gate, outcome === "success", gates);
    const tooLong = failingTooLong(breaker, gates.now, this.#options);
    if (breaker.state === (row.breaker?.state ?? "closed") && !tooLong) return [];
    return [{ destinationId, breaker: breaker.state, failingTooLong: tooLong }];
  }

  #tell(gate: string, success: boolean, gates: LockedGates): Breaker {
    const breaker = tell(gates.get(gate)?.breaker ?? newBreaker(gates.now), success, gates.now, this.#options);
    gates.change(gate, { breaker });
    this.#health.told(gate, breaker);
    return breaker;
  }
}

interface Keys {
  readonly gate: string;
  readonly eventId: string;
}

type Asked = GateRequest & Keys;

interface Told extends GateResult, Keys {
  /** Whether the breaker must be told: what changes nothing but a count is counted here. */
  readonly news: boolean;
}

interface Missing {
  readonly missing: readonly string[];
}

const GO: Admission = { kind: "go" };

function laterBecause(because: "rate" | "breaker" | "concurrency", inMs: number): Admission {
  return { kind: "later", inMs, because };
}

function keysOf({ destinationId, eventId }: Pick<GateResult, "destinationId" | "eventId">): Keys {
  return { gate: storableKey(destinationId), eventId: storableKey(eventId) };
}

/** Open, or half so. */
function isOpen(breaker: Breaker | null): boolean {
  return breaker !== null && breaker.state !== "closed";
}

/** The gates whose places are counted. */
function withPlaces(asked: readonly Asked[]): Set<string> {
  return new Set(asked.filter(({ concurrency }) => concurrency !== null).map(({ gate }) => gate));
}
