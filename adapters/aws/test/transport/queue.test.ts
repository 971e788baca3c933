import { type Outgoing, packed } from "@punctual/adapter-sdk";
import { failureOf } from "@punctual/adapter-sdk/testing";
import { SQSClient } from "@aws-sdk/client-sqs";
import { Unavailable } from "@punctual/core";
import { expect } from "chai";
import fc from "fast-check";
import { createHash } from "node:crypto";
import { LIMITS, Queue, sizeOf } from "../../src/transport/queue.js";
import { Fault, JsonService, type Operations } from "../support/json-service.js";
import { NOBODY } from "../support/queues.js";

const URL = "http://sqs.test/123456789012/main";
const MOST = 10;
const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const X_RAY = "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1";
const MOST_BYTES = 1_000_000;

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
  readonly ReceiptHandle: string;
  readonly VisibilityTimeout: number;
}
type Fate = "taken" | "refused" | "not named";
const FATES = ["taken", "refused", "not named"] as const;

const md5 = (text: string) => createHash("md5").update(text).digest("hex");
const entriesIn = (input: Readonly<Record<string, unknown>>) => input["Entries"] as readonly Entry[];

/** As SQS answers a batch: those that were taken in one list, the others in another, in whatever order. */
function answerOf(entries: readonly Entry[], fateOf: (entry: Entry) => Fate): object {
  const those = (fate: Fate) => entries.filter((entry) => fateOf(entry) === fate).toReversed();
  const taken = ({ Id, MessageBody = "" }: Partial<Entry>) => ({
    ...{ Id, MessageId: `id of ${MessageBody}` },
    MD5OfMessageBody: md5(MessageBody),
  });
  const refused = ({ Id }: Entry) => ({ Id, Code: "Nope", Message: "not this one", SenderFault: true });
  return { Successful: those("taken").map(taken), Failed: those("refused").map(refused) };
}

