import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What a process says: that it would have the next event, how the last one went, or that it cannot start. */
export type Said =
  | { readonly kind: "next" }
  | { readonly kind: "response"; readonly body: string }
  | { readonly kind: "error"; readonly body: string }
  | { readonly kind: "init-error"; readonly body: string };

export interface Invocation {
  readonly requestId: string;
  readonly functionArn: string;
  readonly deadlineMs: number;
  readonly traceId: string;
  readonly body: string;
}

/** The Lambda Runtime API on loopback, for one process. */
export class RuntimeApi {
  readonly #server: Server;
  #waiting: ServerResponse | null = null;
  #requestId: string | null = null;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(hear: (said: Said) => void): Promise<RuntimeApi> {
    const server = createServer((request, response) => void api.#serve(request, response, hear));
    const api = new RuntimeApi(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    return api;
  }

  /** As AWS_LAMBDA_RUNTIME_API states it. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Answers the process that waits for an event. */
  give({ requestId, functionArn, deadlineMs, traceId, body }: Invocation): void {
    if (this.#waiting === null) throw new Error("No process waits for an event");
    this.#requestId = requestId;
    this.#waiting.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": requestId,
      "lambda-runtime-deadline-ms": String(deadlineMs),
      "lambda-runtime-invoked-function-arn": functionArn,
      "lambda-runtime-trace-id": traceId,
    });
    this.#waiting.end(body);
    this.#waiting = null;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse, hear: (said: Said) => void): Promise<void> {
    const path = /^\/2018-06-01\/runtime\/(.+)$/.exec(request.url ?? "")?.[1] ?? "";
    if (request.method === "GET" && path === "invocation/next") {
      this.#waiting = response;
      hear({ kind: "next" });
      return;
    }
    const kind = this.#kindOf(path);
    const body = await text(request).catch(() => null); // null from a process that died amid its words
    if (body === null) return;
    response.writeHead(kind === null ? 403 : 202, { "content-type": "application/json" });
    response.end(JSON.stringify(kind === null ? { errorType: "InvalidRequestID" } : { status: "OK" }));
    if (kind !== null) hear({ kind, body });
  }

  /** Null for an invocation that is not under way. */
  #kindOf(path: string): Exclude<Said["kind"], "next"> | null {
    if (path === "init/error") return "init-error";
    const [, requestId, kind] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    if (requestId === undefined || requestId !== this.#requestId) return null;
    return kind === "response" ? "response" : "error";
  }
}
