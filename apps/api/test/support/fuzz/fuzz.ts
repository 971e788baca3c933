import { MemoryClock } from "@punctual/core/memory";
import type { Answer } from "../desk.js";
import { desk, START } from "../desk.js";
import { workerOf } from "../worker.js";
import type { Asked } from "./asked.js";
import { Chance } from "./chance.js";
import { Client } from "./client.js";
import { type Document, operationsIn } from "./document.js";
import { objectionTo } from "./judge.js";
import { Requests } from "./requests.js";
import { type FuzzStores, memoryStores, postgresStores } from "./stores.js";
import { Watchdog } from "./watchdog.js";
import { World } from "./world.js";

export interface FuzzOptions {
  readonly requests: number;
  readonly seed: number;
  readonly stores: "memory" | "postgres";
}

export interface FuzzReport {
  readonly operations: number;
  /** Answers of 500 or more. */
  readonly broken: number;
  readonly slowestMs: number;
  /** By how much what is in use grew, once everything had been asked for; null where that cannot be measured. */
  readonly grownMb: number | null;
  /** What went wrong, with what was asked. */
  readonly failures: readonly string[];
  /** For each operation, how many of its good requests were granted. */
  readonly granted: ReadonlyMap<string, { readonly asked: number; readonly granted: number }>;
}

export const MOST_CPU_MS = 250;
export const MOST_GROWN_MB = 30;
/** Of its good requests so many must be granted, in a hundred: a fuzz that is always refused finds nothing. */
export const LEAST_GRANTED = 25;

/** After so many requests the stores are emptied: what they keep grows, and is not what leaks. */
const STRETCH = 250;
const REFILL = 25;
/** Where rules are reckoned with there is the most to find. */
const RULES = new Set(["createSchedule", "putSchedule", "changeSchedule", "previewOccurrences", "listOccurrences"]);

/** Asks for every operation that the document at /openapi.json has, in ways that are right, nearly so, and not at all. */
export async function fuzz({ requests, seed, stores: kind }: FuzzOptions): Promise<FuzzReport> {
  const chance = new Chance(seed);
  const isMemory = kind === "memory";
  const clock = new MemoryClock(isMemory ? new Date(START) : new Date());
  const stores = isMemory ? memoryStores(clock) : await postgresStores();
  const one = await desk({ clock, unitOfWork: () => stores.unitOfWork });
  const client = new Client(one.base);
  const watchdog = new Watchdog();
  try {
    const world = new World({
      ...{ desk: one, client, chance },
      seconds: () => Math.floor((isMemory ? clock.now().getTime() : Date.now()) / 1_000),
      deliver: delivering(stores, one, clock),
      empty: async () => stores.empty(),
    });
    const document = (await client.ask({ method: "get", path: "/openapi.json", headers: {}, body: null }))
      .json as unknown as Document;
    const operations = operationsIn(document);
    const drawn = operations.flatMap((one) => Array.from({ length: RULES.has(one.id) ? 3 : 1 }, () => one));
    const draw = new Requests({ document, chance, world });
    const tally = new Tally(client);
    const warm = Math.min(Math.floor(requests / 4), 5_000);
    let before: number | null = null;
    for (let nth = 0; nth < requests; nth++) {
      if (nth % STRETCH === 0) await world.begin();
      else if (nth % REFILL === 0) await world.refill();
      if (nth === warm) before = await inUse(world);
      const asked = draw.draw(chance.one(drawn));
      watchdog.at(`${nth}: ${asked.method} ${asked.path} ${asked.body?.toString().slice(0, 800) ?? ""}`);
      const troubles = one.troubles.length;
      const answer = await tally.ask(nth, asked);
      if (answer !== null) world.note(asked, answer);
      for (const trouble of one.troubles.slice(troubles)) tally.fail(nth, asked, `trouble: ${said(trouble)}`);
    }
    const after = await inUse(world);
    const grownMb = before === null || after === null ? null : after - before;
    return { operations: operations.length, ...tally.report(), grownMb };
  } finally {
    await watchdog.close();
    client.close();
    await one.close();
    await stores.close();
  }
}

