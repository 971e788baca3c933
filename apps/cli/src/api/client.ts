import { operations, type Operation } from "@punctual/api/contract";
import { once } from "node:events";
import {
  Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as overHttp,
} from "node:http";
import { Agent as SecureAgent, request as overHttps } from "node:https";
import { EXIT } from "../exit-codes.js";
import { Failure, Interrupted } from "../failure.js";
import { refusalOf } from "./refusal.js";

export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

export interface Call {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Query;
  /** JSON, as the text that is sent: a payload keeps its digits. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As it came. */
  readonly text: string;
}

export interface ClientOptions {
  readonly url: string;
  readonly token: string | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The API of one installation, by its contract. */
export class ApiClient {
  readonly url: string;
  readonly #options: ClientOptions;
  readonly #agent: Agent;

  constructor(options: ClientOptions) {
    this.url = options.url.replace(/\/+$/, "");
    // A server that is to close the connection closes it behind a refusal that comes early, before we have read that.
    this.#agent = this.url.startsWith("https:") ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
    this.#options = options;
  }

  /** Throws a `Failure` for every answer that is a refusal. */
  async call(operation: Operation, call: Call = {}): Promise<Answer> {
    const { timeoutMs, signal } = this.#options;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const request = this.#request(operation, call, AbortSignal.any([timeout, signal]));
      request.end(call.body);
      const [response] = (await once(request, "response")) as [IncomingMessage];
      return await this.read(response);
    } catch (error) {
      throw timeout.aborted ? this.#late(timeoutMs) : this.failureOf(error);
    }
  }

  /**
   * A request whose body is written bit by bit. It ends when nothing has moved for as long as a call may take, unless
   * `isWaiting` says that it is our own turn.
   */
  open(operation: Operation, call: Omit<Call, "body">, isWaiting: () => boolean): ClientRequest {
    const { timeoutMs, signal } = this.#options;
    const request = this.#request(operation, call, signal);
    return request.setTimeout(timeoutMs, () => {
      if (!isWaiting()) request.destroy(this.#late(timeoutMs));
    });
  }

  async read(response: IncomingMessage): Promise<Answer> {
    let text = "";
    response.setEncoding("utf8");
    for await (const chunk of response as AsyncIterable<string>) text += chunk;
    const { statusCode: status = 0, headers } = response;
    if (status < 200 || status > 299) throw refusalOf(status, text, this.url);
    return { status, headers, text };
  }

  /** What a broken connection means to whoever asked. */
  failureOf(error: unknown): Failure {
    if (error instanceof Failure) return error;
    if (this.#options.signal.aborted) return new Interrupted();
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    const hint = code === "ECONNREFUSED" ? ["is it running? `punctual start` starts one on this machine"] : [];
    return new Failure(EXIT.unavailable, `the API at ${this.url} cannot be reached (${code})`, hint);
  }

  async ready(): Promise<void> {
    await this.call(operations.ready);
  }

  #request({ method, path }: Operation, call: Omit<Call, "body">, signal: AbortSignal): ClientRequest {
    const url = new URL(`${this.url}${filled(path, call.params ?? {})}${queryText(call.query ?? {})}`);
    const { token } = this.#options;
    const headers = {
      accept: "application/json, application/problem+json",
      "content-type": "application/json",
      "user-agent": "punctual-cli",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...call.headers,
    };
    const options = { method: method.toUpperCase(), headers, signal, agent: this.#agent };
    const request = url.protocol === "https:" ? overHttps(url, options) : overHttp(url, options);
    // Whoever waits for an answer hears of what goes wrong; behind the answer nobody waits, and it would end the process.
    return request.on("error", () => undefined);
  }

  #late(ms: number): Failure {
    return new Failure(EXIT.unavailable, `the API at ${this.url} did not answer within ${ms / 1_000} s`, [
      "--timeout gives it longer",
    ]);
  }
}

function filled(path: string, params: Readonly<Record<string, string>>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
}

function queryText(query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one): [string, string] => [name, String(one)]),
  );
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs).toString()}`;
}
