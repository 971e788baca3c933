import {
  type Clock,
  type ConsumeOptions,
  type DeadLetter,
  type DeadLetterHandler,
  Envelopes,
  type Message,
  type MessageHandler,
  type MessageVerdict,
  type SendReport,
  type Transport,
  type TransportCapabilities,
  type TransportContext,
} from "@punctual/adapter-sdk";

export const CAPABILITIES: TransportCapabilities = {
  name: "my-queue",
  maxDelaySeconds: 900,
  maxBatch: 10,
  maxBodyBytes: 65_536,
  ordering: "none",
  deadLetters: true,
  push: false,
  early: "transport",
};
export const REDELIVERY_MS = 4_000;
const MOST_OFFERS = 4;
const LETTERS = { maxInFlight: 10, maxBatch: 10 };

interface Entry {
  readonly text: string;
  readonly reason: string;
  visibleAt: number;
  offers: number;
}

/** A shelf of texts, each out of sight while somebody is at it. */
type Shelf = Set<Entry>;
type Offer = (entries: readonly Entry[]) => readonly Promise<MessageVerdict>[];

/** What a scaffolded transport may become: a queue of signed lines in this process, on the machine's own time. */
export class MyQueueTransport implements Transport {
  readonly capabilities = CAPABILITIES;
  readonly #clock: Clock;
  readonly #envelopes: Envelopes;
  readonly #messages: Shelf = new Set();
  readonly #letters: Shelf = new Set();
  readonly #kept: DeadLetter[] = [];

  constructor({ clock, keys }: TransportContext<{ readonly PUNCTUAL_TRANSPORT_URL: string }>) {
    this.#clock = clock;
    this.#envelopes = new Envelopes(keys);
  }

  async send(messages: readonly Message[]): Promise<SendReport> {
    const latest = this.#clock.now().getTime() + CAPABILITIES.maxDelaySeconds * 1_000;
    const accepted: Message[] = [];
    const refused: { message: Message; reason: string }[] = [];
    for (const message of messages) {
      const text = this.#envelopes.seal(message);
      const visibleAt = message.notBefore.getTime();
      if (visibleAt > latest) refused.push({ message, reason: "too far ahead" });
      else if (Buffer.byteLength(text) > CAPABILITIES.maxBodyBytes) refused.push({ message, reason: "too large" });
      else {
        accepted.push(message);
        this.#messages.add({ text, reason: "", visibleAt, offers: 0 });
      }
    }
    return { accepted, refused };
  }

  async consume(options: ConsumeOptions, handle: MessageHandler, signal: AbortSignal): Promise<void> {
    const offer: Offer = (entries) => handle(entries.flatMap((entry) => this.#read(entry).message ?? []));
    const isFit = (entry: Entry) => {
      const { message, reason } = this.#read(entry);
      if (message !== null && entry.offers < MOST_OFFERS) return true;
      this.#bury(entry, message === null ? reason : "offered too often");
      return false;
    };
    await this.#drain(this.#messages, options, isFit, offer, (entry, reason) => this.#bury(entry, reason), signal);
  }

  async consumeDeadLetters(handle: DeadLetterHandler, signal: AbortSignal): Promise<void> {
    const offer: Offer = (entries) => handle(entries.map((entry) => this.#read(entry)));
    const keep = (entry: Entry) => {
      this.#letters.delete(entry);
      this.#kept.push(this.#read(entry));
    };
    await this.#drain(this.#letters, LETTERS, () => true, offer, keep, signal);
  }

  async check(): Promise<void> {
    // A queue in this process is never away.
  }

  async close(): Promise<void> {
    for (const shelf of [this.#messages, this.#letters]) shelf.clear();
  }

  async deadLetters(): Promise<readonly DeadLetter[]> {
    return [...this.#letters].map((entry) => this.#read(entry));
  }

  async kept(): Promise<readonly DeadLetter[]> {
    return this.#kept;
  }

  async #drain(
    shelf: Shelf,
    { maxInFlight, maxBatch }: ConsumeOptions,
    isFit: (entry: Entry) => boolean,
    offer: Offer,
    reject: (entry: Entry, reason: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const underWay = new Set<Promise<void>>();
    while (!signal.aborted) {
      const now = this.#clock.now().getTime();
      const visible = [...shelf].filter(({ visibleAt }) => visibleAt <= now).filter(isFit);
      const batch = visible.slice(0, Math.min(maxBatch, maxInFlight - underWay.size));
      for (const entry of batch) {
        entry.offers++;
        entry.visibleAt = now + REDELIVERY_MS;
      }
      const verdicts = batch.length === 0 ? [] : offer(batch);
      for (const [index, entry] of batch.entries()) {
        const offers = entry.offers;
        const settle = (verdict: MessageVerdict | undefined) => {
          if (verdict === undefined || entry.offers !== offers) return; // somebody else has it by now
          if (verdict.kind === "ack") shelf.delete(entry);
          else if (verdict.kind === "reject") reject(entry, verdict.reason);
          else entry.visibleAt = this.#clock.now().getTime() + verdict.inMs;
        };
        const failed = () => undefined; // it can be seen again later
        const work: Promise<void> = Promise.resolve(verdicts[index])
          .then(settle, failed)
          .finally(() => underWay.delete(work));
        underWay.add(work);
      }
      if (batch.length === 0) await this.#clock.sleep(5, signal);
    }
    await Promise.all(underWay);
  }

  #bury(entry: Entry, reason: string): void {
    this.#messages.delete(entry);
    this.#letters.add({ text: entry.text, reason, visibleAt: 0, offers: 0 });
  }

  #read({ text, reason }: Entry): DeadLetter {
    const opened = this.#envelopes.open(text);
    return "message" in opened ? { message: opened.message, reason } : { message: null, reason: opened.objection };
  }
}
