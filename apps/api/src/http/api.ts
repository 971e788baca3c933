import cors from "@koa/cors";
import type { Fact, Telemetry, UnitOfWork } from "@punctual/core";
import Router from "@koa/router";
import Koa from "koa";
import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { Authenticator, Principal } from "../auth/principal.js";
import { mediaTypeOf, type Operation } from "../contract/index.js";
import { type UseCaseDeps, type UseCases, useCasesOf } from "../use-cases.js";
import { revisionIn } from "./if-match.js";
import { DoneBefore, OnceUnitOfWork } from "./once.js";
import { problemOf } from "./problem-of.js";
import { linesOf } from "./lines-of.js";
import { checkType, parseJson, readBody } from "./read-body.js";
import { readRequest } from "./read-request.js";
import type { RateLimit } from "./rate-limit.js";
import { Refused } from "./refused.js";
import { RawJson, type Reply, toJson } from "./reply.js";
import type { ApiRequest, Route } from "./route.js";

export interface ApiOptions {
  readonly routes: readonly Route[];
  readonly useCases: UseCaseDeps;
  readonly authenticator: Authenticator;
  /** Told of every answer, and of every error that is no answer to the caller's own mistake. */
  readonly telemetry: Telemetry;
  /** How often a tenant may ask this process; left out, as often as it likes. */
  readonly rate?: RateLimit;
  /** Whose pages may ask from a browser: origins, as `https://console.example.org`, or `*` for anybody's. */
  readonly origins?: readonly string[];
}

interface State {
  requestId: string;
  operation?: Operation;
  principal?: Principal;
}

/** All routes behind one door: who asks, may they, is it well formed, is it done already, and every refusal as a problem. */
export function makeApi(options: ApiOptions): Koa<State> {
  const { routes, useCases, authenticator, telemetry, rate, origins = [] } = options;
  const app = new Koa<State>({ proxy: false });
  const router = new Router<State>({ exclusive: true, strict: true, sensitive: true });
  const whole = useCasesOf(useCases);

  for (const { operation, deed } of routes) {
    router[operation.method](operation.path.replaceAll(/\{(\w+)\}/g, ":$1"), async (context) => {
      context.state.operation = operation;
      const principal = await admit(operation, authenticator, context.get("authorization"));
      context.state.principal = principal;
      if (operation.access !== "anybody") takePlace(rate, principal.tenant, context);
      const request = await read({ operation, deed }, context, principal, whole);
      const key = operation.idempotent ? context.req.headers["idempotency-key"] : undefined;
      const perform = async (one: UseCases) => deed.reply(await deed.perform(request, one), request);
      const answer =
        key === undefined ? perform(whole) : once(String(key), context, request, { deed, useCases, perform });
      send(context, await answer);
    });
  }

  app.use(async (context, next) => {
    const began = performance.now();
    context.state.requestId = requestIdOf(context.get("x-request-id"));
    context.set("x-request-id", context.state.requestId);
    context.set("cache-control", "no-store");
    context.set("x-content-type-options", "nosniff");
    try {
      refuseMalformed(context.path);
      await next();
      if (context.status === 404 && context.body === undefined) throw lost(router, context);
    } catch (error) {
      refuse(context, error);
      const { requestId } = context.state;
      if (context.status >= 500) telemetry.note({ kind: "trouble", where: "api", error, requestId });
    }
    telemetry.note(answered(context, performance.now() - began));
  });
  if (origins.length > 0) app.use(corsFor(new Set(origins)));
  app.use(router.routes());
  app.on("error", (error: unknown) => {
    if (!hasGone(error)) telemetry.note({ kind: "trouble", where: "api", error });
  });
  return app;
}

/** That a client goes before it has all of an answer is no trouble of ours. */
function hasGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
}

function answered(context: Context, durationMs: number): Fact {
  const { method, status } = context;
  const { requestId, operation, principal } = context.state;
  const traceparent = context.get("traceparent");
  const known = principal === undefined || principal === NOBODY ? null : principal;
  return {
    kind: "answered",
    ...{ requestId, status, durationMs },
    method: METHODS.has(method) ? method : "OTHER",
    route: operation?.path ?? null,
    tenant: known?.tenant ?? null,
    role: known?.role ?? null,
    traceparent: traceparent === "" ? null : traceparent,
  };
}

/** A caller may write anything there, and it is counted by it. */
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** The draft's headers, so that a client can slow down by itself before it is told to. */
function takePlace(rate: RateLimit | undefined, tenant: string, context: Context): void {
  if (rate === undefined) return;
  const { ok, left, fullInS, nextInS } = rate.take(tenant);
  context.set("ratelimit-policy", `"tenant";q=${rate.perMinute};w=60`);
  context.set("ratelimit", `"tenant";r=${left};t=${fullInS}`);
  if (ok) return;
  const headers = { "retry-after": String(nextInS) };
  throw new Refused(429, "too_often", `More than ${rate.perMinute} requests a minute`, { headers });
}

const ANYBODY = "*";

function corsFor(origins: ReadonlySet<string>): Koa.Middleware {
  return cors({
    // Who asks shows a token in a header, and never a cookie: so an answer to anybody's page needs no credentials.
    origin: ({ headers: { origin = "" } }) => (origins.has(ANYBODY) ? ANYBODY : origins.has(origin) ? origin : ""),
    allowMethods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
    allowHeaders: ["authorization", "content-type", "if-match", "idempotency-key", "last-event-id", "x-request-id"],
    exposeHeaders: ["etag", "location", "retry-after", "ratelimit", "ratelimit-policy", "x-request-id"],
    maxAge: 600,
  });
}

