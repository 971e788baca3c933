import {
  API_VERSION,
  type ConsumeOptions,
  type DeadLetter,
  type DeadLetterHandler,
  defineTransport,
  Envelopes,
  type Message,
  type MessageHandler,
  type MessageVerdict,
  type SendReport,
  type StandardSchema,
  type Transport,
  type TransportCapabilities,
  type TransportContext,
  Unavailable,
} from "@punctual/adapter-sdk";
import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";

interface OwnConfig {
  /** Where it tells what it did, and is told what to do. */
  readonly folder: string;
  /** So many messages it gives up on at first. */
  readonly loses: number;
}

const CAPABILITIES: TransportCapabilities = {
  name: "own",
  maxDelaySeconds: 0,
  maxBatch: 10,
  maxBodyBytes: 65_536,
  ordering: "none",
  deadLetters: true,
  push: false,
  early: "worker",
};

const config: StandardSchema<OwnConfig> = {
  "~standard": {
    version: 1,
    vendor: "own",
    validate: (value) => {
      const { PUNCTUAL_TRANSPORT_FOLDER: folder, PUNCTUAL_TRANSPORT_LOSES: loses = "0" } = value as Readonly<
        Record<string, string>
      >;
      const issues = [
        ...(folder === undefined ? [{ path: ["PUNCTUAL_TRANSPORT_FOLDER"], message: "must be set" }] : []),
        ...(/^\d+$/.test(loses) ? [] : [{ path: ["PUNCTUAL_TRANSPORT_LOSES"], message: `${loses} is no number` }]),
      ];
      if (folder === undefined || issues.length > 0) return { issues };
      return { value: { folder, loses: Number(loses) } };
    },
  },
};

/** What nobody of the project wrote: a queue in this process that cannot delay. */
class OwnTransport implements Transport {
  readonly capabilities = CAPABILITIES;
  readonly #context: TransportContext<OwnConfig>;
  readonly #envelopes: Envelopes;
  readonly #texts: string[] = [];
  readonly #letters: DeadLetter[] = [];
  #underWay = 0;
  #left: number;

  constructor(context: TransportContext<OwnConfig>) {
    this.#context = context;
    this.#envelopes = new Envelopes(context.keys);
    this.#left = context.config.loses;
  }

  async send(messages: readonly Message[]): Promise<SendReport> {
    for (const message of messages) {
      if (this.#left-- > 0) this.#letters.push({ message, reason: "lost on the way" });
      else this.#texts.push(this.#envelopes.seal(message));
    }
    return { accepted: messages, refused: [] };
  }

  async consume({ maxInFlight }: ConsumeOptions, handle: MessageHandler, signal: AbortSignal): Promise<void> {
    const offer = (text: string) => {
      const opened = this.#envelopes.open(text);
      return "message" in opened ? handle([opened.message])[0] : undefined;
    };
    await this.#drain(this.#texts, maxInFlight, offer, signal);
  }

  async consumeDeadLetters(handle: DeadLetterHandler, signal: AbortSignal): Promise<void> {
    await this.#drain(this.#letters, 1, (letter) => handle([letter])[0], signal);
  }

  async check(): Promise<void> {
    const isAway = await access(join(this.#context.config.folder, "away")).then(
      () => true,
      () => false,
    );
    if (isAway) throw new Unavailable("The queue is away");
  }

  async close(): Promise<void> {
    await writeFile(join(this.#context.config.folder, "closed"), `${this.#underWay} under way`);
  }

  async #drain<T>(
    shelf: T[],
    most: number,
    offer: (item: T) => Promise<MessageVerdict> | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#context;
    const underWay = new Set<Promise<void>>();
    while (!signal.aborted) {
      const item = underWay.size < most ? shelf.shift() : undefined;
      if (item === undefined) {
        await clock.sleep(5, signal);
        continue;
      }
      this.#underWay++;
      const work: Promise<void> = Promise.resolve(offer(item))
        .then((verdict) => void (verdict?.kind === "retry" && shelf.push(item)))
        .finally(() => {
          this.#underWay--;
          underWay.delete(work);
        });
      underWay.add(work);
    }
    await Promise.all(underWay);
  }
}

export const transport = defineTransport<OwnConfig>({
  ...{ name: "own", apiVersion: API_VERSION, capabilities: CAPABILITIES, config },
  create: (context) => {
    const own = new OwnTransport(context);
    return { transport: own, check: () => own.check(), close: () => own.close() };
  },
});
