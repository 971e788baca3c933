import { SystemClock } from "@punctual/adapter-local";
import { randomBytes } from "node:crypto";
import { type Answer, type Api, type Asked, Broken, type Fields, itemsIn, toldOf } from "./api.js";

export class Interrupted extends Error {
  override readonly name = "Interrupted";
  override readonly message = "interrupted";
}

export interface VisitOptions {
  readonly api: Api;
  /** Where events go; an installation on a laptop has a receiver of its own. */
  readonly receiver: string | undefined;
  /** What the receiver verifies signatures with, where it has one already. */
  readonly secret: string | undefined;
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

const LOOK_MS = 250;

interface Making {
  readonly path: string;
  readonly asked: Asked;
}

/** What somebody who looks at an installation makes there, and takes away again. */
export class Visit {
  readonly api: Api;
  /** In the names of all that is made. */
  readonly name = `visit-${randomBytes(4).toString("hex")}`;
  readonly withinMs: number;
  readonly #options: VisitOptions;
  readonly #clock = new SystemClock();
  readonly #made: string[] = [];
  readonly #unknown: Making[] = [];
  #receiver: Promise<string> | undefined;

  constructor(options: VisitOptions) {
    this.#options = options;
    this.api = options.api;
    this.withinMs = options.withinMs;
  }

  /** Told here, or the installation's own. */
  async receiver(): Promise<string> {
    this.#receiver ??= this.#findReceiver();
    return this.#receiver;
  }

  get ownInbox(): boolean {
    return this.#options.receiver === undefined;
  }

  /** By the clock that decides what is due, and not by ours. */
  async now(): Promise<number> {
    const { json } = await this.api.expect(200, "GET", "/v1/stats");
    const at = Date.parse(String(json["at"]));
    if (Number.isNaN(at)) throw new Broken("GET /v1/stats does not say what time it is");
    return at;
  }

  async destination(fields: Fields = {}): Promise<Fields> {
    const { secret } = this.#options;
    const body = { url: await this.receiver(), ...(secret !== undefined && { secret }), ...fields };
    const { json } = await this.make("/v1/destinations", body);
    return json;
  }

  /** Of one event, unless `fields` say otherwise. */
  async schedule(destination: Fields, fields: Fields): Promise<Fields> {
    const { json } = await this.make("/v1/schedules", {
      ...{
        type: "punctual.visit",
        timeZone: "Etc/UTC",
        destinationId: destination["id"],
        payload: { visit: this.name },
      },
      ...fields,
    });
    return json;
  }

  /** Makes something that is taken away at the end. Said twice with one `idempotency-key`, it is made once. */
  async make(path: string, body: unknown, key = `${this.name}-${String(this.#made.length)}`): Promise<Answer> {
    // Not to be interrupted: what came of it must be known.
    const asked = { body, headers: { "idempotency-key": key } };
    this.#unknown.push({ path, asked });
    const answer = await this.api.ask("POST", path, asked);
    // One that failed inside, or was not heard of again, may have been made all the same.
    if (answer.status < 500) this.#unknown.pop();
    if (answer.status !== 201) throw new Broken(`POST ${path} answered ${toldOf(answer)}, not 201`);
    this.remember(`${path}/${String(answer.json["id"])}`);
    return answer;
  }

  remember(path: string): void {
    if (!this.#made.includes(path)) this.#made.push(path);
  }

  /** The only event of a schedule, once it is so. */
  async event(schedule: Fields, what: string, holds: (event: Fields) => boolean): Promise<Fields> {
    const path = `/v1/events?scheduleId=${String(schedule["id"])}`;
    const end = this.#clock.monotonic() + this.withinMs;
    for (;;) {
      const answer = await this.api.expect(200, "GET", path);
      const event = itemsIn(answer).find(holds);
      if (event !== undefined) return event;
      if (this.#clock.monotonic() >= end) {
        const states = itemsIn(answer).map(stateOf).join(", ");
        throw new Broken(
          `not ${what} within ${String(this.withinMs / 1_000)} s: ${states === "" ? "no event" : states}`,
        );
      }
      await this.wait(LOOK_MS);
    }
  }

  /** Until it is completed; what has ended otherwise is not waited for. */
  async completed(schedule: Fields): Promise<Fields> {
    const ended = (event: Fields) => ["COMPLETED", "FAILED", "CANCELLED", "SKIPPED"].includes(String(event["state"]));
    const event = await this.event(schedule, "delivered", ended);
    if (event["state"] !== "COMPLETED") throw new Broken(`it ended ${stateOf(event)}${await this.#lastTry(event)}`);
    return event;
  }

  async wait(ms: number): Promise<void> {
    await this.#clock.sleep(ms, this.#options.signal);
    if (this.#options.signal.aborted) throw new Interrupted();
  }

  /** Takes away what was made, the last first: nothing is removed that something else still uses. */
  async leave(): Promise<{ readonly removed: number; readonly left: readonly string[] }> {
    const left = await this.#learn();
    const all = this.#made.splice(0).toReversed();
    for (const path of all) {
      const why = await this.api.ask("DELETE", path, { headers: { "if-match": "*" } }).then(
        (answer) => (answer.status === 204 || answer.status === 404 ? undefined : toldOf(answer)),
        (error: unknown) => String(error),
      );
      if (why !== undefined) left.push(`${path} (${why})`);
    }
    return { removed: all.length - left.length, left };
  }

  /** Asked again with its key, what was made is told, and what was not is made now. */
  async #learn(): Promise<string[]> {
    const left: string[] = [];
    for (const { path, asked } of this.#unknown.splice(0)) {
      const answer = await this.api.ask("POST", path, asked).catch(() => undefined);
      if (answer?.status === 201) this.remember(`${path}/${String(answer.json["id"])}`);
      else left.push(`perhaps one of ${path}`);
    }
    return left;
  }

  async #findReceiver(): Promise<string> {
    const { receiver } = this.#options;
    if (receiver !== undefined) return receiver;
    const inbox = await this.api.ask("GET", "/inbox", { unknown: true });
    if (inbox.status === 200 && Array.isArray(inbox.json["items"])) return `${this.api.url}/inbox`;
    throw new Broken("it has no receiver of its own: --receiver says where events may go");
  }

  async #lastTry({ id }: Fields): Promise<string> {
    const { attempts } = (await this.api.expect(200, "GET", `/v1/events/${String(id)}`)).json;
    const last = Array.isArray(attempts) ? (attempts.at(-1) as Fields | undefined) : undefined;
    return last === undefined ? ", never tried" : `, the receiver: ${String(last["status"] ?? last["error"])}`;
  }
}

function stateOf({ state, reason }: Fields): string {
  return [state, reason].filter((one) => typeof one === "string").join(" ");
}
