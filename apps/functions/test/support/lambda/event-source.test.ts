import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import type { SQSEvent } from "aws-lambda";
import { expect } from "chai";
import { type FauxqsServer, startFauxqs } from "fauxqs";
import { Bundles } from "./bundle.js";
import { EventSource, type EventSourceOptions } from "./event-source.js";
import { Gate } from "./gate.js";
import type { LambdaReport } from "./lambda-function.js";
import { LambdaPool } from "./lambda-pool.js";
import type { Outcome } from "./sandbox.js";

const REGION = "eu-central-1";

describe("EventSource", () => {
  let server: FauxqsServer;
  let sqs: SQSClient;
  let endpoint: string;
  let sources: EventSource[] = [];
  let queues = 0;

  before(async () => {
    server = await startFauxqs({ port: 0, host: "127.0.0.1", logger: false });
    endpoint = `http://127.0.0.1:${server.port}`;
    sqs = new SQSClient({
      region: REGION,
      endpoint,
      useQueueUrlAsEndpoint: false,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
  });
  afterEach(async () => {
    await Promise.all(sources.map((source) => source.stop()));
    sources = [];
  });
  after(async () => {
    sqs.destroy();
    await server.stop();
  });

  async function queueOf(bodies: readonly string[], visibilityTimeout = 60): Promise<string> {
    const { QueueUrl: url } = await sqs.send(
      new CreateQueueCommand({
        QueueName: `events-${++queues}`,
        Attributes: { VisibilityTimeout: String(visibilityTimeout) },
      }),
    );
    for (let first = 0; first < bodies.length; first += 10) {
      const entries = bodies.slice(first, first + 10).map((body, at) => ({ Id: String(at), MessageBody: body }));
      await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: entries }));
    }
    return url!;
  }

  /** How many wait to be taken, and how many were taken and not deleted. */
  async function countsOf(queueUrl: string): Promise<readonly number[]> {
    const names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
    const asked = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...names] });
    const { Attributes: attributes } = await sqs.send(asked);
    return names.map((name) => Number(attributes?.[name]));
  }

  async function sourceOf(options: Omit<EventSourceOptions, "endpoint" | "maximumConcurrency">, most = 2) {
    const source = new EventSource({ endpoint, region: REGION, maximumConcurrency: most, ...options });
    sources.push(source);
    await source.start();
    return source;
  }

  it("hands a message over as Lambda does", async () => {
    const queueUrl = await queueOf([]);
    const sent = await sqs.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: "hello",
        MessageAttributes: {
          kind: { DataType: "String", StringValue: "event" },
          bytes: { DataType: "Binary", BinaryValue: Buffer.from([0, 255]) },
        },
      }),
    );
    const target = targetOf(() => ({ ok: true, payload: null }));

    await (await sourceOf({ target, queueUrl })).idle();

    const [record, ...more] = target.events.flatMap(({ Records }) => Records);
    expect(more).to.deep.equal([]);
    const { receiptHandle, attributes, ...rest } = record!;
    expect(receiptHandle).to.be.a("string").that.is.not.empty;
    expect(attributes.ApproximateReceiveCount).to.equal("1");
    expect(attributes.SentTimestamp).to.match(/^\d{13}$/);
    expect(attributes.ApproximateFirstReceiveTimestamp).to.match(/^\d{13}$/);
    expect(rest).to.deep.equal({
      messageId: sent.MessageId,
      body: "hello",
      messageAttributes: {
        kind: { stringValue: "event", stringListValues: [], binaryListValues: [], dataType: "String" },
        bytes: { binaryValue: "AP8=", stringListValues: [], binaryListValues: [], dataType: "Binary" },
      },
      md5OfBody: sent.MD5OfMessageBody,
      md5OfMessageAttributes: sent.MD5OfMessageAttributes,
      eventSource: "aws:sqs",
      eventSourceARN: `arn:aws:sqs:${REGION}:000000000000:events-${queues}`,
      awsRegion: REGION,
    });
    expect(await countsOf(queueUrl)).to.deep.equal([0, 0]);
  });

  it("hands messages over in batches of up to ten, each once, and deletes them", async () => {
    const bodies = Array.from({ length: 25 }, (_, at) => `message ${at}`);
    const queueUrl = await queueOf(bodies);
    const target = targetOf(() => ({ ok: true, payload: { batchItemFailures: [] } }));

    await (await sourceOf({ target, queueUrl })).idle();

    expect(target.events.map(({ Records }) => Records.length)).to.deep.equal([10, 10, 5]);
    expect(target.events.flatMap(({ Records }) => Records.map(({ body }) => body))).to.have.members(bodies);
    expect(await countsOf(queueUrl)).to.deep.equal([0, 0]);
  });

  type Case = readonly [string, (ids: readonly string[]) => Outcome, number];
  const answered = (payload: unknown): Outcome => ({ ok: true, payload });
  const failures = (...failed: unknown[]) => answered({ batchItemFailures: failed });
  const cases: readonly Case[] = [
    ["nothing", () => answered(null), 0],
    ["an object without a list", () => answered({}), 0],
    ["a list of null", () => answered({ batchItemFailures: null }), 0],
    ["an empty list", () => failures(), 0],
    ["one of three", (ids) => failures({ itemIdentifier: ids[1] }), 1],
    ["one of three, twice", (ids) => failures({ itemIdentifier: ids[1] }, { itemIdentifier: ids[1] }), 1],
    ["all of them", (ids) => failures(...ids.map((itemIdentifier) => ({ itemIdentifier }))), 3],
    ["an unknown one", (ids) => failures({ itemIdentifier: ids[0] }, { itemIdentifier: "unknown" }), 3],
    ["an empty one", () => failures({ itemIdentifier: "" }), 3],
    ["one of null", () => failures({ itemIdentifier: null }), 3],
    ["one of another name", (ids) => failures({ messageId: ids[0] }), 3],
    ["an id alone", (ids) => failures(ids[0]), 3],
    ["null in the list", () => failures(null), 3],
    ["something else than a list", (ids) => answered({ batchItemFailures: ids[0] }), 3],
    ["a text", () => answered("done"), 3],
    ["a list", () => answered([]), 3],
    ["an error", () => ({ ok: false, error: { errorType: "Error", errorMessage: "no" } }), 3],
  ];
  for (const [what, answer, left] of cases) {
    it(`leaves ${left} of 3 messages where they are when the answer is ${what}`, async () => {
      const queueUrl = await queueOf(["a", "b", "c"]);
      const target = targetOf(({ Records }) => answer(Records.map(({ messageId }) => messageId)));
      await (await sourceOf({ target, queueUrl })).idle();
      expect(target.events.map(({ Records }) => Records.length)).to.deep.equal([3]);
      expect(await countsOf(queueUrl)).to.deep.equal([0, left]);
    });
  }

  it("hands over again what was not done when its visibility timeout is over", async () => {
    const queueUrl = await queueOf(["stubborn", "easy"], 1);
    const again = Promise.withResolvers<SQSEvent>();
    const target = targetOf(({ Records }) => {
      const stubborn = Records.filter(({ body }) => body === "stubborn");
      const first = stubborn.some(({ attributes }) => attributes.ApproximateReceiveCount === "1");
      const failed = first ? stubborn.map(({ messageId }) => ({ itemIdentifier: messageId })) : [];
      return { ok: true, payload: { batchItemFailures: failed } };
    });
    await sourceOf({
      target,
      queueUrl,
      onBatch: (event) => {
        if (event.Records.some(({ attributes }) => attributes.ApproximateReceiveCount !== "1")) again.resolve(event);
      },
    });

    const { Records: records } = await again.promise;

    expect(records.map(({ body, attributes }) => [body, attributes.ApproximateReceiveCount])).to.deep.equal([
      ["stubborn", "2"],
    ]);
    expect(await countsOf(queueUrl)).to.deep.equal([0, 0]);
  });

  it("has no more batches under way than it may, and as many if there are", async () => {
    const queueUrl = await queueOf(Array.from({ length: 40 }, (_, at) => `message ${at}`));
    const [full, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const target = targetOf(async () => {
      if (target.events.length === 3) full.resolve();
      await released.promise;
      return { ok: true, payload: null };
    });
    const source = await sourceOf({ target, queueUrl }, 3);

    await full.promise;
    await countsOf(queueUrl); // by when another one would have been taken
    expect(await countsOf(queueUrl)).to.deep.equal([10, 30]);
    released.resolve();
    await source.idle();

    expect(target.events).to.have.length(4);
    expect(await countsOf(queueUrl)).to.deep.equal([0, 0]);
  });

  /** A source with one batch under way, which is done when it is released. */
  async function busySource() {
    const queueUrl = await queueOf(["first"]);
    const [arrived, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const target = targetOf(async () => {
      arrived.resolve();
      await released.promise;
      return { ok: true, payload: null };
    });
    const source = new EventSource({ target, queueUrl, endpoint, region: REGION, maximumConcurrency: 2 });
    await source.start();
    await arrived.promise;
    return { source, target, queueUrl, release: () => released.resolve() };
  }

  it("finishes what is under way before it has stopped, and takes no more", async () => {
    const { source, target, queueUrl, release } = await busySource();

    let ended = false;
    const stopped = source.stop().then(() => (ended = true));
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: "second" }));
    expect(await countsOf(queueUrl)).to.deep.equal([1, 1]);
    expect(ended).to.equal(false);
    release();
    await stopped;

    expect(target.events).to.have.length(1);
    expect(await countsOf(queueUrl)).to.deep.equal([1, 0]);
  });

  it("says so when it cannot delete what is done", async () => {
    const { source, queueUrl, release } = await busySource();

    const stopped = reasonOf(source.stop());
    await sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl }));
    release();

    expect(await stopped).to.be.an("error");
  });

  it("says so when there is no queue, or no more", async () => {
    const target = targetOf(() => ({ ok: true, payload: null }));
    const queueUrl = await queueOf([]);
    const sourceAt = (url: string) => new EventSource({ target, queueUrl: url, endpoint, maximumConcurrency: 1 });

    const [nowhere, somewhere] = [sourceAt(`${queueUrl}-not`), sourceAt(queueUrl)];
    expect(await reasonOf(nowhere.start())).to.be.an("error");
    await somewhere.start();
    await sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl }));

    const reason = await reasonOf(somewhere.idle());
    expect(reason).to.be.an("error");
    expect(await reasonOf(somewhere.stop())).to.equal(reason);
    expect(await reasonOf(nowhere.stop())).to.equal(null);
  });

  describe("with a LambdaPool", () => {
    const bundles = new Bundles();
    after(() => bundles.remove());

    it("leaves a batch whose process is killed, and deletes what another one did", async () => {
      const gate = await Gate.open();
      const pool = new LambdaPool({
        bundle: await bundles.make(`export const handler = async ({ Records }) => {
          if (Records.some(({ body }) => body === "waits")) await fetch(process.env.GATE);
          const failed = Records.filter(({ body }) => body === "fails");
          return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
        };`),
        env: { GATE: gate.url },
        concurrency: 2,
      });
      try {
        const queueUrl = await queueOf(["waits"]);
        const reports: string[] = [];
        const source = await sourceOf({
          target: pool,
          queueUrl,
          onBatch: (_, report) => void reports.push(report.ok ? "well" : report.error.errorType),
        });
        await gate.waiting(1);
        for (const body of ["fails", "works"]) {
          await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }));
        }
        pool.killOne();
        await source.idle();

        expect(reports.filter((report) => report === "killed")).to.have.length(1);
        expect(reports.filter((report) => report === "well")).to.have.length.within(1, 2);
        expect(await countsOf(queueUrl)).to.deep.equal([0, 2]);
      } finally {
        await pool.close();
        await gate.close();
      }
    });
  });
});

function targetOf(answer: (event: SQSEvent) => Outcome | Promise<Outcome>) {
  const events: SQSEvent[] = [];
  return {
    events,
    async invoke(event: SQSEvent): Promise<LambdaReport> {
      events.push(event);
      return { ...(await answer(event)), requestId: "", durationMs: 0, coldStart: false, logs: [] };
    },
  };
}

function reasonOf(failing: Promise<void>): Promise<unknown> {
  return failing.then(() => null).catch((error: unknown) => error);
}
