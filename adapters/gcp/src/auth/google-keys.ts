import { type Clock, Unavailable } from "@punctual/core";
import { createRemoteJWKSet, type CryptoKey, errors, type JWSHeaderParameters, type RemoteJWKSet } from "jose";
import { CallerRefused } from "./caller-refused.js";

const FRESH_MS = 10 * 60_000;
const STALE_MS = 24 * 3_600_000;
const COOLDOWN_MS = 30_000;
/** While there are no keys at all nobody gets in, so the source is asked more often. */
const RETRY_MS = 1_000;
const TIMEOUT_MS = 3_000;
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * The public keys of an issuer. They are trusted for ten minutes, and while their source is away for a day at most. However many
 * ask for a key that is not among them, the source is asked once in 30 s.
 */
export class GoogleKeys {
  readonly #clock: Pick<Clock, "monotonic">;
  /** Fetches and keeps; when it does so is decided here, by our clock. */
  readonly #set: RemoteJWKSet;
  #fetchedAt = -Infinity;
  #askedAt = -Infinity;
  #asking: Promise<void> | null = null;
  #failure: unknown;

  constructor(url: string, clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
    const options = { timeoutDuration: TIMEOUT_MS, cacheMaxAge: Infinity, cooldownDuration: Infinity };
    this.#set = createRemoteJWKSet(checked(url), options);
  }

  /** Throws `Unavailable` where there are no keys to look among, and `CallerRefused` where none of them is the one. */
  async find(header: JWSHeaderParameters): Promise<CryptoKey> {
    if (this.#ageMs >= FRESH_MS) await this.#ask();
    const found = await this.#among(header);
    if (found !== null) return found;
    // It may have been published a moment ago.
    await this.#ask();
    const later = await this.#among(header);
    if (later !== null) return later;
    throw new CallerRefused("signature");
  }

  async #among(header: JWSHeaderParameters): Promise<CryptoKey | null> {
    if (this.#ageMs >= STALE_MS) throw new Unavailable("Google's keys cannot be had", { cause: this.#failure });
    try {
      return await this.#set(header);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return null;
      throw error instanceof errors.JOSEError ? new CallerRefused("signature") : error;
    }
  }

  get #ageMs(): number {
    return this.#clock.monotonic() - this.#fetchedAt;
  }

  /** What is held stays in use where it fails. */
  async #ask(): Promise<void> {
    const pauseMs = this.#ageMs < STALE_MS ? COOLDOWN_MS : RETRY_MS;
    if (this.#asking === null && this.#clock.monotonic() < this.#askedAt + pauseMs) return;
    await (this.#asking ??= this.#fetch().finally(() => (this.#asking = null)));
  }

  async #fetch(): Promise<void> {
    const at = this.#clock.monotonic();
    this.#askedAt = at;
    try {
      await this.#set.reload();
      this.#fetchedAt = at;
    } catch (failure) {
      this.#failure = failure;
    }
  }
}

/** Who could change the keys on their way could make a token for anybody. */
function checked(text: string): URL {
  const url = URL.parse(text);
  const safe = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.has(url.hostname));
  if (url === null || !safe) throw new TypeError("Keys are fetched by https, or by http on loopback");
  return url;
}
