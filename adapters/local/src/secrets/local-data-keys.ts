import { createCipheriv, createDecipheriv, createHmac, type KeyObject, randomBytes } from "node:crypto";
import { type DataKeys, Unavailable } from "@punctual/core";

const KEY_BYTES = 32;
const ID_BYTES = 8;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = Buffer.of(1);
const HEAD_BYTES = FORMAT.length + ID_BYTES;
const WRAPPED_BYTES = HEAD_BYTES + IV_BYTES + KEY_BYTES + TAG_BYTES;

interface OuterKey {
  readonly id: Buffer;
  readonly key: KeyObject;
}

/**
 * Data keys wrapped by keys that this process was given (see `readKey`), in AES-256-GCM: format, id of the outer key,
 * initialization vector, ciphertext, tag. The first outer key wraps, all unwrap: to change it, put the new one in front.
 */
export class LocalDataKeys implements DataKeys {
  readonly #first: OuterKey;
  readonly #all: readonly OuterKey[];

  constructor(first: KeyObject, ...others: readonly KeyObject[]) {
    this.#first = outerKey(first);
    this.#all = [this.#first, ...others.map(outerKey)];
  }

  async generate(): Promise<{ readonly key: Uint8Array; readonly wrapped: Uint8Array }> {
    const key = randomBytes(KEY_BYTES);
    const iv = randomBytes(IV_BYTES);
    const head = Buffer.concat([FORMAT, this.#first.id]);
    const cipher = createCipheriv("aes-256-gcm", this.#first.key, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(head);
    return { key, wrapped: Buffer.concat([head, iv, cipher.update(key), cipher.final(), cipher.getAuthTag()]) };
  }

  async unwrap(wrapped: Uint8Array): Promise<Uint8Array> {
    if (wrapped.length !== WRAPPED_BYTES || wrapped[0] !== FORMAT[0]) throw unreadable("it was not wrapped here");
    const head = wrapped.subarray(0, HEAD_BYTES);
    const id = head.subarray(FORMAT.length);
    const outer = this.#all.find((one) => one.id.equals(id));
    if (outer === undefined) throw unreadable(`no key with the id ${Buffer.from(id).toString("hex")} was given`);

    const box = wrapped.subarray(HEAD_BYTES + IV_BYTES, -TAG_BYTES);
    const iv = wrapped.subarray(HEAD_BYTES, HEAD_BYTES + IV_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", outer.key, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(head);
    decipher.setAuthTag(wrapped.subarray(-TAG_BYTES));
    const key = decipher.update(box);
    try {
      return Buffer.concat([key, decipher.final()]);
    } catch {
      throw unreadable("it was changed");
    }
  }
}

/** Tells keys apart, and nothing about them. */
function outerKey(key: KeyObject): OuterKey {
  const id = createHmac("sha256", key).update("punctual: id of an outer key").digest().subarray(0, ID_BYTES);
  return { id, key };
}

function unreadable(why: string): Unavailable {
  return new Unavailable(`A data key cannot be unwrapped: ${why}`, { code: "key_unreadable" });
}
