import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

interface Said {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

const SAID: Readonly<Record<string, Said>> = {
  HPE_HEADER_OVERFLOW: { status: 431, code: "headers_too_large", detail: "The headers have more than 16 KiB" },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: "too_slow", detail: "The request did not come in time" },
};
const MALFORMED: Said = { status: 400, code: "malformed_request", detail: "This is not HTTP as it should be" };

/** What Node refuses before anybody here sees it: said in the same words as everything else that is refused. */
export function onClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  // Who has gone, or has an answer already, is told nothing.
  const answered = "bytesWritten" in socket && typeof socket.bytesWritten === "number" && socket.bytesWritten > 0;
  if (error.code === "ECONNRESET" || !socket.writable || answered) return void socket.destroy(error);
  const { status, code, detail } = SAID[error.code ?? ""] ?? MALFORMED;
  const title = STATUS_CODES[status] ?? "Error";
  const requestId = randomUUID();
  const body = JSON.stringify({ type: `about:blank#${code}`, title, status, code, detail, requestId });
  socket.end(
    [
      `HTTP/1.1 ${status} ${title}`,
      "content-type: application/problem+json",
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${requestId}`,
      "cache-control: no-store",
      "connection: close",
      "",
      body,
    ].join("\r\n"),
  );
}
