import {
  type Outgoing,
  packed,
  type Received,
  type Receiving,
  type RequestLimits,
  sizeOf,
  type TextQueue,
} from "@punctual/adapter-sdk";
import type { Clock } from "@punctual/core";
import { codeOf } from "../errors.js";
import type { Given, PubsubClient } from "./pubsub-client.js";
import { Pulls } from "./pulls.js";

/** So many go in one request, and so many bytes: less than Pub/Sub allows, so that what is around them fits. */
export const MOST_IN_REQUEST = 1_000;
export const MOST_BYTES = 9_000_000;
/** What stands around a message and each of its attributes in a request. */
const AROUND_BYTES = 32;
export const LIMITS: RequestLimits = {
  mostTexts: MOST_IN_REQUEST,
  mostBytes: MOST_BYTES,
  sizeOf: (text) => sizeOf(text) + AROUND_BYTES * (1 + Object.keys(text.attributes ?? {}).length),
};
const LONGEST_SECONDS = 600;

export interface PubsubQueueDeps {
  readonly client: Pick<PubsubClient, "publish" | "pull" | "acknowledge" | "modifyAckDeadline">;
  readonly clock: Clock;
  /** `projects/p/topics/t`. */
  readonly topic: string;
  /** `projects/p/subscriptions/s`; null is a topic that is only written to. */
  readonly subscription: string | null;
}

/**
 * A topic, and one of its subscriptions. By unary pull, which brings as many as there is room for, where a stream fetches ahead
 * of who has any. For how long they are kept from others the subscription says, not who receives them.
 */
export class PubsubQueue implements TextQueue {
  readonly #deps: PubsubQueueDeps;
  readonly #pulls: Pulls<Given>;

  constructor(deps: PubsubQueueDeps) {
    this.#deps = deps;
    this.#pulls = new Pulls({
      clock: deps.clock,
      pull: (most, signal) => this.#pull(most, signal),
      giveBack: async (some) => {
        const receipts = some.map(({ ackId }) => ackId);
        await this.keep(receipts, 0);
      },
    });
  }

  async send(texts: readonly Outgoing[], signal?: AbortSignal): Promise<readonly (string | null)[]> {
    const answers = await Promise.all(
      packed(texts, LIMITS).map(async (places) =>
        this.#publish(
          places.map((place) => texts[place] as Outgoing),
          signal,
        ),
      ),
    );
    return answers.flat();
  }

  async receive({ most, waitMs }: Receiving): Promise<readonly Received[]> {
    const given = await this.#pulls.take(Math.min(most, MOST_IN_REQUEST), waitMs);
    return given.map(({ id, ackId, data, attributes }) => ({ id, body: data.toString(), receipt: ackId, attributes }));
  }

  /** Of a receipt that is out of date Pub/Sub does not say so. */
  async delete(receipts: readonly string[]): Promise<readonly boolean[]> {
    const { client } = this.#deps;
    await Promise.all(inParts(receipts).map((some) => client.acknowledge(this.#subscription, some)));
    return receipts.map(() => true);
  }

  async keep(receipts: readonly string[], ms: number): Promise<readonly boolean[]> {
    const { client } = this.#deps;
    const seconds = Math.min(LONGEST_SECONDS, Math.ceil(ms / 1_000));
    await Promise.all(inParts(receipts).map((some) => client.modifyAckDeadline(this.#subscription, some, seconds)));
    return receipts.map(() => true);
  }

  /** Gives back what comes for nobody any more. */
  async close(): Promise<void> {
    await this.#pulls.close();
  }

  get #subscription(): string {
    const { subscription, topic } = this.#deps;
    if (subscription === null) throw new Error(`Nothing is received from ${topic} here`);
    return subscription;
  }

  async #pull(most: number, signal: AbortSignal): Promise<readonly Given[]> {
    try {
      return await this.#deps.client.pull(this.#subscription, most, signal);
    } catch (error) {
      // After as long as a pull may wait there was nothing.
      if (codeOf((error as Error).cause) === "DEADLINE_EXCEEDED") return [];
      throw error;
    }
  }

  async #publish(texts: readonly Outgoing[], signal?: AbortSignal): Promise<readonly (string | null)[]> {
    const { client, topic } = this.#deps;
    try {
      const messages = texts.map(({ body, attributes = {} }) => ({ data: Buffer.from(body), attributes }));
      const ids = await client.publish(topic, messages, signal);
      // What the answer does not name is not known to be there.
      return texts.map((_, place) => (ids[place] === undefined ? "Pub/Sub did not answer for it" : null));
    } catch (error) {
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : "Pub/Sub is away";
      return texts.map(() => reason);
    }
  }
}

function inParts(receipts: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(receipts.length / MOST_IN_REQUEST) }, (_, index) =>
    receipts.slice(index * MOST_IN_REQUEST, (index + 1) * MOST_IN_REQUEST),
  );
}
