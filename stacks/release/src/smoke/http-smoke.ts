import { randomUUID } from "node:crypto";
import { z } from "zod";
import { GOOD, type Pace, type Smoke, type Verdict } from "../world.js";

export interface SmokeOptions {
  readonly pace: Pace;
  /** Of somebody who may read; and make schedules, where `url` is given. */
  readonly token?: string;
  /** Where an event is sent, to see that it comes through. Without it nothing is made. */
  readonly url?: string;
}

const ANSWERED_MS = 10_000;
const TRIES = 5;
const TRY_MS = 3_000;
/** A tick comes once a minute. */
const DELIVERED_MS = 180_000;
const LEAD_MS = 5_000;

const MADE = z.object({ id: z.string() });
const EVENTS = z.object({ items: z.array(z.object({ state: z.string(), reason: z.string().optional() })) });

/** Whether the API is ready; with a token whether it reads, and with a URL whether an event is delivered. */
export class HttpSmoke implements Smoke {
  readonly #options: SmokeOptions;

  constructor(options: SmokeOptions) {
    this.#options = options;
  }

  async run(api: string): Promise<Verdict> {
    const { token, url } = this.#options;
    const ready = await this.#ready(api);
    if (!ready.ok || token === undefined) return ready;
    const read = await this.#ask(`${api}/v1/schedules?limit=1`, "GET");
    if (read.status !== 200) return bad(`${api}/v1/schedules answers ${String(read.status)}`);
    return url === undefined ? GOOD : this.#delivered(api, url);
  }

  /** A version that has just been given traffic may still be starting. */
  async #ready(api: string): Promise<Verdict> {
    let why = "";
    for (let tries = 0; tries < TRIES; tries++) {
      if (tries > 0) await this.#options.pace.wait(TRY_MS);
      try {
        const { status } = await this.#ask(`${api}/health/ready`, "GET");
        if (status === 200) return GOOD;
        why = `answers ${String(status)}`;
      } catch (error) {
        why = `does not answer (${error instanceof Error ? error.message : String(error)})`;
      }
    }
    return bad(`${api}/health/ready ${why}`);
  }

  async #delivered(api: string, url: string): Promise<Verdict> {
    const { pace } = this.#options;
    const made = await this.#ask(`${api}/v1/schedules`, "POST", {
      key: `smoke-${randomUUID()}`,
      type: "punctual.smoke",
      timeZone: "UTC",
      when: { at: new Date(Date.now() + LEAD_MS).toISOString() },
      destination: { url },
    });
    if (made.status !== 201)
      return bad(`a schedule cannot be made: ${String(made.status)} ${JSON.stringify(made.body)}`);
    const { id } = MADE.parse(made.body);
    try {
      for (const began = pace.now(); pace.now() - began < DELIVERED_MS; await pace.wait(TRY_MS)) {
        const { body } = await this.#ask(`${api}/v1/events?scheduleId=${id}`, "GET");
        const [event] = EVENTS.parse(body).items;
        if (event?.state === "COMPLETED") return GOOD;
        if (event !== undefined && !["PENDING", "PROCESSING"].includes(event.state))
          return bad(`an event to ${url} ended ${event.state} (${event.reason ?? "for no reason"})`);
      }
      return bad(`an event to ${url} was not delivered within ${String(DELIVERED_MS / 1_000)} s`);
    } finally {
      await this.#ask(`${api}/v1/schedules/${id}`, "DELETE");
    }
  }

  async #ask(url: string, method: string, body?: object): Promise<{ readonly status: number; readonly body: unknown }> {
    const { token } = this.#options;
    const answer = await fetch(url, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(method === "DELETE" && { "if-match": "*" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWERED_MS),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? undefined : jsonOf(text) };
  }
}

function bad(because: string): Verdict {
  return { ok: false, because };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
