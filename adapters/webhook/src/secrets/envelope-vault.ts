import { createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { type Clock, type DataKeys, Unavailable, type Vault } from "@punctual/core";
import { Recent } from "./recent.js";
import { decrypt, encrypt, formatSealed, parseSealed } from "./sealed-text.js";
import { SealingKey } from "./sealing-key.js";

export interface EnvelopeVaultDeps {
  readonly dataKeys: DataKeys;
  readonly clock: Pick<Clock, "monotonic">;
}

/** Seals each secret with a data key, and keeps that beside it, wrapped: what lies in the database does not open itself. */
export class EnvelopeVault implements Vault {
  readonly #dataKeys: DataKeys;
  readonly #sealing: SealingKey;
  /** By wrapped form. They are promises, so those who want one key at the same time wait for one call. */
  readonly #keys = new Recent<Promise<KeyObject>>(10_000);

  constructor({ dataKeys, clock }: EnvelopeVaultDeps) {
    this.#dataKeys = dataKeys;
    this.#sealing = new SealingKey(dataKeys, clock);
  }

  async make(owner: string): Promise<{ readonly secret: string; readonly sealed: string }> {
    const secret = `whsec_${randomBytes(32).toString("base64")}`;
    return { secret, sealed: await this.seal(secret, owner) };
  }

  async seal(secret: string, owner: string): Promise<string> {
    const { key, wrapped } = await this.#sealing.next();
    void this.#keys.get(nameOf(wrapped), async () => key); // what is sealed here is mostly opened here next
    return formatSealed({ wrapped, box: encrypt(key, secret, owner) });
  }

  async open(sealed: string, owner: string): Promise<string> {
    const text = parseSealed(sealed);
    if (text === null) throw unreadable(owner, "it is not a sealed text that this version writes");
    const secret = decrypt(await this.#keyOf(text.wrapped, owner), text.box, owner);
    if (secret === null) throw unreadable(owner, "it was sealed for another owner, or was changed");
    return secret;
  }

  async #keyOf(wrapped: Buffer, owner: string): Promise<KeyObject> {
    const name = nameOf(wrapped);
    const key = this.#keys.get(name, async () => createSecretKey(await this.#dataKeys.unwrap(wrapped)));
    try {
      return await key;
    } catch (error) {
      this.#keys.drop(name, key); // whoever comes next asks again
      const foreign = error instanceof Unavailable && error.code === "key_unreadable";
      throw foreign ? unreadable(owner, "its data key cannot be unwrapped", error) : error;
    }
  }
}

function nameOf(wrapped: Buffer): string {
  return wrapped.toString("latin1");
}

/** Names the owner and nothing of what was sealed. */
function unreadable(owner: string, why: string, cause?: Unavailable): Unavailable {
  return new Unavailable(`A secret of ${owner} cannot be opened: ${why}`, { code: "secret_unreadable", cause });
}
