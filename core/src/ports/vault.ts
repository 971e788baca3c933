/**
 * Keeps the secrets that sign requests. Every adapter promises:
 *   V1. what was sealed for an owner opens for that owner, with the same text, in every process that has the same key;
 *   V2. it opens for no other owner, nor when a bit of it was changed: `unavailable`, code `secret_unreadable`;
 *   V3. the sealed text does not tell the secret, and sealing twice gives two texts;
 *   V4. `make` gives a new secret each time, of at least 24 random bytes, as Standard Webhooks writes it: `whsec_…`.
 */
export interface Vault {
  make(owner: string): Promise<{ readonly secret: string; readonly sealed: string }>;
  seal(secret: string, owner: string): Promise<string>;
  open(sealed: string, owner: string): Promise<string>;
}
