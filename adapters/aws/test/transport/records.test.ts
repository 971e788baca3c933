import { envelopes, FakeQueue, messageOf, NOON, passOn, turn } from "@punctual/adapter-sdk/testing";
import { Envelopes, QueueTransport } from "@punctual/adapter-sdk";
import {
  type DeadLetterHandler,
  type Fact,
  type Message,
  type MessageHandler,
  type MessageVerdict,
  Unavailable,
} from "@punctual/core";
import { MemoryClock, MemoryTelemetry } from "@punctual/core/memory";
import { expect } from "chai";
import fc from "fast-check";
import type { Invocation } from "../../src/invocation.js";
import { deadLetterHandler, type SqsEvent, workerHandler } from "../../src/transport/records.js";
import { SQS_CAPABILITIES } from "../../src/transport/capabilities.js";

const ACK: MessageVerdict = { kind: "ack" };
const LEAST_MS = 63_000;
type SqsRecord = SqsEvent["Records"][number];

const recordOf = (number: number, body: string, attributes: Readonly<Record<string, string>> = {}): SqsRecord => ({
  ...{ messageId: `id-${number}`, receiptHandle: `receipt-${number}`, body },
  messageAttributes: Object.fromEntries(
    Object.entries(attributes).map(([name, stringValue]) => [name, { stringValue }]),
  ),
});
const ours = (number: number, earlyMs = 0) => recordOf(number, envelopes.seal(messageOf(number, earlyMs)));
const failedIn = ({ batchItemFailures }: Awaited<ReturnType<ReturnType<typeof workerHandler>>>) =>
  batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);

interface Options {
  readonly unreadable?: "absent";
}

function setup({ unreadable: absent }: Options = {}) {
  const clock = new MemoryClock(NOON);
  const telemetry = new MemoryTelemetry();
  const [queue, deadLetters, unreadable] = [new FakeQueue(), new FakeQueue(), new FakeQueue()];
  const transport = new QueueTransport(
    {
      capabilities: SQS_CAPABILITIES,
      queue,
      deadLetters,
      unreadable: absent ? null : unreadable,
      envelopes,
      clock,
      telemetry,
    },
    { waitMs: 5_000, hiddenMs: 60_000 },
  );
  const calls: string[] = [];
  const around = { begin: () => void calls.push("begin"), end: () => void calls.push("end") };
  const leaving = (ms: number): Invocation => ({ getRemainingTimeInMillis: () => ms, awsRequestId: "1" });
  return {
    ...{ clock, telemetry, queue, deadLetters, unreadable, calls, pass: passOn(clock) },
    work: async (
      records: readonly SqsRecord[],
      handle: (messages: readonly Message[], signal?: AbortSignal) => ReturnType<MessageHandler>,
      remainingMs = 120_000,
    ) => {
      const worker = workerHandler({ transport, deliver: { handle }, clock, telemetry, around, leastMs: LEAST_MS });
      return failedIn(await worker({ Records: records }, leaving(remainingMs)));
    },
    bury: async (records: readonly SqsRecord[], handle: DeadLetterHandler) =>
      failedIn(await deadLetterHandler({ transport, bury: { handle }, around })({ Records: records })),
  };
}

const troubles = (facts: readonly Extract<Fact, { kind: "trouble" }>[]) =>
  facts.map(({ error }) => (error as Error).message);

