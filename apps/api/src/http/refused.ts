import type { Problem } from "@punctual/core";

export interface RefusedOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly errors?: readonly Problem[];
  readonly cause?: unknown;
}

/** A request that is refused before any use case sees it, or because of how it was asked. */
export class Refused extends Error {
  readonly status: number;
  /** Public: clients match on it, so it is never renamed. */
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly errors: readonly Problem[];

  constructor(status: number, code: string, message: string, options: RefusedOptions = {}) {
    super(message, { cause: options.cause });
    this.name = "Refused";
    this.status = status;
    this.code = code;
    this.headers = options.headers ?? {};
    this.errors = options.errors ?? [];
  }
}