type Context = Koa.ParameterizedContext<State>;

async function admit({ access }: Operation, authenticator: Authenticator, authorization: string): Promise<Principal> {
  if (access === "anybody") return NOBODY;
  const principal = await authenticator.authenticate(authorization === "" ? undefined : authorization);
  if (access.includes(principal.role)) return principal;
  throw new Refused(403, "forbidden", `This is for ${access.join(" and ")}`);
}

const NOBODY: Principal = { subject: "nobody", tenant: "", role: "user" };

async function read(
  { operation, deed }: Route,
  context: Context & { readonly params: Readonly<Record<string, string>> },
  principal: Principal,
  useCases: UseCases,
): Promise<ApiRequest> {
  const revision = operation.ifMatch ? revisionIn(context.get("if-match")) : undefined;
  if (operation.lines) checkType(context.req, mediaTypesOf(operation));
  const whole = operation.body !== undefined && !operation.lines;
  const text = whole ? await readBody(context.req, mediaTypesOf(operation)) : "";
  const body = whole ? (operation.bodyOptional && text === "" ? {} : parseJson(text)) : undefined;
  const search = new URLSearchParams(context.querystring);
  const judge = () => deed.judge?.({ body, text }, useCases);
  const checked = readRequest(operation, { params: context.params, search, body }, judge);
  return {
    ...checked,
    text,
    lines: linesOf(context.req),
    principal,
    revision,
    requestId: context.state.requestId,
    // Made for those who ask: most do not.
    get headers() {
      return headersOf(context.req);
    },
    get gone() {
      return goneOf(context.res);
    },
  };
}

function goneOf(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  if (response.closed) gone.abort();
  else response.once("close", () => gone.abort());
  return gone.signal;
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const pairs = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  return new Headers(pairs);
}

function mediaTypesOf(operation: Operation): readonly string[] {
  return operation.lines ? [mediaTypeOf(operation)] : [...new Set([mediaTypeOf(operation), "application/json"])];
}

interface Once {
  readonly deed: Route["deed"];
  readonly useCases: UseCaseDeps;
  readonly perform: (useCases: UseCases) => Promise<Reply>;
}

/** Does it in a unit of work that remembers the key; what was done before is only said again. */
async function once(
  key: string,
  context: Context,
  request: ApiRequest,
  { deed, useCases, perform }: Once,
): Promise<Reply> {
  if (key.length > LONGEST_KEY || !/^[\x21-\x7e]+$/.test(key)) {
    throw new Refused(400, "bad_idempotency_key", `An idempotency key has 1 to ${LONGEST_KEY} printable characters`);
  }
  const { method, path, querystring } = context;
  const asked = JSON.stringify([method, path, querystring, request.principal.subject]);
  const fingerprint = createHash("sha256").update(asked).update(request.text).digest("hex");
  const reply = (result: unknown) => deed.kept?.(result) ?? deed.reply(result, request);
  const unitOfWork: UnitOfWork = new OnceUnitOfWork(useCases.unitOfWork, { key, fingerprint, reply });
  try {
    return await perform(useCasesOf({ ...useCases, unitOfWork }));
  } catch (error) {
    if (!(error instanceof DoneBefore)) throw error;
    const { status, headers, body } = error.kept;
    return { status, headers: { ...headers, "idempotent-replayed": "true" }, body: new RawJson(body) };
  }
}

const LONGEST_KEY = 255;

function send(context: Context, { status, headers = {}, body, lines, file, messages, cut }: Reply): void {
  context.status = status;
  context.set({ ...headers });
  if (file !== undefined) {
    context.type = file.type;
    return void (context.body = file.bytes);
  }
  if (lines !== undefined) {
    context.type = "application/x-ndjson";
    return void (context.body = Readable.from(textOf(lines)));
  }
  if (messages !== undefined) {
    context.type = "text/event-stream";
    context.set("x-accel-buffering", "no");
    cut?.addEventListener("abort", () => context.res.destroy(), { once: true });
    return void (context.body = Readable.from(messages, { objectMode: false }));
  }
  if (body === undefined) return void (context.body = null);
  context.body = toJson(body);
  context.type = "application/json";
}

async function* textOf(lines: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const line of lines) yield `${toJson(line)}\n`;
}

function refuse(context: Context, error: unknown): void {
  const { status, title, code, detail, errors, headers } = problemOf(error);
  context.status = status;
  context.set({ ...headers });
  context.body = toJson({
    type: `about:blank#${code}`,
    ...{ title, status, code, detail },
    instance: context.path.slice(0, LONGEST_ECHO),
    requestId: context.state.requestId,
    errors,
  });
  context.set("content-type", "application/problem+json");
}

const LONGEST_ECHO = 100;

/** What stands behind a percent sign must be two digits, and all of it UTF-8: a guess might name something else. */
function refuseMalformed(path: string): void {
  try {
    decodeURIComponent(path);
  } catch (error) {
    throw new Refused(400, "malformed_path", "The path has an escape that is none", { cause: error });
  }
}

/** No route has this path, or none this method. */
function lost(router: Router<State>, context: Context): Refused {
  const allowed = [...new Set(router.match(context.path, context.method).path.flatMap(({ methods }) => methods))];
  if (allowed.length === 0) return new Refused(404, "no_such_route", "There is nothing here");
  const headers = { allow: allowed.join(", ") };
  return new Refused(405, "method_not_allowed", `This can be asked by ${allowed.join(", ")}`, { headers });
}

function requestIdOf(given: string): string {
  return /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}
