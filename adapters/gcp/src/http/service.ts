import { type Clock, InvalidInput, SchedulingError, type Telemetry } from "@punctual/core";
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { CallerRefused } from "../auth/caller-refused.js";
import type { Caller, Callers } from "../auth/callers.js";
import { BadBody, readBody } from "./read-body.js";
import { traceparentOf } from "./traceparent.js";

/** A request of somebody who may ask. */
export interface Asked {
  readonly caller: Caller;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body as JSON; throws `InvalidInput`, which is answered with 400, where it is none. */
  readonly json: () => unknown;
  readonly traceparent: string | null;
  /** Aborted when this process is to end: what takes long is not begun any more. */
  readonly stopping: AbortSignal;
}

export interface Reply {
  readonly status: number;
  readonly body?: object;
}

export type Handler = (asked: Asked) => Promise<Reply>;

export interface ServiceOptions {
  /** By method and path, such as `POST /push`. */
  readonly routes: Readonly<Record<string, Handler>>;
  readonly authorize: Callers;
  readonly clock: Pick<Clock, "monotonic" | "sleep">;
  readonly telemetry: Telemetry;
  readonly maxBodyBytes: number;
  /** Zero takes one that is free. */
  readonly port: number;
  /** Left out, all addresses: those of a container are its own. */
  readonly host?: string;
}

/** Longer than Google keeps connections that nobody uses, so that it is never cut off amid a request. */
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 60_000, keepAliveTimeout: 620_000 };
const FLUSH_MS = 500;
const TOLD_EACH_MS = 60_000;

/** What a service on Cloud Run waits for requests that are under way: it is killed ten seconds after it was told to end. */
export const DRAIN_MS = 8_000;

/** Answers who pushes: a token is looked at before anything else of a request, but for whether there is such a route. */
export async function serve(options: ServiceOptions): Promise<Service> {
  const routes = routesOf(options.routes);
  const server = createServer(TIMEOUTS);
  server.listen(options.port, options.host);
  await once(server, "listening");
  return new Service(server, routes, options);
}

/** Of a service that serves. */
export class Service {
  readonly port: number;
  readonly #server: Server;
  readonly #routes: Routes;
  readonly #options: ServiceOptions;
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<ServerResponse>();
  /** When somebody was last told of callers that are refused for this reason. */
  readonly #toldAt = new Map<string, number>();

  /** Use `serve`. */
  constructor(server: Server, routes: Routes, options: ServiceOptions) {
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
    this.#routes = routes;
    this.#options = options;
    server.on("request", (request, response) => void this.#take(request, response));
  }

  /**
   * Lets nobody in any more, and waits for what is under way; what is not answered within the time is told to come again.
   * Answers whether all was.
   */
  async close(withinMs: number): Promise<boolean> {
    const { clock } = this.#options;
    this.#stopping.abort();
    const left = new AbortController();
    const closed = new Promise<boolean>((resolve) => void this.#server.close(() => resolve(true)));
    // A connection that is kept for a next request is let go as soon as its last one is answered.
    const idle = setInterval(() => this.#server.closeIdleConnections(), 25);
    const late = async (ms: number) => clock.sleep(ms, left.signal).then(() => false);
    const ended = await Promise.race([closed, late(withinMs)]);
    if (!ended) {
      for (const response of this.#underWay) this.#reply(response, AWAY);
      await Promise.race([closed, late(FLUSH_MS)]);
    }
    left.abort();
    clearInterval(idle);
    this.#server.closeAllConnections();
    return ended;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#underWay.add(response);
    response.once("close", () => this.#underWay.delete(response));
    try {
      this.#reply(response, await this.#answerTo(request));
    } catch (error) {
      this.#reply(response, this.#replyOf(error));
    }
  }

  async #answerTo(request: IncomingMessage): Promise<Answer> {
    const { method = "", url = "", headers } = request;
    const methods = this.#routes.get(url.split("?")[0] ?? "");
    if (methods === undefined) return problem(404, "not_found");
    const handler = methods.get(method);
    if (handler === undefined)
      return { ...problem(405, "wrong_method"), headers: { allow: [...methods.keys()].join() } };
    if (handler === HEALTH) return this.#stopping.signal.aborted ? AWAY : OK;
    if (this.#stopping.signal.aborted) return AWAY;
    const { authorize, maxBodyBytes } = this.#options;
    const caller = await authorize(headers.authorization);
    const body = await readBody(request, maxBodyBytes);
    const traceparent = traceparentOf(headers);
    const stopping = this.#stopping.signal;
    return handler({ caller, headers, body, json: () => jsonOf(body), traceparent, stopping });
  }

  #replyOf(error: unknown): Answer {
    if (error instanceof CallerRefused) {
      this.#tell(error);
      if (error.status === 403) return problem(403, error.code);
      return { ...problem(401, error.code), headers: { "www-authenticate": "Bearer" } };
    }
    if (error instanceof BadBody) return problem(error.code === "too_large" ? 413 : 400, error.code);
    if (error instanceof SchedulingError && error.family !== "unavailable") {
      return problem(STATUS[error.family], error.code);
    }
    this.#options.telemetry.note({ kind: "trouble", where: "http", error });
    return error instanceof SchedulingError ? AWAY : problem(500, "internal");
  }

  /** Whoever is refused may try often. That somebody is at all may be a mistake of ours. */
  #tell(error: CallerRefused): void {
    const now = this.#options.clock.monotonic();
    if (now - (this.#toldAt.get(error.code) ?? -Infinity) < TOLD_EACH_MS) return;
    this.#toldAt.set(error.code, now);
    this.#options.telemetry.note({ kind: "trouble", where: "http", error });
  }

  #reply(response: ServerResponse, { status, body, headers }: Answer): void {
    if (response.headersSent) return;
    const text = body === undefined ? "" : JSON.stringify(body);
    response.writeHead(status, {
      ...{ "content-type": "application/json", "cache-control": "no-store", "content-length": Buffer.byteLength(text) },
      ...(this.#stopping.signal.aborted && { connection: "close" }),
      ...headers,
    });
    response.end(response.req.method === "HEAD" ? "" : text);
  }
}

type Routes = ReadonlyMap<string, ReadonlyMap<string, Handler>>;

interface Answer extends Reply {
  readonly headers?: Readonly<Record<string, string>>;
}

const OK: Answer = { status: 200, body: { status: "ok" } };
const AWAY: Answer = { ...problem(503, "away"), headers: { "retry-after": "1" } };
const STATUS = { invalid: 400, missing: 404, conflict: 409 } as const;

/** Asks nobody anything, and needs no token. */
const HEALTH: Handler = async () => OK;

function problem(status: number, code: string): Answer {
  return { status, body: { code } };
}

function routesOf(given: Readonly<Record<string, Handler>>): Routes {
  const routes = new Map([
    [
      "/health/live",
      new Map([
        ["GET", HEALTH],
        ["HEAD", HEALTH],
      ]),
    ],
  ]);
  for (const [route, handler] of Object.entries(given)) {
    const [, method, path] = /^([A-Z]+) (\/\S*)$/.exec(route) ?? [];
    if (method === undefined || path === undefined) throw new TypeError(`No method and path: ${route}`);
    routes.set(path, new Map([...(routes.get(path) ?? []), [method, handler]]));
  }
  return routes;
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Without its cause, which repeats some of it.
    throw new InvalidInput([{ pointer: "", code: "not_json", message: "Must be JSON" }]);
  }
}
