import { type Principal, type Role, ROLES } from "./principal.js";

const TOLERANCE_S = 60;
/** The end of the year 9999. Who writes milliseconds, or 1e999, would have a token that never expires. */
const LAST_SECOND = 253_402_300_799;
const PRINTABLE = /^[^\p{C}\p{Zl}\p{Zp}]{1,255}$/u;
const TENANT = /^[\w.-]{1,64}$/;

export interface ClaimRules {
  readonly issuer: string;
  readonly audience: string;
  readonly tenantClaim: string;
  readonly rolesClaim: string;
  readonly defaultTenant?: string;
}

export type Claims = Readonly<Record<string, unknown>>;

/** Who asks, by the claims of a token whose signature is good; throws if a claim is not. */
export function readPrincipal(claims: Claims, rules: ClaimRules, now: Date): Principal {
  const seconds = now.getTime() / 1000;
  demand(claims.iss === rules.issuer, "iss");
  demand(strings(claims.aud).includes(rules.audience), "aud");
  demand(isTime(claims.exp) && seconds < claims.exp + TOLERANCE_S, "exp");
  demand(claims.nbf === undefined || (isTime(claims.nbf) && seconds >= claims.nbf - TOLERANCE_S), "nbf");
  const { [rules.tenantClaim]: tenant = rules.defaultTenant, [rules.rolesClaim]: roles, sub: subject } = claims;
  demand(typeof subject === "string" && PRINTABLE.test(subject), "sub");
  demand(isTenant(tenant), "tenant");
  return { subject, tenant, role: strongest(strings(roles)) };
}

export function isTenant(value: unknown): value is string {
  return typeof value === "string" && TENANT.test(value);
}

function strongest(roles: readonly string[]): Role {
  const role = ROLES.find((known) => roles.includes(known));
  demand(role !== undefined, "roles");
  return role;
}

/** One string or a list of strings; anything else is none. */
function strings(claim: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return list.every((one) => typeof one === "string") ? list : [];
}

function isTime(claim: unknown): claim is number {
  return typeof claim === "number" && claim >= 0 && claim <= LAST_SECOND;
}

/** The message names the claim and never what it holds. */
function demand(good: boolean, claim: string): asserts good {
  if (!good) throw new Error(`The claim ${claim} is missing or not good`);
}
