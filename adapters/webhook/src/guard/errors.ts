import type { UrlObjection, UrlRule } from "@punctual/core";

/** The host, or what it stands for, may not be called: nothing was sent. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly rule: UrlRule;
  constructor(objection: UrlObjection) {
    super(objection.message);
    this.rule = objection.code;
  }
}

export type DialStage = "dns" | "connect" | "tls";

const WORDS: Readonly<Record<DialStage, string>> = {
  dns: "The name could not be looked up",
  connect: "No connection could be made",
  tls: "TLS could not be agreed upon",
};

/** No connection came about, so nothing was sent. The original is the cause, and may name addresses: it is for logs only. */
export class DialError extends Error {
  override readonly name = "DialError";
  /** What was under way. */
  readonly stage: DialStage;
  /** As the system or OpenSSL has it: `ENOTFOUND`, `ECONNREFUSED`, `CERT_HAS_EXPIRED`; `ETIMEDOUT` when time was up. */
  readonly code: string;
  constructor(stage: DialStage, code: string, cause?: unknown) {
    super(`${WORDS[stage]}: ${code}`, { cause });
    this.stage = stage;
    this.code = code;
  }
}
