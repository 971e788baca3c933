import { expect } from "chai";
import type {
  ConsumeOptions,
  Message,
  MessageVerdict,
  SendReport,
  Transport,
  TransportCapabilities,
} from "../ports/transport.js";
import { eventually, Gate, given, type Passing, settled } from "./passing.js";

export interface TransportHarness {
  readonly capabilities: TransportCapabilities;
  /** An empty queue. */
  open(): Promise<OpenTransport>;
  close(): Promise<void>;
  /** The open queue as another process sees it; left out where it is gone with its process. */
  reopen?(): Promise<Transport>;
}

export interface OpenTransport extends Passing {
  readonly transport: Transport;
  now(): Date;
  /** What it gave up on so far. */
  deadLetters(): Promise<readonly Message[]>;
  /** A message that was taken and never decided about is offered again after so much time: far more than `patienceMs`. */
  readonly redeliveryMs: number;
  /** How messages come to a handler where they are pushed; left out, by `transport.consume`. */
  readonly consume?: Transport["consume"];
}

interface Seen {
  readonly message: Message;
  readonly at: Date;
}

/** What becomes of a message that was seen for the `times`th time. */
type Decide = (message: Message, times: number) => MessageVerdict | Promise<MessageVerdict>;

const ACK: MessageVerdict = { kind: "ack" };
const RETRY: MessageVerdict = { kind: "retry", inMs: 0 };
const ONE: ConsumeOptions = { maxInFlight: 1, maxBatch: 1 };

