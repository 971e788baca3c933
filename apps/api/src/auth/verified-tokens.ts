import type { Clock } from "@punctual/core";
import type { Claims } from "./read-principal.js";

/** A key that is withdrawn is trusted for so much longer, which is little beside how long keys are kept. */
const TRUSTED_MS = 60_000;
const MOST = 1_000;

/** What tokens say whose signatures were good a moment ago: what a client sends with each request is verified once. */
export class VerifiedTokens {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #tokens = new Map<string, { readonly claims: Claims; readonly until: number }>();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  get(token: string): Claims | undefined {
    const known = this.#tokens.get(token);
    if (known === undefined || this.#clock.monotonic() < known.until) return known?.claims;
    this.#tokens.delete(token);
    return undefined;
  }

  add(token: string, claims: Claims): void {
    this.#tokens.set(token, { claims, until: this.#clock.monotonic() + TRUSTED_MS });
    const [oldest] = this.#tokens.keys();
    if (this.#tokens.size > MOST && oldest !== undefined) this.#tokens.delete(oldest);
  }
}
