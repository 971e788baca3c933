import { type Fact, IntlZoneRules, Recurrence, type UnitOfWork } from "@punctual/core";
import {
  MemoryClock,
  MemoryDestinationGate,
  MemoryFailpoints,
  MemorySender,
  MemorySignatures,
  MemoryTables,
  MemoryUnitOfWork,
  MemoryVault,
  SeededRng,
  SequentialIds,
} from "@punctual/core/memory";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import {
  type ApiOptions,
  type Authenticator,
  Cursors,
  makeApi,
  type Principal,
  type Role,
  routesOf,
  Unauthenticated,
} from "../../src/index.js";
import { contract, type Operation, refusalsOf } from "../../src/contract/index.js";
import { problem } from "../../src/contract/problem.js";

export const START = "2027-01-01T00:00:00Z";
export const URL_OF_RECEIVER = "https://receiver.test/";

export interface Ask {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | readonly string[]>>;
  readonly body?: unknown;
  /** In place of `body`: sent as it is. */
  readonly text?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** `role:tenant:subject`; null asks without a token. */
  readonly as?: string | null;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** A token in tests says plainly who asks. */
class PlainTokens implements Authenticator {
  async authenticate(authorization: string | undefined): Promise<Principal> {
    const [role, tenant, subject] = authorization?.replace(/^Bearer /, "").split(":") ?? [];
    if (role === undefined || tenant === undefined || subject === undefined) throw new Unauthenticated();
    return { role: role as Role, tenant, subject };
  }
}

export interface DeskOptions {
  /** What the API is told beside. */
  readonly api?: Pick<Partial<ApiOptions>, "rate" | "origins" | "routes">;
  /** Aborted when the process is to stop. */
  readonly stopping?: AbortSignal;
  /** Stands before the unit of work in memory: one that is away, or breaks. */
  readonly unitOfWork?: (inner: UnitOfWork) => UnitOfWork;
  readonly clock?: MemoryClock;
}

export interface Trouble {
  readonly error: unknown;
  readonly requestId: string;
}

/** The API over HTTP, on stores in memory. Every answer is held against the contract. */
export async function desk({
  unitOfWork = (inner) => inner,
  clock = new MemoryClock(new Date(START)),
  api = {},
  stopping,
}: DeskOptions = {}) {
  const failpoints = new MemoryFailpoints();
  const tables = new MemoryTables(clock, failpoints, () => undefined);
  const sender = new MemorySender(clock);
  const troubles: unknown[] = [];
  const vault = new MemoryVault(new SeededRng(3));
  const told: Trouble[] = [];
  const answered: Extract<Fact, { kind: "answered" }>[] = [];
  const limits = { ratePerSecond: null, concurrency: null, ackWithinMs: null };
  const app = makeApi({
    routes: routesOf({
      cursors: new Cursors(Buffer.alloc(32, 7)),
      version: "0.0.0",
      ready: async () => undefined,
      ...(stopping && { stopping }),
    }),
    useCases: {
      unitOfWork: unitOfWork(new MemoryUnitOfWork(tables)),
      recurrence: new Recurrence(new IntlZoneRules({ version: process.versions.tz ?? "unknown" })),
      ids: new SequentialIds(),
      senders: new Map([[sender.kind, sender]]),
      vault,
      gate: new MemoryDestinationGate(clock),
      clock,
      rng: new SeededRng(5),
      signatures: new MemorySignatures(vault),
      greetings: {
        inline: { kind: "http", url: URL_OF_RECEIVER, method: "POST", headers: {}, timeoutMs: 10_000, ...limits },
      },
    },
    authenticator: new PlainTokens(),
    telemetry: {
      note: (fact) => {
        if (fact.kind === "answered") answered.push(fact);
        if (fact.kind !== "trouble") return;
        troubles.push(fact.error);
        told.push({ error: fact.error, requestId: fact.requestId ?? "" });
      },
    },
    ...api,
  });
  const answer = app.callback();
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  /** Asks whatever is asked; nothing is held against anything. */
  const raw = async (
    method: string,
    path: string,
    { query = {}, body, text, headers = {}, as }: Ask = {},
  ): Promise<Answer> => {
    const url = new URL(path, base);
    for (const [name, value] of Object.entries(query)) {
      for (const one of [value].flat()) url.searchParams.append(name, String(one));
    }
    const sent = text ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(url, {
      method: method.toUpperCase(),
      headers: defined({
        ...(as !== null && { authorization: `Bearer ${as ?? "admin:main:ada"}` }),
        ...(sent !== undefined && { "content-type": "application/json" }),
        ...headers,
      }),
      ...(sent !== undefined && { body: sent }),
    });
    const streams = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
    // It does not end by itself: who wants what it says follows it (`support/follow.ts`).
    if (streams) await response.body?.cancel();
    const answered = streams ? "" : await response.text();
    const isJson =
      /json(;|$)/.test(response.headers.get("content-type") ?? "") &&
      !response.headers.get("content-type")?.includes("ndjson");
    const json = isJson ? (JSON.parse(answered) as Answer["json"]) : {};
    return { status: response.status, headers: response.headers, text: answered, json };
  };

  const ask = async (operation: Operation, options: Ask = {}): Promise<Answer> => {
    const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(options.params?.[name] ?? ""),
    );
    const answer = await raw(operation.method, path, options);
    hold(operation, answer);
    return answer;
  };

