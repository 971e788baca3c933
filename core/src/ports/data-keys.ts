/**
 * Keys that seal secrets, each wrapped by a key that never leaves its place: a local one, or a cloud's KMS. Every adapter
 * promises:
 *   Y1. `unwrap` gives back the key that `generate` gave, in every process that has the same outer key;
 *   Y2. a wrapped key that was changed, or was wrapped by another, is not unwrapped: `unavailable`, code `key_unreadable`;
 *   Y3. each `generate` gives a new key of 32 random bytes, and its wrapped form does not tell it.
 */
export interface DataKeys {
  generate(): Promise<{ readonly key: Uint8Array; readonly wrapped: Uint8Array }>;
  unwrap(wrapped: Uint8Array): Promise<Uint8Array>;
}
