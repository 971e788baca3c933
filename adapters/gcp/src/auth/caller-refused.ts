/** What is wrong with a caller; each is told in the same words to everybody. */
const WHY = {
  no_token: "No token",
  malformed: "No token that can be read",
  algorithm: "Not signed with RS256",
  signature: "Not signed by Google",
  signature_removed: "Cloud Run has checked the signature and removed it, and this service does not leave that to it",
  expired: "Expired, or not yet good",
  issuer: "Not issued by Google",
  audience: "Meant for another service",
  claims: "Without what it must say",
  not_verified: "The address of the account is not verified",
  account: "An account that may not call here",
} as const;

export type WhyRefused = keyof typeof WHY;

/** Who is known, and still may not. */
const KNOWN: readonly WhyRefused[] = ["not_verified", "account"];

/** Somebody who may not call here. It has no cause, and repeats nothing of what the caller has shown. */
export class CallerRefused extends Error {
  override readonly name = "CallerRefused";
  readonly code: WhyRefused;

  constructor(code: WhyRefused) {
    super(WHY[code]);
    this.code = code;
  }

  /** 401 where it is not known who calls, 403 where it is. */
  get status(): 401 | 403 {
    return KNOWN.includes(this.code) ? 403 : 401;
  }
}
