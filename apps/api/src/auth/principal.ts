export const ROLES = ["admin", "service", "user"] as const;
export type Role = (typeof ROLES)[number];

/** Who asks, as a token says it. */
export interface Principal {
  readonly subject: string;
  readonly tenant: string;
  readonly role: Role;
}

/**
 * Tells who asks. Every authenticator promises:
 *   P1. what is not a token that it trusts is `Unauthenticated`, whatever is wrong with it: the answer tells nothing;
 *   P2. where the keys cannot be had it is `Unavailable`, and no token is trusted or refused for it.
 */
export interface Authenticator {
  /** The header `authorization` as it came. */
  authenticate(authorization: string | undefined): Promise<Principal>;
}

/** The one answer to every token that is not good. */
export class Unauthenticated extends Error {
  constructor(options: { readonly cause?: unknown } = {}) {
    super("A valid bearer token is required", options);
    this.name = "Unauthenticated";
  }
}
