/** Where events go. */
export interface Destination {
  readonly id: string;
  readonly tenant: string;
  /** Which `Sender` carries it: `http` is the first kind. */
  readonly kind: string;
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Requests that may start within one second; null is no limit. */
  readonly ratePerSecond: number | null;
  /** Requests that may be under way at one time; null is no limit. */
  readonly concurrency: number | null;
  readonly timeoutMs: number;
  /** How long a 202 may be followed by the receiver's word that it is done; null is that a 202 says so itself. */
  readonly ackWithinMs: number | null;
  /** What signs its requests: two while one takes over from the other, none for one that nobody asked a secret for. */
  readonly secrets: readonly SigningSecret[];
  readonly enabled: boolean;
  /** Why it was disabled: by hand, because it answered 410, or because it failed for too long. */
  readonly disabledBecause: "by_hand" | "gone" | "failing" | null;
  /** Made from a URL that stood in a schedule; equal ones share one destination. */
  readonly inline: boolean;
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A secret as it is kept: only the vault can open it, for this destination alone. */
export interface SigningSecret {
  readonly id: string;
  readonly sealed: string;
  readonly createdAt: Date;
  /** From then on it signs no more; null while nothing took its place. */
  readonly expiresAt: Date | null;
}

export function activeSecrets({ secrets }: Pick<Destination, "secrets">, now: Date): readonly SigningSecret[] {
  return secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
}

export const DESTINATION_DEFAULTS = { kind: "http", method: "POST", timeoutMs: 10_000 } as const;
