/** What somebody asked for. */
export interface Order {
  readonly stack: string;
  readonly commit: string;
  /** Tells this release from every other one. */
  readonly release: string;
  /** Who said that it may go to production. */
  readonly approvedBy?: string;
  /** Migrations that the version before cannot live with are meant. */
  readonly contract?: boolean;
  /** It mends what the alarms are about: they are not asked, before it or during it. */
  readonly despiteAlarms?: boolean;
  readonly timing: Timing;
}

export interface Timing {
  /** How long the first part of the traffic alone goes to a new version: longer than what its alarms look at. */
  readonly canaryMs: number;
  /** How long the judge is asked once everything has moved. */
  readonly provingMs: number;
  readonly pollMs: number;
  /** How long one move may take. */
  readonly mostMs: number;
}

/** Alarms look at three minutes, and at five. */
export const USUAL: Timing = { canaryMs: 600_000, provingMs: 360_000, pollMs: 10_000, mostMs: 3_600_000 };
