import { isIP } from "node:net";
import type { UrlObjection, UrlRule } from "@punctual/core";
import type { AddressRules } from "./address-rules.js";
import { Refused } from "./errors.js";
import { bareName, hostOf } from "./host-name.js";
import { objectionOf } from "./objection.js";
import { PortRules } from "./port-rules.js";
import { type Resolve, type ResolvedAddress, systemResolve } from "./resolve.js";
import { UrlRules } from "./url-rules.js";
import { within } from "./within.js";

export interface GuardOptions {
  readonly rules: AddressRules;
  readonly ports?: PortRules;
  readonly resolve?: Resolve;
  /** How long `objection` waits for a look-up. */
  readonly lookupTimeoutMs?: number;
}

/**
 * Keeps requests from addresses on the inside.
 *   G1. a host is looked up once, and what was judged is what is dialled: a second answer is never asked for;
 *   G2. one address on the inside is enough to refuse the host, since a client may take any of its addresses;
 *   G3. `objection` asks what dialling asks, so that what it finds is found again then.
 */
export class Guard {
  readonly #rules: AddressRules;
  readonly #urls: UrlRules;
  readonly #resolve: Resolve;
  readonly #lookupTimeoutMs: number;

  constructor({ rules, ports, resolve, lookupTimeoutMs }: GuardOptions) {
    this.#rules = rules;
    this.#urls = new UrlRules({ addresses: rules, ports: ports ?? new PortRules() });
    this.#resolve = resolve ?? systemResolve;
    this.#lookupTimeoutMs = lookupTimeoutMs ?? 3_000;
  }

  /** Why a URL may not be called. A name that cannot be looked up, or not in time, is no objection: it may come to be. */
  async objection(url: string): Promise<UrlObjection | null> {
    const objection = this.textObjection(url);
    if (objection !== null) return objection;
    const host = hostOf(new URL(url));
    try {
      await within(AbortSignal.timeout(this.#lookupTimeoutMs), this.addressesFor(host)); // (G3)
      return null;
    } catch (error) {
      return error instanceof Refused ? objectionOf(error.rule, host) : null;
    }
  }

  /** The part of `objection` that asks nobody: for whoever dials next, as the connector sees only host and port. */
  textObjection(url: string): UrlObjection | null {
    return this.#urls.objection(url);
  }

  /** What to dial for a host. Throws `Refused` where that may not be called, and what the look-up threw. */
  async addressesFor(host: string): Promise<readonly ResolvedAddress[]> {
    const rule = this.#urls.hostRule(host);
    if (rule !== null) throw new Refused(objectionOf(rule, host));
    const literal = bareName(host);
    const family = isIP(literal);
    if (family === 4 || family === 6) return [{ address: literal, family }];

    const addresses = await this.#resolve(host);
    if (addresses.length === 0) throw Object.assign(new Error("The name has no address"), { code: "ENODATA" });
    const rules = addresses.map(({ address }) => this.ruleAgainst(host, address));
    const [inside, ...others] = rules.filter((one) => one !== null);
    if (inside === undefined) return addresses;
    throw new Refused(objectionOf(others.length + 1 === rules.length ? inside : "addresses_mixed", host)); // (G2)
  }

  /** What speaks against an address of a host. A host that is allowed by its name may have any. */
  ruleAgainst(host: string, address: string): UrlRule | null {
    return this.#rules.allowsHost(host) ? null : this.#rules.objection(address);
  }
}