describe("workerHandler", () => {
  const KINDS = ["ack", "retry", "reject", "throw", "early", "garbage", "forged", "oversize", "empty", "json"] as const;
  type Kind = (typeof KINDS)[number];
  const OVERSIZE = "x".repeat(300_001);
  const forger = new Envelopes([Buffer.alloc(32, 9)]);
  const READABLE: ReadonlySet<Kind> = new Set(["ack", "retry", "reject", "throw"]);
  /** Ten of each kind, sealed once. */
  const MADE = new Map(
    KINDS.map((kind, index) => [
      kind,
      Array.from({ length: 10 }, (_, place) => {
        const number = 10 * index + place;
        const bodies: Partial<Record<Kind, string>> = {
          ...{ garbage: `garbage ${number}`, oversize: OVERSIZE, empty: "", json: `[1,${number}]` },
          forged: forger.seal(messageOf(number)),
          early: envelopes.seal(messageOf(number, 5_000)),
        };
        return recordOf(number, bodies[kind] ?? envelopes.seal(messageOf(number)));
      }),
    ]),
  );
  const kindOf = (number: number): Kind => KINDS[Math.floor(number / 10)] ?? "ack";
  const numberIn = ({ eventId }: Message) => Number.parseInt(eventId.slice(-12), 16);
  const inBatch = fc.record({
    kind: fc.constantFrom(...KINDS, "ack" as const, "ack" as const),
    place: fc.nat(9),
    twice: fc.nat(9).map((drawn) => drawn === 0),
    buried: fc.nat(3).map((drawn) => drawn > 0),
    kept: fc.nat(3).map((drawn) => drawn > 0),
  });
  const batch = fc.record({
    records: fc.uniqueArray(inBatch, { maxLength: 10, size: "max", selector: ({ kind, place }) => `${kind} ${place}` }),
    throws: fc.nat(49).map((drawn) => drawn === 0),
  });

  it("has exactly those come again that must, over ten thousand batches", async () => {
    const seen = { batches: 0, again: 0, done: 0, buried: 0 };
    for (const { records, throws } of fc.sample(batch, { numRuns: 10_000, seed: 20_300_101 })) {
      const { work, queue, deadLetters } = setup();
      const drawn = records.flatMap((one) => (one.twice ? [one, one] : [one]));
      const event = drawn.map(({ kind, place }) => MADE.get(kind)?.[place] ?? recordOf(0, ""));
      const fates = new Map(drawn.map((one, index) => [event[index]?.messageId ?? "", one]));
      deadLetters.refuses = ({ attributes = {} }) => (fates.get(attributes["messageId"] ?? "")?.buried ? null : "full");
      queue.trouble = ([receipt = ""]) =>
        fates.get(receipt.replace("receipt", "id"))?.kept ? null : new Unavailable("SQS is away");
      const handled: number[] = [];
      const acknowledged = new Set<string>();
      const handle: MessageHandler = (messages) => {
        handled.push(...messages.map(numberIn));
        if (throws) throw new Error("at once");
        return messages.map(async (message): Promise<MessageVerdict> => {
          const kind = kindOf(numberIn(message));
          if (kind === "throw") throw new Error("later");
          if (kind === "retry") return { kind: "retry", inMs: 1_000 };
          if (kind === "reject") return { kind: "reject", reason: "no" };
          acknowledged.add(`id-${numberIn(message)}`);
          return ACK;
        });
      };

      const again = await work(event, handle);

      const must = drawn.flatMap(({ kind, buried }, index) => {
        const id = event[index]?.messageId ?? "";
        if (kind === "early" || (READABLE.has(kind) && throws)) return [id];
        if (kind === "ack") return [];
        if (kind === "retry" || kind === "throw") return [id];
        return buried ? [] : [id];
      });
      expect(again).to.deep.equal(must);
      expect(handled).to.deep.equal(
        event.map(({ messageId }) => Number(messageId.slice(3))).filter((number) => READABLE.has(kindOf(number))),
      );
      // Nothing is lost: each comes again, or somebody has done with it, or it lies where it is found.
      const buried = new Map(deadLetters.sent.map(({ body, attributes = {} }) => [attributes["messageId"], body]));
      for (const { messageId, body } of event) {
        const found = again.includes(messageId) || acknowledged.has(messageId) || buried.get(messageId) === body;
        if (!found) expect.fail(`${messageId} is lost`);
      }
      seen.batches++;
      seen.again += again.length;
      seen.buried += buried.size;
      seen.done += acknowledged.size;
    }
    expect(seen.batches).to.equal(10_000);
    for (const count of Object.values(seen)) expect(count).to.be.greaterThan(5_000);
  }).timeout(60_000);

  it("answers nothing for nothing", async () => {
    const { work, calls } = setup();
    expect(await work([], () => [])).to.deep.equal([]);
    expect(calls).to.deep.equal(["begin", "end"]);
  });

  it("says of a dead letter why it is one, and of which message it was", async () => {
    const { work, deadLetters } = setup();
    const handle: MessageHandler = (messages) =>
      messages.map(async (): Promise<MessageVerdict> => ({ kind: "reject", reason: `nö\n${"!".repeat(300)}` }));
    await work([recordOf(7, "garbage"), ours(8)], handle);
    expect(deadLetters.sent).to.deep.equal([
      { body: "garbage", attributes: { reason: "not signed", messageId: "id-7" } },
      { body: ours(8).body, attributes: { reason: `n??${"!".repeat(197)}`, messageId: "id-8" } },
    ]);
  });

  it("tells where the dead letters refuse one", async () => {
    const { work, deadLetters, telemetry } = setup();
    deadLetters.refuses = () => "full";
    expect(await work([recordOf(1, "garbage")], () => [])).to.deep.equal(["id-1"]);
    expect(troubles(telemetry.of("trouble"))).to.deep.equal(["Not among the dead letters: full"]);
  });

  it("has what is tried again stay out of sight for so long", async () => {
    const { work, queue } = setup();
    await work([ours(1), ours(2, 5_000)], (messages) =>
      messages.map(async (): Promise<MessageVerdict> => ({ kind: "retry", inMs: 2_000 })),
    );
    expect(queue.kept).to.have.deep.members([
      { receipts: ["receipt-1"], ms: 2_000 },
      { receipts: ["receipt-2"], ms: 5_000 },
    ]);
  });

  it("holds what is a moment early", async () => {
    const { work, pass, clock } = setup();
    const at: number[] = [];
    const answer = work([ours(1, 700)], (messages) => {
      at.push(clock.now().getTime() - NOON.getTime());
      return messages.map(async () => ACK);
    });
    await pass(1_000);
    expect(await answer).to.deep.equal([]);
    expect(at).to.deep.equal([700]);
  });

  describe("and the time that is left", () => {
    /** Delivers until it is told to stop. */
    const untilStopped = (signal: AbortSignal | undefined, clock: MemoryClock) => async (): Promise<MessageVerdict> => {
      await clock.sleep(10_000_000, signal);
      return { kind: "retry", inMs: 0 };
    };

    it("has no request begun once there is less than one may take", async () => {
      const { work, clock, pass } = setup();
      let given: AbortSignal | undefined;
      const answer = work(
        [ours(1), ours(2)],
        (messages, signal) => {
          given = signal;
          return messages.map(untilStopped(signal, clock));
        },
        120_000,
      );
      await pass(120_000 - LEAST_MS - 1);
      expect(given?.aborted).to.equal(false);
      await pass(1);
      expect(given?.aborted).to.equal(true);
      expect(await answer).to.deep.equal(["id-1", "id-2"]);
    });

    it("leaves no timer behind, and aborts nothing that is done", async () => {
      const { work, clock } = setup();
      let given: AbortSignal | undefined;
      await work([ours(1)], (messages, signal) => {
        given = signal;
        return messages.map(async () => ACK);
      });
      await turn();
      expect(clock.nextWake).to.equal(null);
      expect(given?.aborted).to.equal(false);
    });

    it("tells where there is not enough from the start, and does what it can", async () => {
      const { work, telemetry, clock } = setup();
      let given: AbortSignal | undefined;
      const handle = (messages: readonly Message[], signal?: AbortSignal) => {
        given = signal;
        return messages.map(async () => ACK);
      };
      for (const leftMs of [3_000, LEAST_MS]) expect(await work([ours(1)], handle, leftMs)).to.deep.equal([]);
      expect(given?.aborted).to.equal(false);
      expect(clock.nextWake, "a timer is left").to.equal(null);
      expect(telemetry.of("trouble").map(({ where }) => where)).to.deep.equal(["worker", "worker"]);
      expect(troubles(telemetry.of("trouble"))[0]).to.contain(`${LEAST_MS} ms`);
    });
  });
});

