import { createHash } from "node:crypto";
import type { Breaker, PlacesState, RateState } from "@punctual/core";
import type { HotTransaction } from "../hot-path.js";
import * as sql from "./gate-statements.js";
import { isStorable } from "./rows.js";

/** What is kept of one destination. */
export interface GateRow {
  readonly breaker: Breaker | null;
  readonly rate: RateState | null;
  readonly places: PlacesState | null;
}

/** A request under way. */
export interface GateLease {
  readonly gate: string;
  readonly eventId: string;
}

/** The rows of some gates, locked until the transaction ends. What is changed of them is written by `keep`, all at once. */
export class LockedGates {
  /** When the last of them had been locked, by the database's clock. */
  readonly now: number;
  readonly #query: HotTransaction["query"];
  readonly #rows: Map<string, GateRow>;
  readonly #changed = new Set<string>();
  readonly #underWay = new Map<string, number>();
  readonly #leases = new Map<string, GateLease & { readonly endsAt: Date }>();

  private constructor(rows: readonly LockedRow[], { now, query }: HotTransaction) {
    this.now = Math.max(now.getTime(), ...rows.map((row) => row.now.getTime()));
    this.#query = query;
    this.#rows = new Map(rows.map(({ id, breaker, rate, places }) => [id, { breaker, rate, places }]));
  }

  /** Those that have a row. */
  static async of(keys: ReadonlySet<string>, transaction: HotTransaction): Promise<LockedGates> {
    const rows = keys.size === 0 ? [] : await transaction.query<LockedRow>(sql.LOCK, [[...keys]]);
    return new LockedGates(rows, transaction);
  }

  get(key: string): GateRow | undefined {
    return this.#rows.get(key);
  }

  change(key: string, change: Partial<GateRow>): void {
    const row = this.#rows.get(key);
    if (row === undefined) return;
    this.#rows.set(key, { ...row, ...change });
    this.#changed.add(key);
  }

  async countUnderWay(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const counts = await this.#query<{ gate: string; count: number }>(sql.UNDER_WAY, [keys, new Date(this.now)]);
    for (const { gate, count } of counts) this.#underWay.set(gate, count);
  }

  underWay(key: string): number {
    return this.#underWay.get(key) ?? 0;
  }

  lease({ gate, eventId }: GateLease, leaseMs: number): void {
    this.#underWay.set(gate, this.underWay(gate) + 1);
    this.#leases.set(leaseKey({ gate, eventId }), { gate, eventId, endsAt: new Date(this.now + leaseMs) });
  }

  /** The keys of those that were under way, and now are not. */
  async end(leases: readonly GateLease[]): Promise<ReadonlySet<string>> {
    const here = leases.filter(({ gate }) => this.#rows.has(gate));
    if (here.length === 0) return new Set();
    const fields = [here.map(({ gate }) => gate), here.map(({ eventId }) => eventId)];
    return new Set((await this.#query<GateLease>(sql.END, fields)).map(leaseKey));
  }

  async keep(): Promise<void> {
    const changed = [...this.#rows].filter(([key]) => this.#changed.has(key));
    const leases = [...this.#leases.values()];
    if (changed.length + leases.length === 0) return;
    await this.#query(sql.KEEP, [
      changed.map(([key]) => key),
      changed.map(([, { breaker }]) => (breaker === null || isPristine(breaker) ? null : JSON.stringify(breaker))),
      changed.map(([, { rate }]) => rate && JSON.stringify(rate)),
      changed.map(([, { places }]) => places && JSON.stringify(places)),
      ...[leases.map(({ gate }) => gate), leases.map(({ eventId }) => eventId), leases.map(({ endsAt }) => endsAt)],
    ]);
  }
}

/** Whether a new one would do as well. */
function isPristine({ state, failures, failingSince }: Breaker): boolean {
  return state === "closed" && failures === 0 && failingSince === null;
}

interface LockedRow extends GateRow {
  readonly id: string;
  readonly now: Date;
}

export function leaseKey({ gate, eventId }: GateLease): string {
  return JSON.stringify([gate, eventId]);
}

const LONGEST_KEY = 200;

/** A text that the database can hold and index, for any text at all. */
export function storableKey(text: string): string {
  if (text.length <= LONGEST_KEY && isStorable(text)) return text;
  return createHash("sha256").update(JSON.stringify(text)).digest("hex");
}
