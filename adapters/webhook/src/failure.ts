import type { AttemptError } from "@punctual/core";
import { errors } from "undici";
import { DialError, Refused } from "./guard/errors.js";

/** What an attempt failed for. The detail is a code that tenants see: never free text, never an address. */
export interface Failure {
  readonly error: AttemptError;
  readonly detail: string | null;
}

/** A request that cannot be put on the wire as it is. */
export class Unsendable extends Error {
  override readonly name = "Unsendable";
  readonly code: "UNSENDABLE_HEADER" | "UNSENDABLE_METHOD";
  constructor(code: Unsendable["code"]) {
    super(`The request cannot be sent: ${code}`);
    this.code = code;
  }
}

/** undici has one class for all that befalls a connection, and tells the cases apart by their text. */
const SOCKET_ERRORS: ReadonlyMap<string, Failure> = new Map([
  ["other side closed", { error: "reset", detail: "CLOSED" }],
  ["closed", { error: "reset", detail: "CLOSED" }],
  ["bad response", { error: "protocol", detail: "UNEXPECTED_RESPONSE" }],
  ["bad upgrade", { error: "protocol", detail: "UNEXPECTED_UPGRADE" }],
]);

const CODES: ReadonlyMap<string, Failure> = new Map([
  ["HPE_INVALID_EOF_STATE", { error: "reset", detail: "CLOSED" }],
  ["UND_ERR_HEADERS_OVERFLOW", { error: "protocol", detail: "HEADERS_TOO_LARGE" }],
  ["ENDLESS", { error: "protocol", detail: "ENDLESS" }],
  // undici's parser asserts that a status is 100 at least, and that who changes the protocol says so in its headers.
  ["ERR_ASSERTION", { error: "protocol", detail: "INVALID_STATUS" }],
]);

/** What undici, the connector or we ourselves gave up with, in the words of an attempt; `begun` if there was a status. */
export function failureOf(error: unknown, begun: boolean): Failure {
  if (error instanceof Refused) return { error: "blocked_address", detail: error.rule };
  if (error instanceof DialError) return { error: error.stage, detail: error.code };
  if (error instanceof errors.ResponseContentLengthMismatchError) {
    // Also what undici calls any mistake in headers that begin with a length.
    return begun ? { error: "reset", detail: "CLOSED" } : { error: "protocol", detail: "INVALID_HEADERS" };
  }
  const code = codeOf(error);
  const known = error instanceof errors.SocketError ? SOCKET_ERRORS.get(error.message) : CODES.get(code ?? "");
  if (known !== undefined) return known;
  if (error instanceof errors.HTTPParserError) return { error: "protocol", detail: mistakeIn(error.message) };
  return { error: kindOf(code), detail: code };
}

/** llhttp has a code for each mistake, undici loses it, and its words are left. */
function mistakeIn(message: string): string {
  if (/chunk/i.test(message)) return "INVALID_CHUNK";
  return /header|content-length|transfer-encoding/i.test(message) ? "INVALID_HEADERS" : "INVALID_STATUS_LINE";
}

function kindOf(code: string | null): AttemptError {
  if (code === null || /^(UND_|UNSENDABLE_)/.test(code)) return "protocol";
  // Under TLS 1.3 a server's objections to the handshake arrive after it.
  return /^(EPROTO$|ERR_SSL_|ERR_TLS_)/.test(code) ? "tls" : "reset";
}

function codeOf(error: unknown): string | null {
  const code: unknown = error instanceof Error && "code" in error ? error.code : null;
  return typeof code === "string" && /^[A-Z0-9_]{1,64}$/.test(code) ? code : null;
}
