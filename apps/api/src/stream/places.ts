import { Refused } from "../http/refused.js";

export interface PlaceLimits {
  readonly inAll: number;
  readonly perTenant: number;
}

/** How many streams there may be at one time: one that nobody reads keeps its connection all the same. */
export class Places {
  readonly #limits: PlaceLimits;
  readonly #taken = new Map<string, number>();

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  /** Takes a place until the signal is aborted. */
  take(tenant: string, signal: AbortSignal): void {
    const inAll = [...this.#taken.values()].reduce((sum, count) => sum + count, 0);
    const own = this.#taken.get(tenant) ?? 0;
    if (inAll >= this.#limits.inAll || own >= this.#limits.perTenant) {
      const headers = { "retry-after": String(RETRY_AFTER_S) };
      throw new Refused(429, "too_many_streams", "There are as many streams as there may be", { headers });
    }
    if (signal.aborted) return;
    this.#taken.set(tenant, own + 1);
    signal.addEventListener("abort", () => this.#giveBack(tenant), { once: true });
  }

  #giveBack(tenant: string): void {
    const left = (this.#taken.get(tenant) ?? 0) - 1;
    if (left > 0) this.#taken.set(tenant, left);
    else this.#taken.delete(tenant);
  }
}

const RETRY_AFTER_S = 5;