describe("packed", () => {
  const text = fc
    .record({
      length: fc.oneof(fc.nat(2_000), fc.integer({ min: 90_000, max: 120_000 }), fc.integer({ min: 0, max: 600_000 })),
      letter: fc.constantFrom("x", "ä"),
      reason: fc.option(fc.string({ minLength: 1, maxLength: 200 })),
    })
    .map(({ length, letter, reason }): Outgoing => ({
      body: letter.repeat(length),
      ...(reason !== null && { attributes: { reason } }),
    }));

  it("makes no batch of more than ten, or of more than fits, and leaves out none", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 45, size: "max" }), (texts) => {
        const batches = packed(texts, LIMITS);
        const sizes = batches.map((places) => places.map((place) => sizeOf(texts[place] as Outgoing)));
        expect(batches.flat()).to.deep.equal([...texts.keys()]);
        for (const [index, some] of sizes.entries()) {
          const bytes = sum(some);
          expect(some.length).to.be.within(1, MOST);
          if (some.length > 1) expect(bytes).to.be.at.most(MOST_BYTES);
          // None is begun while the one before has room for its first.
          const [next] = sizes[index + 1] ?? [];
          if (next !== undefined && some.length < MOST) expect(bytes + next).to.be.greaterThan(MOST_BYTES);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("gives one that is too large a batch of its own, for SQS to refuse it alone", () => {
    const texts = ["a", "x".repeat(1_100_000), "b"].map((body) => ({ body }));
    expect(packed(texts, LIMITS)).to.deep.equal([[0], [1], [2]]);
  });

  it("counts bytes, not characters, and attributes with their names and types", () => {
    expect(sizeOf({ body: "ä€" })).to.equal(5);
    expect(sizeOf({ body: "", attributes: { reason: "ä" } })).to.equal("reason".length + "String".length + 2);
  });
});

describe("Queue", () => {
  let service: JsonService | undefined;
  let client: SQSClient;

  async function setup(operations: Operations) {
    const requests: Readonly<Record<string, unknown>>[] = [];
    const recorded = Object.entries(operations).map(([name, operation]) => [
      name,
      (input: Readonly<Record<string, unknown>>) => {
        requests.push(input);
        return operation(input);
      },
    ]);
    service = await JsonService.start(Object.fromEntries(recorded) as Operations);
    client = new SQSClient({
      ...NOBODY,
      ...{ endpoint: service.endpoint, useQueueUrlAsEndpoint: false, maxAttempts: 1 },
    });
    return { service, queue: new Queue(client, URL), requests };
  }
  afterEach(async () => {
    if (service === undefined) return;
    client.destroy();
    await service.stop();
    service = undefined;
  });

  const textsOf = (count: number) => Array.from({ length: count }, (_, number) => ({ body: `text ${number}` }));
  const TAKEN: Operations = { SendMessageBatch: (input) => answerOf(entriesIn(input), () => "taken") };

  describe("send", () => {
    it("sends ten in a request, each with what belongs to it", async () => {
      const { queue, requests } = await setup(TAKEN);
      const texts: readonly Outgoing[] = [
        { body: "at once", delayMs: 0, attributes: { traceparent: TRACE } },
        { body: "later", delayMs: 900_999 },
        ...textsOf(10),
      ];
      expect(await queue.send(texts)).to.deep.equal(texts.map(() => null));
      expect(requests.map((input) => entriesIn(input).length).sort()).to.deep.equal([10, 2]);
      const first = requests.find((input) => entriesIn(input).length === MOST);
      expect(first?.["QueueUrl"]).to.equal(URL);
      expect(first?.["Entries"]).to.deep.include({
        Id: "0",
        MessageBody: "at once",
        MessageAttributes: { traceparent: { DataType: "String", StringValue: TRACE } },
        MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: X_RAY } },
      });
      expect(first?.["Entries"]).to.deep.include({
        ...{ Id: "1", MessageBody: "later", DelaySeconds: 900, MessageAttributes: {} },
      });
    });

    it("asks for nothing where there is nothing to send", async () => {
      const { queue, requests } = await setup(TAKEN);
      expect(await queue.send([])).to.deep.equal([]);
      expect(requests).to.deep.equal([]);
    });

    it("tells of each text what became of it, whatever became of the others", async () => {
      let fates: readonly Fate[] = [];
      const { queue } = await setup({
        SendMessageBatch: (input) =>
          answerOf(entriesIn(input), ({ MessageBody }) => fates[Number(MessageBody.slice(5))] ?? "taken"),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.constantFrom(...FATES), { maxLength: 35, size: "max" }), async (drawn) => {
          fates = drawn;
          const said = { taken: null, refused: "Nope: not this one", "not named": "SQS did not answer for it" };
          expect(await queue.send(textsOf(drawn.length))).to.deep.equal(drawn.map((fate) => said[fate]));
        }),
        { numRuns: 60 },
      );
    });

    it("refuses what was in a request that failed, and nothing else", async () => {
      const { queue } = await setup({
        SendMessageBatch: (input) => {
          const entries = entriesIn(input);
          if (entries.some(({ MessageBody }) => MessageBody === "text 13")) {
            throw new Fault("BatchRequestTooLong", "Too long");
          }
          return answerOf(entries, () => "taken");
        },
      });
      const answers = await queue.send(textsOf(25));
      const refused = answers.flatMap((answer, place) => (answer === null ? [] : [place]));
      expect(refused).to.deep.equal([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
      expect(answers[13]).to.match(/^BatchRequestTooLong: /);
    });

    for (const [what, trouble] of Object.entries({
      "fails inside": { kind: "fault", type: "InternalFailure", status: 500 },
      "asks to be asked less often": { kind: "fault", type: "RequestThrottled", status: 400 },
      "says what a proxy says": { kind: "page", status: 502 },
      "breaks the connection": { kind: "reset" },
    } as const)) {
      it(`refuses all, and does not throw, where SQS ${what}`, async () => {
        const { queue, service } = await setup(TAKEN);
        service.trouble = trouble;
        const answers = await queue.send(textsOf(12));
        expect(answers).to.have.length(12);
        for (const answer of answers) expect(answer).to.be.a("string").and.not.equal("");
      });
    }

    it("does not take for sent what arrived as something else", async () => {
      const { queue } = await setup({
        SendMessageBatch: () => ({ Successful: [{ Id: "0", MessageId: "x", MD5OfMessageBody: md5("another") }] }),
      });
      expect((await queue.send([{ body: "one" }]))[0]).to.contain("MD5");
    });

    it("ends when it is aborted, with all refused that had no answer", async () => {
      const hanging = Promise.withResolvers<object>();
      const arrived = Promise.withResolvers<void>();
      const { queue } = await setup({
        SendMessageBatch: async (input) => {
          const entries = entriesIn(input);
          if (entries.length === MOST) return answerOf(entries, () => "taken");
          arrived.resolve();
          return hanging.promise;
        },
      });
      const stop = new AbortController();
      const answers = queue.send(textsOf(12), stop.signal);
      await arrived.promise;
      stop.abort();
      const refused = (await answers).slice(MOST);
      hanging.resolve({});
      expect(refused).to.have.length(2);
      for (const reason of refused) expect(reason).to.match(/^AbortError/);
    });

    it("sends nothing where it was aborted before", async () => {
      const { queue, requests } = await setup(TAKEN);
      const answers = await queue.send(textsOf(2), AbortSignal.abort());
      expect(answers).to.not.include(null);
      expect(requests).to.deep.equal([]);
    });
  });

  describe("receive", () => {
    it("gives texts with their receipts and attributes, ten at most", async () => {
      const given = {
        ...{ MessageId: "m1", ReceiptHandle: "r1", Body: "text", MD5OfBody: md5("text") },
        MessageAttributes: { reason: { DataType: "String", StringValue: "why" }, odd: { DataType: "Binary" } },
      };
      const { queue, requests } = await setup({ ReceiveMessage: () => ({ Messages: [given] }) });
      const received = await queue.receive({ most: 50, waitMs: 5_000, hiddenMs: 60_000 });
      expect(received).to.deep.equal([
        { id: "m1", body: "text", receipt: "r1", attributes: { reason: "why", odd: "" } },
      ]);
      expect(requests[0]).to.deep.include({
        ...{ QueueUrl: URL, MaxNumberOfMessages: 10, WaitTimeSeconds: 5, VisibilityTimeout: 60 },
        MessageAttributeNames: ["All"],
      });
    });

    it("gives none where there is none", async () => {
      const { queue } = await setup({ ReceiveMessage: () => ({}) });
      expect(await queue.receive({ most: 1, waitMs: 1_000, hiddenMs: 1_000 })).to.deep.equal([]);
    });

    it("is unavailable where SQS is", async () => {
      const { queue, service } = await setup({ ReceiveMessage: () => ({}) });
      service.trouble = { kind: "reset" };
      const receiving = queue.receive({ most: 1, waitMs: 1_000, hiddenMs: 1_000 });
      expect(await failureOf(receiving)).to.be.instanceOf(Unavailable);
    });
  });

  const EACH = {
    DeleteMessageBatch: (queue: Queue, receipts: readonly string[]) => queue.delete(receipts),
    ChangeMessageVisibilityBatch: (queue: Queue, receipts: readonly string[]) => queue.keep(receipts, 1_500),
  };
  for (const [operation, call] of Object.entries(EACH)) {
    describe(operation, () => {
      const receiptsOf = (count: number) => Array.from({ length: count }, (_, number) => `receipt ${number}`);

      it("tells of each receipt whether it was done, ten in a request", async () => {
        let fates: readonly Fate[] = [];
        const { queue, requests } = await setup({
          [operation]: (input) =>
            answerOf(entriesIn(input), ({ ReceiptHandle }) => fates[Number(ReceiptHandle.slice(8))] ?? "taken"),
        });
        await fc.assert(
          fc.asyncProperty(fc.array(fc.constantFrom(...FATES), { maxLength: 25, size: "max" }), async (drawn) => {
            fates = drawn;
            const done = await call(queue, receiptsOf(drawn.length));
            expect(done).to.deep.equal(drawn.map((fate) => fate === "taken"));
          }),
          { numRuns: 40 },
        );
        for (const input of requests) expect(entriesIn(input).length).to.be.within(1, MOST);
      });

      it("is unavailable where SQS is", async () => {
        const { queue, service } = await setup({ [operation]: (input) => answerOf(entriesIn(input), () => "taken") });
        service.trouble = { kind: "fault", type: "ServiceUnavailable", status: 503 };
        expect(await failureOf(call(queue, receiptsOf(3)))).to.be.instanceOf(Unavailable);
      });
    });
  }

  describe("keep", () => {
    it("knows whole seconds, rather late than early, and not so many that SQS refuses", async () => {
      const { queue, requests } = await setup({
        ChangeMessageVisibilityBatch: (input) => answerOf(entriesIn(input), () => "taken"),
      });
      for (const ms of [0, 1, 1_000, 1_001, 42_299_001, 43_200_000, 1e12]) await queue.keep(["receipt"], ms);
      const seconds = requests.map((input) => entriesIn(input)[0]?.VisibilityTimeout);
      // Twelve hours from when it was received are the most: a quarter of an hour of them may have passed.
      expect(seconds).to.deep.equal([0, 1, 1, 2, 42_300, 42_300, 42_300]);
    });
  });

  describe("depth", () => {
    const DEPTHS: Readonly<Record<string, number>> = {
      ApproximateNumberOfMessages: 1,
      ApproximateNumberOfMessagesNotVisible: 10,
      ApproximateNumberOfMessagesDelayed: 100,
    };

    it("counts what waits, what is out of sight and what is delayed", async () => {
      const { queue } = await setup({
        GetQueueAttributes: ({ AttributeNames }) => ({
          Attributes: Object.fromEntries((AttributeNames as string[]).map((name) => [name, String(DEPTHS[name])])),
        }),
      });
      expect(await queue.depth()).to.equal(111);
    });

    it("is unavailable where SQS is", async () => {
      const { queue, service } = await setup({ GetQueueAttributes: () => ({}) });
      service.trouble = { kind: "page", status: 503 };
      expect(await failureOf(queue.depth())).to.be.instanceOf(Unavailable);
    });
  });
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
