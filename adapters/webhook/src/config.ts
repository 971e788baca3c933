import { DEFAULT_PORTS } from "./guard/port-rules.js";

/** How requests go out, and where they may not go. */
export interface WebhookConfig {
  /** What may be called although it is on the inside: CIDRs, addresses and names of hosts. */
  readonly allow: readonly string[];
  /** Which ports may be called: numbers and ranges. */
  readonly ports: string;
  /** Certificates in PEM that are trusted besides those that Node trusts. */
  readonly ca: readonly string[];
  /** For look-up, connection and TLS together; a destination's own timeout ends them earlier. */
  readonly connectTimeoutMs: number;
  /** How long a connection is kept for the next request. A receiver can ask for less, not for more. */
  readonly keepAliveMs: number;
  /** Connections to one origin at one time, for each tenant. Further requests wait, and their time runs: keep it high. */
  readonly maxConnections: number;
  /** Origins, counted for each tenant, whose connections are kept; beyond that the one idle for longest is let go. */
  readonly maxOrigins: number;
  /** Of an answer's headers together; more is an error. */
  readonly maxHeaderBytes: number;
  /** So much of an answer's body is waited for; then it counts as whole. */
  readonly readBytes: number;
  /** So much of that is kept. */
  readonly excerptBytes: number;
  /** Where a receiver says that it is done, for those that answer 202: `{tenant}` and `{eventId}` are filled in. */
  readonly ackUrl: string | null;
  readonly userAgent: string;
}

export const WEBHOOK_DEFAULTS: WebhookConfig = {
  allow: [],
  ports: DEFAULT_PORTS,
  ca: [],
  connectTimeoutMs: 5_000,
  keepAliveMs: 4_000,
  maxConnections: 1_000,
  maxOrigins: 2_000,
  maxHeaderBytes: 16_384,
  readBytes: 65_536,
  excerptBytes: 4_096,
  ackUrl: null,
  userAgent: "Punctual/0.0.0 (+webhooks)",
};
