export interface Taken {
  readonly ok: boolean;
  readonly left: number;
  /** In how many seconds all is free again. */
  readonly fullInS: number;
  /** In how many seconds there is a place again. */
  readonly nextInS: number;
}

interface Bucket {
  left: number;
  /** On the monotonic clock. */
  at: number;
}

const MOST_KEPT = 10_000;

/** So many a minute for each key, with a minute's worth at once; counted by this process alone. */
export class RateLimit {
  readonly perMinute: number;
  readonly #monotonic: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perMinute: number, monotonic: () => number) {
    this.perMinute = perMinute;
    this.#monotonic = monotonic;
  }

  take(key: string): Taken {
    const now = this.#monotonic();
    const before = this.#buckets.get(key) ?? { left: this.perMinute, at: now };
    const left = Math.min(this.perMinute, before.left + (now - before.at) * this.#perMs);
    const ok = left >= 1;
    const bucket = { left: ok ? left - 1 : left, at: now };
    // Put behind all others: those that asked longest ago are forgotten first, when they are full again anyway.
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > MOST_KEPT) this.#forgetOne();
    return {
      ok,
      left: Math.floor(bucket.left),
      fullInS: Math.ceil((this.perMinute - bucket.left) / this.#perMs / 1_000),
      nextInS: Math.max(1, Math.ceil((1 - bucket.left) / this.#perMs / 1_000)),
    };
  }

  get #perMs(): number {
    return this.perMinute / 60_000;
  }

  #forgetOne(): void {
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
