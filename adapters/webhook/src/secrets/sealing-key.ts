import { createSecretKey, type KeyObject } from "node:crypto";
import type { Clock, DataKeys } from "@punctual/core";

/** A key and its wrapped form. */
export interface DataKey {
  readonly key: KeyObject;
  readonly wrapped: Buffer;
}

const LIFE_MS = 3_600_000;
/** So many secrets lie open at most to who has got hold of one data key. */
const MOST_SEALS = 1_000;

/** The data key that seals at present. It serves for an hour at most: a new one for each secret would be slow and dear. */
export class SealingKey {
  readonly #dataKeys: DataKeys;
  readonly #clock: Pick<Clock, "monotonic">;
  #held: { readonly key: Promise<DataKey>; readonly until: number; sealsLeft: number } | null = null;

  constructor(dataKeys: DataKeys, clock: Pick<Clock, "monotonic">) {
    this.#dataKeys = dataKeys;
    this.#clock = clock;
  }

  /** The key for one more seal. */
  next(): Promise<DataKey> {
    const now = this.#clock.monotonic();
    let held = this.#held;
    if (held === null || held.sealsLeft === 0 || now >= held.until) held = this.#renew(now);
    held.sealsLeft -= 1;
    return held.key;
  }

  #renew(now: number) {
    const held = { key: generate(this.#dataKeys), until: now + LIFE_MS, sealsLeft: MOST_SEALS };
    this.#held = held;
    held.key.catch(() => {
      if (this.#held === held) this.#held = null; // whoever comes next asks again
    });
    return held;
  }
}

async function generate(dataKeys: DataKeys): Promise<DataKey> {
  const { key, wrapped } = await dataKeys.generate();
  return { key: createSecretKey(key), wrapped: Buffer.from(wrapped) };
}
