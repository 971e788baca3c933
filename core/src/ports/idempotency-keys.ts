/**
 * The replies that a repeated request gets again, for one tenant, within the transaction of what the first one did. Every
 * adapter promises:
 *   R1. a key belongs to one tenant: another's is another key;
 *   R2. a reply is there, as it was added, exactly when all else that its transaction wrote is;
 *   R3. of transactions that add a key at the same moment, none of which has found it, one commits and the others are run
 *       again, and find its reply. A key that is there is never added over;
 *   R4. a reply is found while `now` of the transaction is before its `expiresAt`; from then on it is not, and its key can
 *       be added anew;
 *   R5. a key is taken as it is, character by character. What is none (`isIdempotencyKey`) is not found, and not added.
 */
export interface IdempotencyKeys {
  get(key: string): Promise<KeptReply | null>;
  /** Who adds has asked by `get` in the same transaction and found nothing. */
  add(entry: KeptReply): Promise<void>;
}

export interface KeptReply {
  readonly key: string;
  /** Of the request: who comes with the key and another request is told from who repeats the first. */
  readonly fingerprint: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly expiresAt: Date;
}

const LONGEST_KEY = 255;

/** Whether a key can be that: any text that is not too long, without what no database stores. */
export function isIdempotencyKey(text: string): boolean {
  return text.length <= LONGEST_KEY && !text.includes("\0") && text.isWellFormed();
}
