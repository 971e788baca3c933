import { Unavailable } from "../errors.js";
import type { DataKeys } from "../ports/data-keys.js";
import type { Rng } from "../ports/rng.js";

/** Keeps data keys in a map, and calls a ticket for one wrapped. Those with one map are processes with one outer key. */
export class MemoryDataKeys implements DataKeys {
  readonly #rng: Rng;
  readonly #kept: Map<string, Uint8Array>;

  constructor(rng: Rng, kept = new Map<string, Uint8Array>()) {
    this.#rng = rng;
    this.#kept = kept;
  }

  async generate(): Promise<{ readonly key: Uint8Array; readonly wrapped: Uint8Array }> {
    const key = this.#bytes(32);
    const wrapped = this.#bytes(16);
    this.#kept.set(wrapped.join(), key.slice());
    return { key, wrapped };
  }

  async unwrap(wrapped: Uint8Array): Promise<Uint8Array> {
    const key = this.#kept.get(wrapped.join());
    if (key === undefined) throw new Unavailable("A data key cannot be unwrapped", { code: "key_unreadable" });
    return key.slice();
  }

  #bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => Math.floor(256 * this.#rng.next()));
  }
}
