import { DecryptCommand, GenerateDataKeyCommand, type KMSClient } from "@aws-sdk/client-kms";
import { type DataKeys, Unavailable } from "@punctual/core";
import { nameOf, translated } from "../errors.js";

/** Bound to what is wrapped: KMS unwraps nothing for it that the same outer key has wrapped for another purpose. */
const CONTEXT = { punctual: "data-key" };

/** The longest ciphertext that KMS takes. */
const LONGEST = 6_144;

const UNREADABLE = new Set(["InvalidCiphertextException", "IncorrectKeyException"]);

/**
 * Data keys wrapped by a key that stays in KMS. Keys are named by their ids, ARNs or aliases; the first wraps, all unwrap: to
 * change it, put the new one in front. A key that KMS rotates by itself keeps its name, and nothing is to be done.
 */
export class KmsDataKeys implements DataKeys {
  readonly #client: KMSClient;
  readonly #first: string;
  readonly #all: readonly string[];

  constructor(client: KMSClient, first: string, ...others: readonly string[]) {
    this.#client = client;
    this.#first = first;
    this.#all = [first, ...others];
  }

  async generate(): Promise<{ readonly key: Uint8Array; readonly wrapped: Uint8Array }> {
    const command = new GenerateDataKeyCommand({
      KeyId: this.#first,
      KeySpec: "AES_256",
      EncryptionContext: CONTEXT,
    });
    const { Plaintext: key, CiphertextBlob: wrapped } = await asked(this.#client.send(command));
    if (key === undefined || wrapped === undefined) throw new Unavailable("KMS gave no data key");
    return { key, wrapped };
  }

  async unwrap(wrapped: Uint8Array): Promise<Uint8Array> {
    // KMS would call its length a mistake of the caller, and not say that it is no ciphertext.
    if (wrapped.length === 0 || wrapped.length > LONGEST) throw unreadable("it was not wrapped here");
    let cause: unknown;
    for (const id of this.#all) {
      try {
        return await this.#decrypt(wrapped, id);
      } catch (error) {
        if (!isUnreadable(error)) throw error;
        cause = error;
      }
    }
    throw unreadable("it was changed, or wrapped by another key", cause);
  }

  async #decrypt(wrapped: Uint8Array, id: string): Promise<Uint8Array> {
    // KMS finds the key by itself. It is named so that no other key of the account will do (Y2).
    const command = new DecryptCommand({ CiphertextBlob: wrapped, KeyId: id, EncryptionContext: CONTEXT });
    const { Plaintext: key } = await asked(this.#client.send(command), isUnreadable);
    if (key === undefined) throw new Unavailable("KMS gave no data key");
    return key;
  }
}

/** The port knows no other failure than `unavailable`: a key that is disabled, or not there, may be there again. */
async function asked<T>(answer: Promise<T>, asItIs: (error: unknown) => boolean = () => false): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (asItIs(error)) throw error;
    const known = translated(error, "KMS");
    throw known instanceof Unavailable ? known : new Unavailable(`KMS refused (${nameOf(error)})`, { cause: error });
  }
}

/** Where the part that names the outer key was changed, KMS speaks of access, in just these words. */
function isUnreadable(error: unknown): boolean {
  if (UNREADABLE.has(nameOf(error))) return true;
  return nameOf(error) === "AccessDeniedException" && /ciphertext refers to a/i.test((error as Error).message);
}

function unreadable(why: string, cause?: unknown): Unavailable {
  return new Unavailable(`A data key cannot be unwrapped: ${why}`, { cause, code: "key_unreadable" });
}
