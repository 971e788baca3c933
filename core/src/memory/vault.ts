import { Unavailable } from "../errors.js";
import type { Rng } from "../ports/rng.js";
import type { Vault } from "../ports/vault.js";

/** What lies in a vault in memory, by the text that stands for it. */
export type KeptSecrets = Map<string, { readonly secret: string; readonly owner: string }>;

/** Keeps secrets in a map, and calls a ticket for one sealed. Vaults with one map are processes with one key. */
export class MemoryVault implements Vault {
  readonly #rng: Rng;
  readonly #kept: KeptSecrets;

  constructor(rng: Rng, kept: KeptSecrets = new Map()) {
    this.#rng = rng;
    this.#kept = kept;
  }

  async make(owner: string): Promise<{ readonly secret: string; readonly sealed: string }> {
    const secret = `whsec_${btoa(String.fromCharCode(...this.#bytes(32)))}`;
    return { secret, sealed: await this.seal(secret, owner) };
  }

  async seal(secret: string, owner: string): Promise<string> {
    const sealed = `sealed-${this.#bytes(16).join("-")}`;
    this.#kept.set(sealed, { secret, owner });
    return sealed;
  }

  async open(sealed: string, owner: string): Promise<string> {
    const kept = this.#kept.get(sealed);
    if (kept?.owner === owner) return kept.secret;
    throw new Unavailable(`A secret of ${owner} cannot be opened`, { code: "secret_unreadable" });
  }

  #bytes(length: number): number[] {
    return Array.from({ length }, () => Math.floor(256 * this.#rng.next()));
  }
}
