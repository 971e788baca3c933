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
  readonly enabled: boolean;
  /** Why it was disabled: by hand, because it answered 410, or because it failed for too long. */
  readonly disabledBecause: "by_hand" | "gone" | "failing" | null;
  /** Made from a URL that stood in a schedule; equal ones share one destination. */
  readonly inline: boolean;
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const DESTINATION_DEFAULTS = { kind: "http", method: "POST", timeoutMs: 10_000 } as const;
