import type { Clock } from "@punctual/core";
import type { Answer, Balancer } from "./balancer.js";

export interface TrafficOptions {
  /** What keys begin with. */
  readonly name: string;
  readonly perSecond: number;
  /** Where all of it goes. */
  readonly receiver: string;
  /** How long before they are due schedules are made. */
  readonly leadMs: number;
}

/** A schedule that the API has accepted. */
export interface Accepted {
  readonly key: string;
  /** In epoch milliseconds: before it was asked for, and after the answer had come. */
  readonly askedAt: number;
  readonly answeredAt: number;
  readonly dueAt: number;
}

interface Wanted {
  readonly key: string;
  readonly dueAt: number;
  readonly line: string;
}

/** In each second so many are asked for one by one, and the rest in one import. */
const ALONE = 10;
const A_SECOND = 1_000;

/** What callers do to the API: schedules of one event each, so many a second, and a look at what there is. */
export class Traffic {
  readonly accepted: Accepted[] = [];
  /** Of the requests that were said again with the same key, those that were answered otherwise. */
  readonly answeredOtherwise: string[] = [];
  saidAgain = 0;
  readonly #balancer: Balancer;
  readonly #clock: Clock;
  readonly #options: TrafficOptions;
  #made = 0;

  constructor(balancer: Balancer, clock: Clock, options: TrafficOptions) {
    this.#balancer = balancer;
    this.#clock = clock;
    this.#options = options;
  }

  /** Goes on until aborted, and resolves when all that was asked has been answered. */
  async run(signal: AbortSignal): Promise<void> {
    const from = this.#clock.monotonic();
    const asked: Promise<unknown>[] = [];
    for (let second = 0; !signal.aborted; second++) {
      // The rate is kept, however long the answers take.
      asked.push(...this.#second());
      await this.#clock.sleep(Math.max(0, from + (second + 1) * A_SECOND - this.#clock.monotonic()), signal);
    }
    await Promise.all(asked);
  }

  #second(): readonly Promise<unknown>[] {
    const { perSecond, leadMs } = this.#options;
    const from = Date.now() + leadMs;
    const wanted = Array.from({ length: perSecond }, (_, index): Wanted => {
      return this.#want(from + Math.floor((index * A_SECOND) / perSecond));
    });
    const alone = wanted.filter((_, index) => index % Math.ceil(perSecond / ALONE) === 0);
    return [
      this.#import(wanted.filter((one) => !alone.includes(one))),
      this.#balancer.ask({ method: "GET", path: "/v1/events?limit=20" }),
      ...alone.map(async (one, index) => {
        await this.#clock.sleep(Math.floor((index * A_SECOND) / alone.length));
        await this.#create(one, index === 0);
      }),
    ];
  }

  #want(dueAt: number): Wanted {
    const number = ++this.#made;
    const key = `${this.#options.name}-${number}`;
    const line = JSON.stringify({
      ...{ key, type: "trial.call", timeZone: "Etc/UTC", when: { at: new Date(dueAt).toISOString() }, catchUp: "all" },
      ...{ destination: { url: this.#options.receiver }, payload: { number } },
    });
    return { key, dueAt, line };
  }

  async #import(wanted: readonly Wanted[]): Promise<void> {
    if (wanted.length === 0) return;
    const askedAt = Date.now();
    const answer = await this.#balancer.ask({
      ...{ method: "POST", path: "/v1/schedules/import", headers: { "content-type": "application/x-ndjson" } },
      body: wanted.map(({ line }) => line).join("\n"),
    });
    if (answer === null) return;
    const lines = answer.body
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    const done = lines.find(isDone);
    if (answer.status !== 200 || done?.created !== wanted.length) throw new Error(`Not imported: ${answer.body}`);
    for (const one of wanted) this.#accept(one, askedAt);
  }

  async #create(wanted: Wanted, twice: boolean): Promise<void> {
    const askedAt = Date.now();
    const first = await this.#post(wanted);
    if (first === null || first.status >= 500) return;
    if (first.status !== 201) throw new Error(`Not made: ${JSON.stringify(first)}`);
    this.#accept(wanted, askedAt);
    if (!twice) return;
    const again = await this.#post(wanted); // by another process, and maybe of another release
    if (again === null) return;
    this.saidAgain++;
    if (again.body !== first.body) this.answeredOtherwise.push(`${wanted.key}: ${JSON.stringify(again)}`);
  }

  async #post({ key, line }: Wanted): Promise<Answer | null> {
    const headers = { "content-type": "application/json", "idempotency-key": key };
    return this.#balancer.ask({ method: "POST", path: "/v1/schedules", headers, body: line });
  }

  #accept({ key, dueAt }: Wanted, askedAt: number): void {
    this.accepted.push({ key, dueAt, askedAt, answeredAt: Date.now() });
  }
}

function isDone(line: unknown): line is { readonly created: number } {
  return typeof line === "object" && line !== null && "kind" in line && line.kind === "done";
}
