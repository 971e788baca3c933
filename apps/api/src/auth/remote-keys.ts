import { type Clock, InvalidInput, isJsonObject, Unavailable } from "@punctual/core";
import { createLocalJWKSet, type CryptoKey, type JSONWebKeySet } from "jose";
import type { AsymmetricAlgorithm } from "./algorithms.js";
import { isLoopback } from "./is-loopback.js";
import { readJsonObject } from "./read-json-object.js";

const CACHE_MS = 10 * 60_000;
const STALE_MS = 24 * 3_600_000;
const COOLDOWN_MS = 30_000;
/** While there are no keys at all nobody gets in, so the source is asked more often. */
const RETRY_MS = 1_000;
const TIMEOUT_MS = 3_000;
const MAX_BYTES = 64 * 1024;

export interface JwksOptions {
  /** Where the issuer publishes its keys: https, or http on loopback. */
  readonly url: string;
  /** Those that tokens may be signed with; all asymmetric ones if left out. */
  readonly algorithms?: readonly AsymmetricAlgorithm[] | undefined;
}

export type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

export interface RemoteKeysDeps {
  readonly clock: Clock;
  readonly fetch?: Fetch | undefined;
}

interface KeySet {
  readonly fetchedAt: number;
  readonly kids: ReadonlySet<unknown>;
  readonly find: (wanted: { readonly alg: string; readonly kid: string }) => Promise<CryptoKey>;
}

/**
 * The public keys of an issuer, by their exact ids. It promises:
 *   R1. keys are trusted for 10 minutes, and while the source is away for a day at most, counted from when it last gave them;
 *   R2. one request is under way at most, and after each there is a pause of 30 s, however many unknown ids are asked for;
 *   R3. only the given URL is ever asked: not where it redirects to, and not for long or for much.
 */
export class RemoteKeys {
  readonly #url: URL;
  readonly #clock: Clock;
  readonly #fetch: Fetch;
  #held: KeySet | null = null;
  #askedAt = -Infinity;
  #asking: Promise<void> | null = null;
  #failure: unknown;

  constructor(url: string, deps: RemoteKeysDeps) {
    this.#url = checked(url);
    this.#clock = deps.clock;
    this.#fetch = deps.fetch ?? fetch;
  }

  /** Throws `Unavailable` where there are no keys to look among, and another error where none of them is the one. */
  async find(alg: string, kid: string): Promise<CryptoKey> {
    if (this.#mayAsk(kid)) await (this.#asking ??= this.#ask().finally(() => (this.#asking = null)));
    const held = this.#trusted();
    if (held === null) throw new Unavailable("The keys of the issuer cannot be had", { cause: this.#failure });
    return held.find({ alg, kid });
  }

  #mayAsk(kid: string): boolean {
    const held = this.#trusted();
    const now = this.#clock.monotonic();
    if (held !== null && now < held.fetchedAt + CACHE_MS && held.kids.has(kid)) return false;
    return this.#asking !== null || now >= this.#askedAt + (held === null ? RETRY_MS : COOLDOWN_MS); // (R2)
  }

  #trusted(): KeySet | null {
    return this.#held !== null && this.#clock.monotonic() < this.#held.fetchedAt + STALE_MS ? this.#held : null;
  }

  async #ask(): Promise<void> {
    this.#askedAt = this.#clock.monotonic();
    const over = new AbortController();
    const late = async () => {
      await this.#clock.sleep(TIMEOUT_MS, over.signal);
      throw new Error(`No whole answer within ${TIMEOUT_MS} ms`);
    };
    try {
      this.#held = keySetOf(await Promise.race([this.#read(over.signal), late()]), this.#askedAt);
    } catch (failure) {
      this.#failure = failure; // what is held stays in use (R1)
    } finally {
      over.abort(); // the timer, and what is left of the answer
    }
  }

  async #read(signal: AbortSignal): Promise<Uint8Array> {
    const headers = { accept: "application/jwk-set+json, application/json" };
    const response = await this.#fetch(this.#url, { headers, signal, redirect: "error" });
    if (response.status !== 200) throw new Error(`Answered with status ${response.status}`);
    const body = (response.body ?? []) as AsyncIterable<Uint8Array>;
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) throw new Error(`Answered with more than ${MAX_BYTES} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }
}

/** What is no public key for signatures is left out, so one odd entry does not take the others with it. */
function keySetOf(answer: Uint8Array, fetchedAt: number): KeySet {
  const { keys } = readJsonObject(answer);
  if (!Array.isArray(keys)) throw new Error("Answered without a list of keys");
  const usable = keys.filter(
    (key) => isJsonObject(key) && key.kty !== "oct" && (key.use === undefined || key.use === "sig"),
  ) as JSONWebKeySet["keys"];
  return { fetchedAt, kids: new Set(usable.map((key) => key.kid)), find: createLocalJWKSet({ keys: usable }) };
}

function checked(text: string): URL {
  const url = URL.parse(text);
  const host = url?.hostname.replace(/^\[|\]$/g, "");
  const safe = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(host));
  // The message does not repeat the text: it may have a password in it.
  if (url === null || !safe || url.username !== "" || url.password !== "") {
    const message = "Must be an https URL, or http on loopback, without user and password";
    throw new InvalidInput([{ pointer: "/keys/url", code: "not_a_key_url", message }]);
  }
  return url;
}