  return {
    ...{ ask, raw, tables, sender, clock, troubles, told, answered, base },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type Desk = Awaited<ReturnType<typeof desk>>;

function defined(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** An answer is one that the contract knows, or the test fails. */
export function hold(operation: Operation, { status, headers, text, json }: Answer): void {
  const said = `${operation.id} answered ${status}: ${text.slice(0, 500)}`;
  const reply = operation.reply[status];
  if (reply === undefined) {
    if (!refusalsOf(operation).includes(status)) throw new Error(`Not in the contract: ${said}`);
    if (headers.get("content-type") !== "application/problem+json") throw new Error(`No problem+json: ${said}`);
    problem.parse(json);
    return;
  }
  if (reply.type === "text/html" || reply.type === "*/*") {
    if (!/^text\/(html|css|javascript)/.test(headers.get("content-type") ?? ""))
      throw new Error(`Of another type: ${said}`);
    return;
  }
  if (reply.type === "text/event-stream") return;
  if (reply.schema === undefined) {
    if (text !== "") throw new Error(`A body that is not in the contract: ${said}`);
    return;
  }
  const told = operation.lines
    ? text
        .trimEnd()
        .split("\n")
        .map((line): unknown => JSON.parse(line))
    : [json];
  const parsed = z.array(reply.schema).safeParse(told);
  if (!parsed.success) throw new Error(`${said} does not fit its schema: ${parsed.error.message}`);
  for (const name of reply.headers ?? []) {
    if (!headers.has(name)) throw new Error(`Without ${name}: ${said}`);
  }
}

export const idIn = ({ json, text }: Answer): string => {
  if (typeof json.id === "string") return json.id;
  throw new Error(`No id in ${text}`);
};

/** `pointer code` of all that an answer says is wrong. */
export const problemsIn = ({ json }: Answer): readonly string[] =>
  ((json.errors ?? []) as readonly { readonly pointer: string; readonly code: string }[]).map(
    ({ pointer, code }) => `${pointer} ${code}`,
  );

/** Status and code of a refusal. */
export const refusalIn = ({ status, json }: Answer): readonly unknown[] => [status, json.code];

export const itemsIn = ({ json }: Answer): readonly Answer["json"][] => json.items as readonly Answer["json"][];

export const operationOf = (id: string): Operation => {
  const found = contract.find((one) => one.id === id);
  if (found === undefined) throw new Error(`No operation is called ${id}`);
  return found;
};

/** A schedule as a caller writes it. */
export const daily = {
  type: "report.due",
  timeZone: "Europe/Berlin",
  when: { cron: "0 9 * * *" },
  destination: { url: URL_OF_RECEIVER },
  payload: { report: "sales" },
};
