import type { Clock } from "@punctual/core";
import { errors, type JWTPayload, jwtVerify, UnsecuredJWT } from "jose";
import { CallerRefused } from "./caller-refused.js";
import { GoogleKeys } from "./google-keys.js";

export interface CallersOptions {
  /** What tokens must be made for: the URL of the service, or what the subscription, job or task names. */
  readonly audience: string;
  /** The accounts that may call. */
  readonly emails: readonly string[];
  readonly clock: Pick<Clock, "now" | "monotonic">;
  /** Left out, Google. */
  readonly issuers?: readonly string[];
  readonly jwksUrl?: string;
  /**
   * Whether Cloud Run checks tokens before they come here, as it does unless its check of invokers is off. It takes their
   * signatures away, so what they say is then believed. On a service that everybody may invoke this would let everybody in.
   */
  readonly checkedByCloudRun?: boolean;
}

export interface Caller {
  readonly email: string;
}

/** Who calls, by their `authorization`. Throws `CallerRefused`; or `Unavailable` where Google's keys cannot be had. */
export type Callers = (authorization: string | undefined) => Promise<Caller>;

const GOOGLE = { issuers: ["https://accounts.google.com", "accounts.google.com"] } as const;
const GOOGLE_KEYS = "https://www.googleapis.com/oauth2/v3/certs";
const LONGEST = 8_192;
const TOLERANCE_SECONDS = 30;
/** Google's are good for an hour. */
const OLDEST_SECONDS = 86_400;
const REMOVED = ".SIGNATURE_REMOVED_BY_GOOGLE";

/** Trusts tokens that Google made for this service, and for one of these accounts. */
export function callersOf(options: CallersOptions): Callers {
  const { audience, clock, issuers = GOOGLE.issuers, jwksUrl = GOOGLE_KEYS, checkedByCloudRun = false } = options;
  if (audience === "") throw new TypeError("Callers need an audience: an empty one would be that of everybody");
  const emails = new Set(options.emails);
  const keys = new GoogleKeys(jwksUrl, clock);
  const rules = () => ({
    ...{ audience, issuer: [...issuers], clockTolerance: TOLERANCE_SECONDS, currentDate: clock.now() },
    ...{ requiredClaims: ["iat", "exp", "email"], maxTokenAge: OLDEST_SECONDS },
  });
  const claimsOf = async (token: string): Promise<JWTPayload> => {
    if (token.endsWith(REMOVED)) {
      if (!checkedByCloudRun) throw new CallerRefused("signature_removed");
      return UnsecuredJWT.decode(unsigned(token), rules()).payload;
    }
    const find = keys.find.bind(keys);
    return (await jwtVerify(token, find, { ...rules(), algorithms: ["RS256"] })).payload;
  };
  return async (authorization) => {
    const token = tokenIn(authorization);
    const { email, email_verified: isVerified } = await claimsOf(token).catch((error: unknown) => {
      throw refusalOf(error);
    });
    if (typeof email !== "string") throw new CallerRefused("claims");
    if (isVerified !== true) throw new CallerRefused("not_verified");
    if (!emails.has(email)) throw new CallerRefused("account");
    return { email };
  };
}

function tokenIn(authorization: string | undefined): string {
  if (authorization === undefined || authorization === "") throw new CallerRefused("no_token");
  const [, token] = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(authorization.slice(0, LONGEST + 1)) ?? [];
  if (token === undefined || authorization.length > LONGEST) throw new CallerRefused("malformed");
  return token;
}

/** In the form that says of itself that nobody has signed it, but for the algorithm, which must be what it was. */
function unsigned(token: string): string {
  const [header = "", claims = ""] = token.split(".");
  const { alg } = JSON.parse(Buffer.from(header, "base64url").toString()) as { readonly alg?: unknown };
  if (alg !== "RS256") throw new CallerRefused("algorithm");
  return `${Buffer.from('{"alg":"none"}').toString("base64url")}.${claims}.`;
}

function refusalOf(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new CallerRefused("expired");
  if (error instanceof errors.JWTClaimValidationFailed) return new CallerRefused(whyOf(error));
  if (error instanceof errors.JOSEAlgNotAllowed) return new CallerRefused("algorithm");
  if (error instanceof errors.JWSSignatureVerificationFailed) return new CallerRefused("signature");
  // What cannot be read as JSON is a SyntaxError here and there.
  if (error instanceof errors.JOSEError || error instanceof SyntaxError) return new CallerRefused("malformed");
  return error;
}

function whyOf({ claim, reason }: errors.JWTClaimValidationFailed): CallerRefused["code"] {
  if (reason === "missing" || reason === "invalid") return "claims";
  switch (claim) {
    case "iss":
      return "issuer";
    case "aud":
      return "audience";
    case "exp":
    case "nbf":
    case "iat":
      return "expired";
    default:
      return "claims";
  }
}