export function describeTransport(adapter: string, harness: TransportHarness): void {
  const { capabilities } = harness;
  const { maxBatch, maxDelaySeconds } = capabilities;
  const delaying = given(maxDelaySeconds > 0, "cannot delay");
  const burying = given(capabilities.deadLetters, "has no dead letters");
  const fetching = given(!capabilities.push, "messages are pushed to it");
  const lasting = given(harness.reopen !== undefined, "is gone with its process");

  describe(`${adapter} as a Transport`, () => {
    let open: OpenTransport;
    let consumers: Consumer[];
    let made = 0;

    beforeEach(async () => {
      open = await harness.open();
      consumers = [];
    });
    afterEach(async () => {
      await Promise.allSettled(consumers.map((consumer) => consumer.stop()));
      await harness.close();
    });

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
    const later = (ms: number) => new Date(open.now().getTime() + ms);
    const send = (batch: readonly Message[]) => settled("send", open.transport.send(batch), open, 10 * open.patienceMs);
    const sendAll = async (batch: readonly Message[]) => {
      const { refused } = await send(batch);
      expect(refused, "refused").to.deep.equal([]);
    };
    const consume = (decide: Decide = () => ACK, options: Partial<ConsumeOptions> = {}, by = open.transport) => {
      const consumer = new Consumer(open, by, decide, { maxInFlight: 50, maxBatch: 10, ...options });
      consumers.push(consumer);
      return consumer;
    };
    const soon = (what: string, holds: () => boolean, ms = 0) => eventually(what, holds, open, ms + open.patienceMs);

    it("says what it can do", () => {
      expect(open.transport.capabilities).to.deep.equal(capabilities);
    });

    it("offers all that it accepted (T1)", async () => {
      const batches = Array.from({ length: 4 }, () => messages(Math.min(maxBatch, 25)));
      const reports = await Promise.all(batches.map(send));
      const consumer = consume();
      const accepted = reports.flatMap((report) => report.accepted);
      expect(accepted).to.have.length(batches.flat().length);
      await soon("all that was accepted", () => accepted.every((one) => consumer.times(one) > 0));
    });

    it("offers what is sent while a consumer waits (T1)", async () => {
      const consumer = consume();
      await open.pass(open.patienceMs);
      const [one, other] = [message(), message()];
      await sendAll([one]);
      await soon("the first", () => consumer.times(one) > 0);
      await sendAll([other]);
      await soon("the second", () => consumer.times(other) > 0);
    });

    lasting("offers what it accepted to another process too (T1)", async () => {
      const batch = messages(3);
      await sendAll(batch);
      const consumer = consume(() => ACK, {}, await harness.reopen?.());
      await soon("all that was accepted", () => batch.every((one) => consumer.times(one) > 0));
    });

    it("offers nothing that it refused (T1)", async () => {
      const bad = [message({ notBefore: later((maxDelaySeconds + 3_600) * 1_000) }), tooLarge()];
      const good = message();
      const { refused } = await send([...bad, good].slice(-maxBatch));
      const consumer = consume();
      await soon("what was accepted", () => consumer.times(good) > 0);
      await open.pass(open.redeliveryMs);
      for (const one of refused) expect(consumer.times(one.message), one.reason.slice(0, 200)).to.equal(0);
    });

    it("has a result for each message, and one for none (T2)", async () => {
      const batch = messages(Math.min(maxBatch, 7));
      expectEach(await send(batch), batch);
      expectEach(await send([]), []);
    });

    it("refuses a message that is too large without its neighbours (T2)", async () => {
      const bad = tooLarge();
      const batch = [message(), bad, message()].slice(-Math.max(maxBatch, 2));
      const report = await send(batch);
      expectEach(report, batch);
      for (const { message: one, reason } of report.refused) {
        expect(one.eventId, reason.slice(0, 200)).to.equal(bad.eventId);
        expect(reason, "the reason").not.to.equal("");
      }
      const consumer = consume();
      await soon("what was accepted", () => report.accepted.every((one) => consumer.times(one) > 0));
    });

    delaying("takes or refuses a message that is too far ahead without its neighbours (T2)", async () => {
      const bad = message({ notBefore: later((maxDelaySeconds + 3_600) * 1_000) });
      const batch = [bad, message()];
      const report = await send(batch);
      expectEach(report, batch);
      const consumer = consume();
      await soon("its neighbour", () => consumer.times(batch[1]) > 0);
    });

    it("offers a message again whose handler failed (T3)", async () => {
      const [failing, fine] = [message(), message()];
      await sendAll([failing, fine]);
      const consumer = consume(async (one, times) => {
        if (one.eventId === failing.eventId && times === 1) throw new Error("The handler failed");
        return ACK;
      });
      await soon("its neighbour", () => consumer.times(fine) > 0);
      await soon("another time", () => consumer.times(failing) > 1, 2 * open.redeliveryMs);
    });

    it("offers what was acknowledged no more (T3)", async () => {
      const batch = messages(Math.min(maxBatch, 20));
      await sendAll(batch);
      const consumer = consume();
      await soon("all", () => batch.every((one) => consumer.times(one) > 0));
      await open.pass(2.5 * open.redeliveryMs);
      // Any message may come twice (T1), yet not as a rule.
      const again = batch.filter((one) => consumer.times(one) > 1);
      expect(again.length, "came again").to.be.at.most(batch.length / 4);
    });

    it("goes on with others while one is slow (T3)", async () => {
      const batch = messages(Math.min(maxBatch, 6));
      const [slow, ...others] = [...batch, ...messages(6 - batch.length)];
      await sendAll(batch);
      for (const one of others.slice(batch.length - 1)) await sendAll([one]);
      const gate = new Gate();
      const consumer = consume(
        async (one) => {
          if (one.eventId === slow?.eventId) await gate.opened;
          return ACK;
        },
        { maxInFlight: 3, maxBatch: 3 },
      );
      await soon("the others", () => others.every((one) => consumer.times(one) > 0));
      gate.open();
    });

    it("keeps several consumers busy (T3)", async () => {
      const gate = new Gate();
      const hold = async () => {
        await gate.opened;
        return ACK;
      };
      const three = [consume, consume, consume].map((start) => start(hold, ONE));
      await open.pass(open.patienceMs);
      await sendAll(messages(3));
      await soon("a message for each", () => three.every((one) => one.underWay === 1));
      gate.open();
    });

    burying("puts a rejected message, and no other, among the dead letters (T3)", async () => {
      const [bad, good] = [message(), message()];
      await sendAll([bad, good]);
      const consumer = consume((one) => (one.eventId === bad.eventId ? { kind: "reject", reason: "forged" } : ACK));
      await soon("both", () => consumer.times(bad) > 0 && consumer.times(good) > 0);
      expect(await deadLetters(1)).to.deep.equal([bad]);
      await open.pass(2 * open.redeliveryMs);
      expect(consumer.times(bad), "offered").to.equal(1);
      expect(await open.deadLetters()).to.have.length(1);
    });

    burying("gives up at last on a message that nobody can deal with, and keeps it (T3)", async () => {
      const [hopeless, good] = [message(), message()];
      await sendAll([hopeless, good]);
      const consumer = consume((one) => (one.eventId === hopeless.eventId ? RETRY : ACK));
      expect(await deadLetters(1)).to.deep.equal([hopeless]);
      expect(consumer.times(hopeless), "offered before").to.be.at.least(2);
    });

    delaying("offers no message before its time (T4)", async () => {
      const start = open.now().getTime();
      const pauses = [2_500, 0, 1_200, 1_900].slice(0, maxBatch);
      const batch = pauses.map((ms) => message({ notBefore: new Date(start + ms) }));
      const consumer = consume();
      await sendAll(batch);
      await soon("all", () => batch.every((one) => consumer.times(one) > 0), 2_500);
      for (const one of batch) {
        expect(consumer.first(one)?.at.getTime() ?? Infinity, "offered").to.be.at.least(one.notBefore.getTime());
      }
    });

    delaying("holds a message for as long as it says it can (T4)", async () => {
      const longest = message({ notBefore: later(maxDelaySeconds * 1_000) });
      await sendAll([longest]);
      const beyond = message({ notBefore: later((maxDelaySeconds + 3_600) * 1_000) });
      await send([beyond]);
      const consumer = consume();
      await open.pass(Math.min(2 * open.redeliveryMs, maxDelaySeconds * 500));
      expect(consumer.seen).to.deep.equal([]);
    });

    it("offers a message again no earlier than asked, and others of its batch by themselves (T5)", async () => {
      const pauses = [open.redeliveryMs + 700, 1_300, null];
      const batch = pauses.map(() => message());
      const pauseOf = (one: Message) => pauses[batch.findIndex(({ eventId }) => eventId === one.eventId)] ?? null;
      await sendAll(batch.slice(0, maxBatch));
      for (const one of batch.slice(maxBatch)) await sendAll([one]);
      const asked = new Map<string, number>();
      const consumer = consume((one) => {
        const pause = pauseOf(one);
        if (pause === null || asked.has(one.eventId)) return ACK;
        asked.set(one.eventId, open.now().getTime() + pause);
        return { kind: "retry", inMs: pause };
      });
      const [long, short, none] = batch;
      await soon("all", () => batch.every((one) => consumer.times(one) > 0));
      await soon("the one with the short pause", () => consumer.times(short) > 1, 1_300);
      await soon("the one with the long pause", () => consumer.times(long) > 1, open.redeliveryMs + 700);
      for (const one of [long, short]) {
        const again = consumer.seen.filter((seen) => seen.message.eventId === one?.eventId)[1];
        expect(again?.at.getTime(), "came again at").to.be.at.least(asked.get(one?.eventId ?? "") ?? Infinity);
      }
      expect(consumer.times(none), "its neighbour").to.equal(1);
    });

    it("offers a message again at once where that is asked (T5)", async () => {
      const one = message();
      await sendAll([one]);
      const consumer = consume((_, times) => (times === 1 ? RETRY : ACK));
      await soon("another time", () => consumer.times(one) > 1);
    });

    it("wakes a waiting consumer for what another one gave back (T5)", async () => {
      const one = message();
      const gate = new Gate();
      const first = consume(async () => {
        await gate.opened;
        return RETRY;
      }, ONE);
      await sendAll([one]);
      await soon("the message", () => first.times(one) > 0);
      first.abort();
      const second = consume();
      await open.pass(1);
      gate.open();
      await soon("the message, by another consumer", () => second.times(one) > 0);
    });

    it("gives a message as it was sent (T6)", async () => {
      const batch = [
        message({ traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }),
        message({ fence: Number.MAX_SAFE_INTEGER, dueAt: new Date("9999-12-31T23:59:59.999Z") }),
        message({ tenant: `a "b" <c> & 'd' \\ e\n\t\u0001\u2028 ü 😀 %7B {{f}}`, dueAt: new Date(1) }),
        message({ tenant: "x".repeat(2_000), notBefore: new Date(0) }),
      ];
      for (const one of batch) await sendAll([one]);
      const consumer = consume();
      await soon("all", () => batch.every((one) => consumer.times(one) > 0));
      for (const one of batch) expect(consumer.first(one)?.message).to.deep.equal(one);
    });

    it("gives a message as it was sent each time (T6)", async () => {
      const one = message({ traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" });
      await sendAll([one]);
      const consumer = consume((_, times) => (times === 1 ? RETRY : ACK));
      await soon("another time", () => consumer.times(one) > 1);
      for (const seen of consumer.seen) expect(seen.message).to.deep.equal(one);
    });

    fetching("takes nothing new once it is aborted, finishes what is under way, and returns (T7)", async () => {
      const gate = new Gate();
      const under = messages(2);
      await sendAll(under.slice(0, maxBatch));
      for (const one of under.slice(maxBatch)) await sendAll([one]);
      const consumer = consume(async () => {
        await gate.opened;
        return ACK;
      });
      await soon("what is under way", () => consumer.underWay === 2);
      consumer.abort();
      const late = message();
      await sendAll([late]);
      await open.pass(open.patienceMs);
      expect(consumer.returned, "returned before its work was done").to.equal(false);
      expect(consumer.times(late), "taken after the abort").to.equal(0);
      gate.open();
      await soon("the return", () => consumer.returned);
      expect(consumer.underWay).to.equal(0);

      const next = consume();
      await soon("what came after the abort", () => next.times(late) > 0);
      await open.pass(2 * open.redeliveryMs);
      const again = under.filter((one) => next.times(one) > 0);
      expect(again, "acknowledged after the abort and yet offered again").to.deep.equal([]);
    });

    fetching("stops at once when it waits for messages (T7)", async () => {
      const consumer = consume();
      await open.pass(open.patienceMs);
      consumer.abort();
      await soon("the return", () => consumer.returned);
    });

    fetching("takes nothing where it is aborted before it begins (T7)", async () => {
      const one = message();
      await sendAll([one]);
      const aborted = new Consumer(open, open.transport, () => ACK, ONE, AbortSignal.abort());
      await soon("the return", () => aborted.returned);
      expect(aborted.seen).to.deep.equal([]);
      const consumer = consume();
      await soon("the message", () => consumer.times(one) > 0);
    });

    fetching("never has more under way than it may (T8)", async () => {
      const batch = messages(12);
      for (const one of batch) await sendAll([one]);
      const gates: Gate[] = [];
      const consumer = consume(
        async () => {
          const gate = new Gate();
          gates.push(gate);
          await gate.opened;
          return ACK;
        },
        { maxInFlight: 3, maxBatch: 2 },
      );
      while (consumer.underWay > 0 || !batch.every((one) => consumer.times(one) > 0)) {
        await soon("something to do", () => gates.length > 0);
        await open.pass(10);
        // One by one, the latest first: places become free in the middle of a batch.
        gates.pop()?.open();
        await open.pass(0);
      }
      expect(consumer.most, "most under way").to.be.within(2, 3);
      expect(consumer.largestBatch, "largest batch").to.be.at.most(2);
    });

    fetching("fills the places that it has (T8)", async () => {
      const gate = new Gate();
      const consumer = consume(
        async () => {
          await gate.opened;
          return ACK;
        },
        { maxInFlight: 5, maxBatch: 2 },
      );
      for (const one of messages(8)) await sendAll([one]);
      await soon("all places taken", () => consumer.underWay === 5);
      await open.pass(open.patienceMs);
      expect(consumer.most).to.equal(5);
      gate.open();
    });

    function tooLarge(): Message {
      return message({ traceparent: "x".repeat(capabilities.maxBodyBytes + 1) });
    }

    async function deadLetters(count: number): Promise<readonly Message[]> {
      for (let step = 0; step < 100 && (await open.deadLetters()).length < count; step++) {
        await open.pass(open.redeliveryMs / 10);
      }
      return open.deadLetters();
    }
  });
}

/** Each message stands in the report, once. */
function expectEach({ accepted, refused }: SendReport, messages: readonly Message[]): void {
  const ids = (of: readonly Message[]) => of.map(({ eventId }) => eventId).sort();
  expect(ids([...accepted, ...refused.map((one) => one.message)])).to.deep.equal(ids(messages));
}

/** A loop that takes messages, and what can be seen of it from outside. */
class Consumer {
  readonly seen: Seen[] = [];
  underWay = 0;
  most = 0;
  largestBatch = 0;
  returned = false;
  readonly #open: OpenTransport;
  readonly #decide: Decide;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(
    open: OpenTransport,
    transport: Transport,
    decide: Decide,
    options: ConsumeOptions,
    signal: AbortSignal = new AbortController().signal,
  ) {
    this.#open = open;
    this.#decide = decide;
    const consume = open.consume ?? transport.consume.bind(transport);
    const either = AbortSignal.any([signal, this.#stop.signal]);
    this.#running = this.#run(consume(options, (batch) => this.#take(batch), either));
    this.#running.catch(() => undefined); // told by `stop`, or by what never comes
  }

  first(message: Message | undefined): Seen | undefined {
    return this.seen.find((seen) => seen.message.eventId === message?.eventId);
  }

  times(message: Message | undefined): number {
    return this.seen.filter((seen) => seen.message.eventId === message?.eventId).length;
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

  #take(batch: readonly Message[]): readonly Promise<MessageVerdict>[] {
    this.largestBatch = Math.max(this.largestBatch, batch.length);
    return batch.map(async (message) => {
      this.seen.push({ message, at: this.#open.now() });
      this.underWay++;
      this.most = Math.max(this.most, this.underWay);
      try {
        return await this.#decide(message, this.times(message));
      } finally {
        this.underWay--;
      }
    });
  }
}
