import { expect } from "chai";
import type {
  ConsumeOptions,
  DeadLetter,
  Message,
  MessageVerdict,
  Transport,
  TransportCapabilities,
} from "../ports/transport.js";
import { eventually, type Passing, settled } from "./passing.js";

export interface TransportHarness {
  readonly capabilities: TransportCapabilities;
  /** An empty queue, apart from all others that are open. */
  open(): Promise<OpenTransport>;
  /** The open queue as another process sees it, after the first one crashed; left out where it is gone with its process. */
  reopen?(open: OpenTransport): Promise<Transport>;
  /** Puts something into the queue that is no message; left out where nobody can. */
  sendUnreadable?(open: OpenTransport): Promise<void>;
  /** Keeps the service behind from answering a sending; left out where nobody can. */
  stall?(open: OpenTransport): Promise<void>;
  /** Whether who was offered a message, and was slow, decides nothing about it once it was offered to somebody else. */
  readonly tellsReceipts?: boolean;
  /** How many cases may run side by side: on a real queue they wait most of the time. Left out, 1. */
  readonly atOnce?: number;
  /** What one case may take on this transport; left out, as much as the test runner allows. */
  readonly timeoutMs?: number;
}

export interface OpenTransport extends Passing {
  readonly transport: Transport;
  now(): Date;
  /** What it gave up on so far, and nobody has acknowledged. */
  deadLetters(): Promise<readonly DeadLetter[]>;
  /** What was rejected among the dead letters. */
  kept(): Promise<readonly DeadLetter[]>;
  /** A message that was taken and never decided about is offered again after so much time: far more than `patienceMs`. */
  readonly redeliveryMs: number;
  /** How messages come to a handler where they are pushed; left out, by `transport.consume`. */
  readonly consume?: Transport["consume"];
  /** Removes the queue. */
  close(): Promise<void>;
}

interface Seen {
  readonly message: Message | null;
  readonly reason: string;
  readonly at: Date;
}

type Verdict = MessageVerdict | Promise<MessageVerdict>;

/** What becomes of a message that was seen for the `times`th time. */
export type Decide = (message: Message, times: number) => Verdict;

/** The same of a dead letter, which may have no message. */
export type DecideLetter = (letter: DeadLetter, times: number) => Verdict;

const ACK: MessageVerdict = { kind: "ack" };

/** A queue of one's own, with all that is done to it in a case. */
export type Stage = ReturnType<typeof stageOf>;

export function stageOf(open: OpenTransport, capabilities: TransportCapabilities) {
  const consumers: Consumer[] = [];
  let made = 0;

  const message = (of: Partial<Message> = {}): Message => {
    const digits = String(++made).padStart(12, "0");
    const due = open.now();
    return {
      version: 1,
      eventId: `00000000-0000-5000-8000-${digits}`,
      tenant: "main",
      scheduleId: `00000000-0000-7000-8000-${digits}`,
      fence: 1,
      dueAt: due,
      notBefore: capabilities.early === "transport" ? due : new Date(0),
      ...of,
    };
  };
  const messages = (count: number) => Array.from({ length: count }, () => message());
  const tooLarge = () => message({ traceparent: "x".repeat(capabilities.maxBodyBytes + 1) });
  const later = (ms: number) => new Date(open.now().getTime() + ms);
  const send = (batch: readonly Message[]) => settled("send", open.transport.send(batch), open, 10 * open.patienceMs);
  const sendAll = async (batch: readonly Message[]) => {
    const { refused } = await send(batch);
    expect(refused, "refused").to.deep.equal([]);
  };
  const soon = (what: string, holds: () => boolean, ms = 0) => eventually(what, holds, open, ms + open.patienceMs);
  const consume = (decide: Decide = () => ACK, options: Partial<ConsumeOptions> = {}, by = open.transport) => {
    const start = messagesOf(open, by, { maxInFlight: 50, maxBatch: 10, ...options });
    const consumer = new Consumer(open, start, ({ message: one }, times) => (one === null ? ACK : decide(one, times)));
    consumers.push(consumer);
    return consumer;
  };
  const undertake = (decide: DecideLetter = () => ACK) => {
    const undertaker = new Consumer(open, lettersOf(open), decide);
    consumers.push(undertaker);
    return undertaker;
  };
  const deadLetters = async (count: number): Promise<readonly DeadLetter[]> => {
    for (let step = 0; step < 100 && (await open.deadLetters()).length < count; step++) {
      await open.pass(open.redeliveryMs / 10);
    }
    return open.deadLetters();
  };
  /** Rejects these, so that they become dead letters, and waits until they are. */
  const kill = async (...victims: readonly Message[]) => {
    for (const one of victims) await sendAll([one]);
    const consumer = consume((one) => ({ kind: "reject", reason: `forged ${one.fence}` }));
    await soon("the rejected", () => victims.every((one) => consumer.times(one) > 0));
    await deadLetters(victims.length);
    await consumer.stop();
  };
  const end = async () => {
    await Promise.allSettled(consumers.map((consumer) => consumer.stop()));
    await open.close();
  };
  return { open, message, messages, tooLarge, later, send, sendAll, soon, consume, undertake, deadLetters, kill, end };
}

/** Starts something that gives what it takes to `take`. */
type Start = (take: Take, signal: AbortSignal) => Promise<void>;
type Take = (batch: readonly DeadLetter[]) => readonly Promise<MessageVerdict>[];

/** The transport as its handlers see it. */
export function messagesOf(open: OpenTransport, transport: Transport, options: ConsumeOptions): Start {
  const consume = open.consume ?? transport.consume.bind(transport);
  return (take, signal) => consume(options, (batch) => take(batch.map((message) => ({ message, reason: "" }))), signal);
}

function lettersOf({ transport }: OpenTransport): Start {
  return (take, signal) => transport.consumeDeadLetters(take, signal);
}

/** A loop that takes messages or dead letters, and what can be seen of it from outside. */
export class Consumer {
  readonly seen: Seen[] = [];
  underWay = 0;
  most = 0;
  largestBatch = 0;
  returned = false;
  readonly #open: OpenTransport;
  readonly #decide: DecideLetter;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(
    open: OpenTransport,
    start: Start,
    decide: DecideLetter,
    signal: AbortSignal = new AbortController().signal,
  ) {
    this.#open = open;
    this.#decide = decide;
    this.#running = this.#run(start((batch) => this.#take(batch), AbortSignal.any([signal, this.#stop.signal])));
    this.#running.catch(() => undefined); // told by `stop`, or by what never comes
  }

  first(message: Message | undefined): Seen | undefined {
    return this.seen.find((seen) => seen.message?.eventId === message?.eventId);
  }

  times(message: Message | null | undefined): number {
    return this.seen.filter((seen) => seen.message?.eventId === message?.eventId).length;
  }

  abort(): void {
    this.#stop.abort();
  }

  async stop(): Promise<void> {
    this.abort();
    await settled("the consumer's end", this.#running, this.#open, 2 * this.#open.patienceMs);
  }

  async #run(running: Promise<void>): Promise<void> {
    try {
      await running;
    } finally {
      this.returned = true;
    }
  }

  #take(batch: readonly DeadLetter[]): readonly Promise<MessageVerdict>[] {
    this.largestBatch = Math.max(this.largestBatch, batch.length);
    return batch.map(async (letter) => {
      this.seen.push({ ...letter, at: this.#open.now() });
      this.underWay++;
      this.most = Math.max(this.most, this.underWay);
      try {
        return await this.#decide(letter, this.times(letter.message));
      } finally {
        this.underWay--;
      }
    });
  }
}