function delivering(stores: FuzzStores, one: Parameters<typeof workerOf>[0], clock: MemoryClock) {
  const worker = workerOf(one, stores);
  return async () => {
    clock.advance(2_000);
    await worker.begin();
    await worker.settle();
  };
}

/** In MB, with empty stores. */
async function inUse(world: World): Promise<number | null> {
  if (globalThis.gc === undefined) return null;
  await world.begin();
  for (let time = 0; time < 3; time++) globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

/** Asks, and counts what becomes of it. */
class Tally {
  readonly #client: Client;
  readonly #failures: string[] = [];
  readonly #granted = new Map<string, { asked: number; granted: number }>();
  #broken = 0;
  #slowestMs = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  async ask(nth: number, asked: Asked): Promise<Answer | null> {
    const first = await this.#timed(asked);
    if (first instanceof Error) {
      this.fail(nth, asked, `no answer: ${first.message}`);
      return null;
    }
    const { answer } = first;
    if (answer.status >= 500) this.#broken++;
    const objection = objectionTo(asked, answer);
    if (objection !== null) this.fail(nth, asked, `${objection}: ${answer.text.slice(0, 300)}`);
    const cpuMs = first.cpuMs > MOST_CPU_MS / 4 ? await this.#least(asked, first) : first.cpuMs;
    this.#slowestMs = Math.max(this.#slowestMs, cpuMs);
    if (cpuMs > MOST_CPU_MS) this.fail(nth, asked, `took ${Math.round(cpuMs)} ms of CPU`);
    if (asked.kind === "good") this.#count(asked.operation.id, answer.status < 300);
    return answer;
  }

  fail(nth: number, { kind, method, path, headers, body }: Asked, what: string): void {
    const text = body?.toString() ?? "";
    const sent = `${kind} ${method} ${path.slice(0, 500)} ${JSON.stringify(headers).slice(0, 600)} ${text.slice(0, 1_500)}`;
    this.#failures.push(`request ${nth}: ${what}\n    ${sent}`);
  }

  report(): Pick<FuzzReport, "broken" | "slowestMs" | "failures" | "granted"> {
    const vain = [...this.#granted].filter(
      ([, { asked, granted }]) => asked >= 20 && (100 * granted) / asked < LEAST_GRANTED,
    );
    return {
      broken: this.#broken,
      slowestMs: this.#slowestMs,
      granted: this.#granted,
      failures: [
        ...this.#failures,
        ...vain.map(([id, { asked, granted }]) => `${id}: of ${asked} good requests only ${granted} were granted`),
      ],
    };
  }

  async #timed(asked: Asked): Promise<{ readonly answer: Answer; readonly cpuMs: number } | Error> {
    // What the collector of garbage does in threads of its own depends on all that ran before.
    const from = process.threadCpuUsage();
    try {
      const answer = await this.#client.ask(asked);
      const { user, system } = process.threadCpuUsage(from);
      return { answer, cpuMs: (user + system) / 1_000 };
    } catch (error) {
      return error as Error;
    }
  }

  /** Of a few more tries that end in the same way, the least: collected garbage and other load are none of the request's. */
  async #least(asked: Asked, first: { readonly answer: Answer; readonly cpuMs: number }): Promise<number> {
    let least = first.cpuMs;
    for (let again = 0; again < 4; again++) {
      const next = await this.#timed(asked);
      if (!(next instanceof Error) && next.answer.status === first.answer.status) least = Math.min(least, next.cpuMs);
    }
    return least;
  }

  #count(id: string, granted: boolean): void {
    const before = this.#granted.get(id) ?? { asked: 0, granted: 0 };
    this.#granted.set(id, { asked: before.asked + 1, granted: before.granted + Number(granted) });
  }
}

function said(error: unknown): string {
  return error instanceof Error ? `${error.stack ?? error.message} ${said(error.cause ?? "")}` : String(error);
}
