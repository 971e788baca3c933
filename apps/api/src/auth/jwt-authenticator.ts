import { createSecretKey, type KeyObject } from "node:crypto";
import { type Clock, InvalidInput, type Problem, Unavailable } from "@punctual/core";
import { compactVerify, type CryptoKey } from "jose";
import { type Authenticator, type Principal, Unauthenticated } from "./principal.js";
import { readJsonObject } from "./read-json-object.js";
import { type ClaimRules, type Claims, isTenant, readPrincipal } from "./read-principal.js";
import { readToken } from "./read-token.js";
import { VerifiedTokens } from "./verified-tokens.js";
import { ASYMMETRIC } from "./algorithms.js";
import { type Fetch, type JwksOptions, RemoteKeys } from "./remote-keys.js";

/** HS256 is as strong as its secret, and no secret should be weaker than the hash. */
const MIN_SECRET_BYTES = 32;

/** What a token must say, and where it says it. */
export interface JwtRules {
  readonly issuer: string;
  readonly audience: string;
  /** Left out, `tenant`. */
  readonly tenantClaim?: string | undefined;
  /** Left out, `roles`. */
  readonly rolesClaim?: string | undefined;
  /** The tenant of tokens that name none; left out, such tokens are not good. */
  readonly defaultTenant?: string | undefined;
}

export type KeyOptions =
  { readonly kind: "secret"; readonly secret: string } | ({ readonly kind: "jwks" } & JwksOptions);

export interface JwtOptions extends JwtRules {
  readonly keys: KeyOptions;
  readonly clock: Clock;
  /** For the keys of an issuer; left out, Node's own. */
  readonly fetch?: Fetch | undefined;
}

interface Trust {
  readonly algorithms: readonly string[];
  readonly find: (alg: string, kid: unknown) => Promise<CryptoKey | KeyObject>;
}

/** Trusts JSON Web Tokens of one issuer for one audience, signed with a shared secret or with keys that the issuer publishes. */
export class JwtAuthenticator implements Authenticator {
  readonly #clock: Clock;
  readonly #rules: ClaimRules;
  readonly #trust: Trust;
  readonly #verified: VerifiedTokens;

  constructor(options: JwtOptions) {
    this.#clock = options.clock;
    this.#verified = new VerifiedTokens(options.clock);
    this.#rules = rulesOf(options);
    this.#trust = options.keys.kind === "secret" ? secretTrust(options.keys.secret) : jwksTrust(options.keys, options);
  }

  async authenticate(authorization: string | undefined): Promise<Principal> {
    try {
      return await this.#read(authorization);
    } catch (cause) {
      if (cause instanceof Unavailable) throw cause;
      throw new Unauthenticated({ cause });
    }
  }

  async #read(authorization: string | undefined): Promise<Principal> {
    const known = authorization === undefined ? undefined : this.#verified.get(authorization);
    const claims = known ?? (await this.#verify(authorization));
    const principal = readPrincipal(claims, this.#rules, this.#clock.now());
    if (known === undefined && authorization !== undefined) this.#verified.add(authorization, claims);
    return principal;
  }

  async #verify(authorization: string | undefined): Promise<Claims> {
    const { algorithms, find } = this.#trust;
    const { text, alg, kid } = readToken(authorization);
    // Before a key is looked for, so that an algorithm that is not ours asks nobody for anything.
    if (typeof alg !== "string" || !algorithms.includes(alg)) throw new Error("Signed in a way that is not trusted");
    const { payload } = await compactVerify(text, await find(alg, kid), { algorithms: [alg] });
    return readJsonObject(payload);
  }
}

function secretTrust(secret: string): Trust {
  const bytes = Buffer.from(secret, "utf8");
  if (bytes.length < MIN_SECRET_BYTES) {
    const message = `Must be at least ${MIN_SECRET_BYTES} bytes, and is ${bytes.length}`;
    throw new InvalidInput([{ pointer: "/keys/secret", code: "too_short", message }]);
  }
  const key = createSecretKey(bytes); // does not print
  return { algorithms: ["HS256"], find: async () => key };
}

function jwksTrust(options: JwksOptions, deps: Pick<JwtOptions, "clock" | "fetch">): Trust {
  const algorithms: readonly string[] = options.algorithms ?? ASYMMETRIC;
  // The types say so too, but the list may come from a file.
  if (algorithms.length === 0 || !algorithms.every((one) => (ASYMMETRIC as readonly string[]).includes(one))) {
    const message = `Must be one or more of ${ASYMMETRIC.join(", ")}`;
    throw new InvalidInput([{ pointer: "/keys/algorithms", code: "not_asymmetric", message }]);
  }
  const keys = new RemoteKeys(options.url, deps);
  const find = async (alg: string, kid: unknown) => {
    if (typeof kid !== "string" || kid === "") throw new Error("Names no key");
    return keys.find(alg, kid);
  };
  return { algorithms: [...algorithms], find };
}

/** A rule that is empty, or that a file left out, would be met by an empty claim or by none. */
function rulesOf(options: JwtRules): ClaimRules {
  const { issuer, audience, tenantClaim = "tenant", rolesClaim = "roles", defaultTenant } = options;
  const problems: Problem[] = Object.entries({ issuer, audience, tenantClaim, rolesClaim })
    .filter(([, value]) => !value)
    .map(([name]) => ({ pointer: `/${name}`, code: "empty", message: "Must not be empty" }));
  if (defaultTenant !== undefined && !isTenant(defaultTenant)) {
    const message = "Must be 1 to 64 letters, digits, dots, underscores and hyphens";
    problems.push({ pointer: "/defaultTenant", code: "not_a_tenant", message });
  }
  if (problems.length > 0) throw new InvalidInput(problems);
  return { issuer, audience, tenantClaim, rolesClaim, ...(defaultTenant !== undefined && { defaultTenant }) };
}