describe("deadLetterHandler", () => {
  const acks: DeadLetterHandler = (letters) =>
    letters.map(async ({ message, reason }): Promise<MessageVerdict> =>
      message === null ? { kind: "reject", reason } : ACK,
    );

  it("gives letters with their reasons", async () => {
    const { bury } = setup();
    const seen: unknown[] = [];
    const records = [
      ours(1),
      { ...ours(2), messageAttributes: { reason: { stringValue: "no" } } },
      recordOf(3, "garbage"),
      recordOf(4, "garbage", { reason: "too odd" }),
    ];
    const failed = await bury(records, (letters) => {
      seen.push(...letters);
      return acks(letters);
    });
    expect(failed).to.deep.equal([]);
    expect(seen).to.deep.equal([
      { message: messageOf(1), reason: "received too often" },
      { message: messageOf(2), reason: "no" },
      { message: null, reason: "not signed" },
      { message: null, reason: "too odd" },
    ]);
  });

  it("sets aside what nobody can read, with its reason and what else was said of it", async () => {
    const { bury, unreadable } = setup();
    const record = recordOf(1, "garbage", { traceparent: "00-…", messageId: "m1" });
    expect(await bury([record, ours(2)], acks)).to.deep.equal([]);
    expect(unreadable.sent).to.deep.equal([
      { body: "garbage", attributes: { traceparent: "00-…", messageId: "m1", reason: "not signed" } },
    ]);
  });

  it("sets aside what has attributes that SQS would not take again", async () => {
    const { bury, unreadable } = setup();
    // Of bytes there is no text. And ten are the most, of which one is to be the reason.
    const ten = Object.fromEntries(Array.from({ length: 10 }, (_, number) => [`other${number}`, "x"]));
    const records = [recordOf(1, "garbage", { bytes: "", other: "x" }), recordOf(2, "garbage", ten)];
    expect(await bury(records, acks)).to.deep.equal([]);
    const [first, second] = unreadable.sent.map(({ attributes = {} }) => attributes);
    expect(first).to.deep.equal({ other: "x", reason: "not signed" });
    expect(Object.keys(second ?? {}))
      .to.have.length(10)
      .and.to.include("reason");
  });

  for (const [what, options] of Object.entries({
    "is no place": { unreadable: "absent" },
    "is no room": {},
  } as const)) {
    it(`leaves it where it is, and out of sight for long, where there ${what} for it`, async () => {
      const { bury, deadLetters, unreadable } = setup(options);
      unreadable.refuses = () => "full";
      expect(await bury([recordOf(1, "garbage"), ours(2)], acks)).to.deep.equal(["id-1"]);
      expect(deadLetters.kept).to.deep.equal([{ receipts: ["receipt-1"], ms: 43_200_000 }]);
    });
  }

  it("has come again what could not be seen to, and nothing else", async () => {
    const { bury, telemetry, deadLetters } = setup();
    const verdicts: readonly (() => Promise<MessageVerdict>)[] = [
      async () => ACK,
      async () => Promise.reject(new Unavailable("the database is away")),
      async () => ({ kind: "retry", inMs: 1_500 }),
      async () => ACK,
    ];
    const failed = await bury(
      verdicts.map((_, number) => ours(number)),
      (letters) => letters.map((_, place) => verdicts[place]?.() ?? expect.fail("one too many")),
    );
    expect(failed).to.deep.equal(["id-1", "id-2"]);
    expect(troubles(telemetry.of("trouble"))).to.deep.equal(["the database is away"]);
    expect(deadLetters.kept).to.deep.equal([{ receipts: ["receipt-2"], ms: 1_500 }]);
  });

  it("has all come again where it throws, or does not answer for one", async () => {
    const { bury, telemetry, calls } = setup();
    const throwing = () => {
      throw new Error("at once");
    };
    expect(await bury([ours(1), ours(2)], throwing)).to.deep.equal(["id-1", "id-2"]);
    expect(telemetry.of("trouble")).to.have.length(2);
    expect(await bury([ours(1), ours(2)], (letters) => letters.slice(1).map(async () => ACK))).to.deep.equal(["id-2"]);
    expect(telemetry.of("trouble"), "that is no trouble").to.have.length(2);
    expect(calls).to.deep.equal(["begin", "end", "begin", "end"]);
  });
});
