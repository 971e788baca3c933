import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { httpService } from "./http-service.js";

/** What one of Google's services says instead of an answer, by the codes of gRPC. */
const HTTP = {
  ...{ INVALID_ARGUMENT: 400, FAILED_PRECONDITION: 400, UNAUTHENTICATED: 401, PERMISSION_DENIED: 403, NOT_FOUND: 404 },
  ...{ ABORTED: 409, RESOURCE_EXHAUSTED: 429, INTERNAL: 500, UNKNOWN: 500, UNAVAILABLE: 503, DEADLINE_EXCEEDED: 504 },
} as const;

export type FaultCode = keyof typeof HTTP;

export class Fault extends Error {
  readonly code: FaultCode;
  constructor(code: FaultCode, message = "") {
    super(message);
    this.code = code;
  }
}

export interface Called {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export type Trouble =
  | { readonly kind: "fault"; readonly code: FaultCode; readonly message?: string }
  /** Says what a proxy might say. */
  | { readonly kind: "page"; readonly status: number }
  | { readonly kind: "reset" };

/** A service that speaks the JSON of Google's services on loopback, and fails as it is told. */
export async function restService(answer: (called: Called) => object | Promise<object>) {
  const state: { trouble: Trouble | null; asked: number } = { trouble: null, asked: 0 };
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    state.asked++;
    const { method = "", url = "" } = request;
    const input = method === "POST" ? ((await json(request)) as Called["input"]) : {};
    const { trouble } = state;
    if (trouble?.kind === "reset") return void request.socket.destroy();
    if (trouble?.kind === "page") {
      return void response.writeHead(trouble.status, { "content-type": "text/html" }).end("<h1>Sorry</h1>");
    }
    const say = (status: number, fields: object) =>
      void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(fields));
    try {
      if (trouble !== null) throw new Fault(trouble.code, trouble.message);
      say(200, await answer({ method, path: decodeURIComponent(url.split("?")[0] ?? ""), input }));
    } catch (error) {
      const { code, message } = error instanceof Fault ? error : new Fault("UNKNOWN", String(error));
      say(HTTP[code], { error: { code: HTTP[code], message, status: code } });
    }
  };
  const service = await httpService(
    (request, response) => void take(request, response).catch(() => response.destroy()),
  );
  return { state, endpoint: service.url, stop: service.stop };
}
