import { request } from "node:http";
import { text } from "node:stream/consumers";
import type { Clock } from "@punctual/core";

/** A process that may be asked. */
export interface Backend {
  readonly url: string;
  readonly name: string;
  /** Whether it was told to end. */
  readonly draining: boolean;
}

export interface Question {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** What came of all that was asked. */
export interface AskedTally {
  answered: number;
  /** Answers of 500 or more. */
  errors: number;
  /** Connections that were refused by who was not told to end, or by nobody left to ask. */
  refused: number;
  /** Connections that broke before there was an answer. */
  broken: number;
  /** Refused by who was told to end, and asked of another. */
  retried: number;
}

/** Until then it may send somebody to who is being stopped, as real ones do. */
const LOOK_MS = 1_000;

/**
 * What stands before the processes of an API: asks one after the other, leaves out who says that it is not ready, and asks
 * another only where a connection was refused by who is being stopped. A connection for each request: none is used again.
 */
export class Balancer {
  readonly tally: AskedTally = { answered: 0, errors: 0, refused: 0, broken: 0, retried: 0 };
  readonly tookMs: number[] = [];
  readonly wrongs: string[] = [];
  readonly #clock: Clock;
  #all: readonly Backend[] = [];
  #ready: readonly Backend[] = [];
  #next = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when it is ready, and asked from now on. */
  async add(backend: Backend): Promise<void> {
    this.#all = [...this.#all, backend];
    while (!this.#ready.includes(backend)) {
      await this.#look();
      await this.#clock.sleep(10);
    }
  }

  remove(backend: Backend): void {
    this.#all = this.#all.filter((one) => one !== backend);
    this.#ready = this.#ready.filter((one) => one !== backend);
  }

  /** Looks who is ready, until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#look();
      await this.#clock.sleep(LOOK_MS, signal);
    }
  }

  /** Null where there was no answer. */
  async ask(question: Question): Promise<Answer | null> {
    const asked = new Set<Backend>();
    for (;;) {
      const backend = this.#pick(asked);
      if (backend === null) return this.#wrong("refused", `${question.method} ${question.path}: nobody is there`);
      asked.add(backend);
      const began = performance.now();
      try {
        const answer = await askOne(backend, question);
        this.tally.answered++;
        this.tookMs.push(performance.now() - began);
        if (answer.status >= 500)
          this.#wrong("errors", `${question.method} ${question.path}: ${JSON.stringify(answer)}`);
        return answer;
      } catch (error) {
        const code = error instanceof Error && "code" in error ? error.code : error;
        if (code === "ECONNREFUSED" && backend.draining) {
          this.tally.retried++;
          continue;
        }
        return this.#wrong(
          code === "ECONNREFUSED" ? "refused" : "broken",
          `${question.method} ${question.path} at ${backend.name}${backend.draining ? ", draining" : ""}: ${String(code)}`,
        );
      }
    }
  }

  #wrong(kind: "errors" | "refused" | "broken", what: string): null {
    this.tally[kind]++;
    this.wrongs.push(what);
    return null;
  }

  #pick(asked: ReadonlySet<Backend>): Backend | null {
    const left = this.#ready.filter((one) => !asked.has(one));
    this.#next++;
    return left[this.#next % left.length] ?? null;
  }

  async #look(): Promise<void> {
    const all = this.#all;
    const ready = await Promise.all(
      all.map(async (one) => {
        const answer = await askOne(one, { method: "GET", path: "/health/ready" }).catch(() => null);
        return answer?.status === 200;
      }),
    );
    this.#ready = all.filter((one, index) => ready[index] === true && this.#all.includes(one));
  }
}

async function askOne({ url }: Backend, { method, path, headers, body }: Question): Promise<Answer> {
  const asked = request(new URL(path, url), { method, headers: { ...headers }, agent: false });
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  asked.once("error", reject);
  asked.once("response", (response) => {
    text(response).then((read) => resolve({ status: response.statusCode ?? 0, body: read }), reject);
  });
  asked.end(body);
  return promise;
}
