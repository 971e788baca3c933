import type { Clock, Outgoing, Received, Receiving, TextQueue } from "@punctual/adapter-sdk";
import { randomUUID } from "node:crypto";
import type { Connections } from "./connections.js";
import { DELETE, KEEP, SEND, TAKE } from "./scripts.js";

const BODY = "body";

/** The keys of a queue; `name` has a hash tag, so that all of them are on one node of a cluster. */
export interface QueueKeys {
  readonly stream: string;
  readonly hidden: string;
  readonly delayed: string;
  readonly bell: string;
}

export function keysOf(name: string): QueueKeys {
  return { stream: name, hidden: `${name}:hidden`, delayed: `${name}:delayed`, bell: `${name}:bell` };
}

export interface StreamQueueDeps {
  readonly connections: Connections;
  readonly clock: Clock;
  readonly keys: QueueKeys;
  /** Where a message goes that was given out so often in vain; null gives it out for ever. */
  readonly giveUp: { readonly maxReceives: number; readonly deadLetters: QueueKeys } | null;
}

/** A queue in a stream: batches in, batches out, and what is given out is hidden until its own deadline. */
export class StreamQueue implements TextQueue {
  readonly #deps: StreamQueueDeps;

  constructor(deps: StreamQueueDeps) {
    this.#deps = deps;
  }

  async send(texts: readonly Outgoing[], signal?: AbortSignal): Promise<readonly (string | null)[]> {
    if (texts.length === 0) return [];
    const { connections, keys } = this.#deps;
    const args = texts.flatMap(({ body, delayMs = 0, attributes = {} }) => {
      const fields = [BODY, body, ...Object.entries(attributes).flat()];
      return [delayMs, fields.length, ...fields];
    });
    await connections.run(SEND, [keys.stream, keys.delayed, keys.bell], [randomUUID(), ...args], { signal });
    return texts.map(() => null);
  }

  async receive({ most, waitMs, hiddenMs }: Receiving): Promise<readonly Received[]> {
    const { clock, connections, keys } = this.#deps;
    const end = clock.monotonic() + waitMs;
    for (;;) {
      const { given, nextMs, rung } = await this.#take(most, hiddenMs);
      const left = Math.ceil(Math.min(end - clock.monotonic(), nextMs));
      if (given.length > 0 || end <= clock.monotonic()) return given;
      if (left > 0) {
        await connections.waitFor(["XREAD", "BLOCK", String(left), "STREAMS", keys.bell, rung], left);
      }
    }
  }

  async delete(receipts: readonly string[]): Promise<readonly boolean[]> {
    if (receipts.length === 0) return [];
    const { connections, keys } = this.#deps;
    return flagsOf(await connections.run(DELETE, [keys.stream, keys.hidden], receipts));
  }

  async keep(receipts: readonly string[], ms: number): Promise<readonly boolean[]> {
    if (receipts.length === 0) return [];
    const { connections, keys } = this.#deps;
    return flagsOf(await connections.run(KEEP, [keys.stream, keys.hidden, keys.bell], [ms, ...receipts]));
  }

  async #take(most: number, hiddenMs: number) {
    const { connections, keys, giveUp } = this.#deps;
    const dead = giveUp?.deadLetters ?? keys;
    const answer = await connections.run(
      TAKE,
      [keys.stream, keys.hidden, keys.delayed, keys.bell, dead.stream, dead.bell],
      [most, hiddenMs, giveUp?.maxReceives ?? 0],
    );
    const [given, nextMs, rung] = answer as [[string, number, string[]][], number, string];
    return { given: given.map(receivedOf), nextMs: nextMs < 0 ? Infinity : nextMs, rung };
  }
}

function receivedOf([id, times, fields]: [string, number, readonly string[]]): Received {
  const pairs = Array.from({ length: fields.length / 2 }, (_, index) => fields.slice(2 * index, 2 * index + 2));
  const attributes = Object.fromEntries(pairs.filter(([name]) => name !== BODY)) as Record<string, string>;
  const [, body = ""] = pairs.find(([name]) => name === BODY) ?? [];
  return { id, body, receipt: `${id}/${times}`, attributes };
}

function flagsOf(answer: unknown): readonly boolean[] {
  return (answer as readonly number[]).map((done) => done === 1);
}
