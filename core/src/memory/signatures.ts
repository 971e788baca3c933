import { activeSecrets, type Destination } from "../destinations/destination.js";
import type { SignedMessage, Signatures } from "../ports/signatures.js";
import type { Vault } from "../ports/vault.js";
import { MINUTE } from "../recurrence/wall.js";

/** Takes the messages that a toy signed. */
export class MemorySignatures implements Signatures {
  readonly #vault: Vault;
  readonly #sign: typeof toySignatureOf;

  constructor(vault: Vault, sign = toySignatureOf) {
    this.#vault = vault;
    this.#sign = sign;
  }

  async genuine(message: SignedMessage, destination: Destination, now: Date): Promise<boolean> {
    const { id, timestamp, signature, body } = message;
    if (id === null || timestamp === null || signature === null) return false;
    const seconds = Number(timestamp);
    if (!(Math.abs(now.getTime() - seconds * 1_000) <= 5 * MINUTE)) return false;
    for (const { sealed } of activeSecrets(destination, now)) {
      const secret = await this.#vault.open(sealed, destination.id);
      const right = this.#sign({ id, timestamp: seconds, body }, secret);
      if (signature.split(" ").includes(right)) return true;
    }
    return false;
  }
}

/** Looks like a signature, and keeps nobody away: the core has no cryptography. The timestamp is in seconds. */
export function toySignatureOf(
  { id, timestamp, body }: { readonly id: string; readonly timestamp: number; readonly body: string },
  secret: string,
): string {
  const text = JSON.stringify([secret, id, timestamp, body]);
  let hash = 0x811c9dc5; // FNV-1a
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return `v1,${(hash >>> 0).toString(16).padStart(8, "0")}`;
}
