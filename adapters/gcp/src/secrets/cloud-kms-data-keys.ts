import type { KeyManagementServiceClient } from "@google-cloud/kms";
import { type DataKeys, Unavailable } from "@punctual/core";
import { randomBytes } from "node:crypto";
import { codeOf, translated } from "../errors.js";
import { bytesOf, checksumOf } from "./bytes.js";
import { crc32c } from "./crc32c.js";

/** Bound to what is wrapped: KMS unwraps nothing for it that the same outer key has wrapped for another purpose. */
const CONTEXT = Buffer.from("punctual:data-key");
const CONTEXT_CHECK = { additionalAuthenticatedData: CONTEXT, additionalAuthenticatedDataCrc32c: check(CONTEXT) };

const KEY_BYTES = 32;
/** Far longer than what KMS makes of a key. */
const LONGEST = 4_096;
const TIMELY = { timeout: 5_000 };

type Client = Pick<KeyManagementServiceClient, "encrypt" | "decrypt">;

/**
 * Data keys wrapped by a key that stays in Cloud KMS. Keys are named by `projects/p/locations/l/keyRings/r/cryptoKeys/k`; the
 * first wraps, all unwrap: to change it, put the new one in front. A key that KMS rotates by itself keeps its name, and nothing
 * is to be done.
 */
export class CloudKmsDataKeys implements DataKeys {
  readonly #client: Client;
  readonly #first: string;
  readonly #all: readonly string[];

  constructor(client: Client, first: string, ...others: readonly string[]) {
    this.#client = client;
    this.#first = first;
    this.#all = [first, ...others];
  }

  /** Made here: Cloud KMS wraps what it is given, and makes no keys for others. */
  async generate(): Promise<{ readonly key: Uint8Array; readonly wrapped: Uint8Array }> {
    const key = randomBytes(KEY_BYTES);
    const [answer] = await asked(() =>
      this.#client.encrypt(
        { name: this.#first, plaintext: key, plaintextCrc32c: check(key), ...CONTEXT_CHECK },
        TIMELY,
      ),
    );
    const { verifiedPlaintextCrc32c: hasKey, verifiedAdditionalAuthenticatedDataCrc32c: hasContext } = answer;
    // A key that is not what was wrapped would be noticed when it is needed, and then be lost.
    if (hasKey !== true || hasContext !== true) throw new Unavailable("Cloud KMS has wrapped something else");
    return { key, wrapped: unchanged(answer.ciphertext, answer.ciphertextCrc32c) };
  }

  async unwrap(wrapped: Uint8Array): Promise<Uint8Array> {
    if (wrapped.length === 0 || wrapped.length > LONGEST) throw unreadable("it was not wrapped here");
    let cause: unknown;
    for (const name of this.#all) {
      try {
        return await this.#decrypt(wrapped, name);
      } catch (error) {
        if (!isUnreadable(error)) throw error;
        cause = error;
      }
    }
    throw unreadable("it was changed, or wrapped by another key", cause);
  }

  async #decrypt(wrapped: Uint8Array, name: string): Promise<Uint8Array> {
    const request = { name, ciphertext: wrapped, ciphertextCrc32c: check(wrapped), ...CONTEXT_CHECK };
    const [answer] = await asked(() => this.#client.decrypt(request, TIMELY), isUnreadable);
    return unchanged(answer.plaintext, answer.plaintextCrc32c);
  }
}

interface Checksum {
  readonly value?: number | string | { toString(): string } | null;
}

function check(bytes: Uint8Array): { readonly value: number } {
  return { value: crc32c(bytes) };
}

function unchanged(given: Uint8Array | string | null | undefined, checksum: Checksum | null | undefined): Uint8Array {
  const bytes = bytesOf(given);
  if (bytes === null || bytes.length === 0) throw new Unavailable("Cloud KMS gave no data key");
  if (checksumOf(checksum?.value) !== crc32c(bytes)) throw new Unavailable("Cloud KMS's answer was changed on its way");
  // A copy: what a client reads into may be shared.
  return Uint8Array.from(bytes);
}

/** The port knows no other failure than `unavailable`: a key that is disabled, or not there, may be there again. */
async function asked<T>(ask: () => Promise<T>, asItIs: (error: unknown) => boolean = () => false): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (asItIs(error)) throw error;
    const known = translated(error, "Cloud KMS");
    throw known instanceof Unavailable
      ? known
      : new Unavailable(`Cloud KMS refused (${codeOf(error)})`, { cause: error });
  }
}

/** For a mistake in the request it has the same code. */
function isUnreadable(error: unknown): boolean {
  return codeOf(error) === "INVALID_ARGUMENT" && /decryption failed/i.test((error as Error).message);
}

function unreadable(why: string, cause?: unknown): Unavailable {
  return new Unavailable(`A data key cannot be unwrapped: ${why}`, { cause, code: "key_unreadable" });
}
