import type { status } from "@grpc/grpc-js";

/** What the service answers instead of doing it. */
export class Refusal extends Error {
  readonly code: keyof typeof status;

  constructor(code: keyof typeof status, message: string) {
    super(message);
    this.code = code;
  }
}
