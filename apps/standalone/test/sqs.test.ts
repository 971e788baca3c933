import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { makeQueues, NOBODY, type Queues } from "@punctual/adapter-aws/testing";
import { databaseOn, findServer, type PostgresServer } from "@punctual/adapter-postgres/server";
import { expect } from "chai";
import { type FauxqsServer, startFauxqs } from "fauxqs";
import { randomBytes } from "node:crypto";
import { ask, metric, Program, type Started, until } from "./support/program.js";
import { Receiver } from "./support/receiver.js";

/** The program as a user starts it, and a queue beside it that speaks SQS. */
describe("npm start on SQS", function () {
  this.timeout(120_000);
  let sqs: FauxqsServer;
  let client: SQSClient;
  let queues: Queues;
  let program: Program;
  let receiver: Receiver;

  before(async () => {
    sqs = await startFauxqs({ port: 0, host: "127.0.0.1", logger: false });
    client = new SQSClient({ ...NOBODY, endpoint: `http://127.0.0.1:${sqs.port}`, useQueueUrlAsEndpoint: false });
  });
  after(async () => {
    client.destroy();
    await sqs.stop();
  });
  beforeEach(async () => {
    queues = await makeQueues(client, { visibilitySeconds: 10, maxReceives: 5 });
    program = await Program.make();
    receiver = await Receiver.open();
  });
  afterEach(async () => {
    await program.close();
    await receiver.close();
  });

  const start = async (env: Readonly<Record<string, string>> = {}): Promise<Started> =>
    program.start([], {
      PUNCTUAL_TRANSPORT: "@punctual/adapter-aws/sqs",
      PUNCTUAL_TRANSPORT_QUEUE_URL: queues.main,
      PUNCTUAL_TRANSPORT_DEAD_LETTER_URL: queues.deadLetters,
      PUNCTUAL_TRANSPORT_UNREADABLE_URL: queues.unreadable,
      PUNCTUAL_TRANSPORT_ENDPOINT: `http://127.0.0.1:${sqs.port}`,
      PUNCTUAL_TRANSPORT_WAIT_SECONDS: "1",
      PUNCTUAL_TRANSPORT_REGION: NOBODY.region,
      AWS_ACCESS_KEY_ID: NOBODY.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: NOBODY.credentials.secretAccessKey,
      ...env,
    });
  const schedule = async (url: string, at: string) =>
    ask("POST", `${url}/v1/schedules`, {
      ...{ type: "hello", timeZone: "Etc/UTC", when: { at }, destination: { url: receiver.url } },
    });
  const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
  /** All that is in a queue: what can be seen, what waits for its time, and what somebody is at. */
  const depthOf = async (url: string, only?: "delayed"): Promise<number> => {
    const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] });
    const { Attributes: of = {} } = await client.send(command);
    if (only === "delayed") return Number(of.ApproximateNumberOfMessagesDelayed ?? 0);
    const counts = [
      of.ApproximateNumberOfMessages,
      of.ApproximateNumberOfMessagesDelayed,
      of.ApproximateNumberOfMessagesNotVisible,
    ];
    return counts.reduce((sum, count) => sum + Number(count ?? 0), 0);
  };
  const ids = () => receiver.received.map(({ headers }) => String(headers["webhook-id"]));
  const completed = (url: string) => metric(url, 'punctual_events_finished_total{state="completed"');

  it("hands an event over ahead of its time, sends it once when that has come, and deletes the message", async () => {
    const one = await start();
    const dueAt = inMs(5_000);
    await schedule(one.url, dueAt);
    await until(async () => (await depthOf(queues.main, "delayed")) === 1);
    expect(receiver.received).to.deep.equal([]);
    await until(() => receiver.received.length > 0);
    expect(Date.now()).to.be.at.least(Date.parse(dueAt));
    await until(async () => (await depthOf(queues.main)) === 0);
    expect(await completed(one.url)).to.equal(1);
    expect(await one.end()).to.equal(0);
    expect(receiver.received).to.have.length(1);
    expect(await depthOf(queues.deadLetters)).to.equal(0);
  });

  it("stopped while messages wait, and started again, loses none and sends none twice", async () => {
    const one = await start();
    const dueAt = inMs(12_000);
    for (let number = 0; number < 5; number++) await schedule(one.url, dueAt);
    await until(async () => (await depthOf(queues.main)) === 5);
    expect(await one.end()).to.equal(0);
    expect([receiver.received.length, await depthOf(queues.main)]).to.deep.equal([0, 5]);

    const two = await start();
    await until(async () => (await completed(two.url)) === 5);
    await until(async () => (await depthOf(queues.main)) === 0);
    expect(await two.end()).to.equal(0);
    expect(new Set(ids()).size).to.equal(5);
    expect(receiver.received).to.have.length(5);
    expect(await depthOf(queues.deadLetters)).to.equal(0);
  });

  it("puts what is no message among the unreadable, and goes on", async () => {
    const one = await start();
    await queues.send("garbage");
    await until(async () => (await depthOf(queues.unreadable)) === 1);
    const [found] = await queues.peek(queues.unreadable);
    expect(found?.body).to.equal("garbage");
    await schedule(one.url, inMs(500));
    await until(async () => (await completed(one.url)) === 1);
    await until(async () => (await depthOf(queues.main)) + (await depthOf(queues.deadLetters)) === 0);
    expect(await metric(one.url, "punctual_dead_letters_total")).to.equal(1);
    expect(await one.end()).to.equal(0);
  });

  describe("in two programs on one database", () => {
    let server: PostgresServer;
    before(async () => {
      const { TEST_POSTGRES_URL: url, DOCKER_HOST: dockerHost } = process.env;
      server = await findServer({
        durable: false,
        ...(url !== undefined && { url }),
        ...(dockerHost !== undefined && { dockerHost }),
      });
    });
    after(() => server.stop());

    it("shares the work", async () => {
      const env = {
        PUNCTUAL_DATABASE_URL: await databaseOn(server, `punctual_sqs_${randomBytes(6).toString("hex")}`),
        PUNCTUAL_SECRET_KEYS: randomBytes(32).toString("base64"),
        PUNCTUAL_MIGRATE: "true",
      };
      const both = [await start(env), await start(env)];
      const done = async () => Promise.all(both.map(({ url }) => completed(url)));
      let events = 0;
      // Who comes first takes what there is: there is more until both had some.
      while ((await done()).includes(0)) {
        const at = inMs(1_000);
        await Promise.all(Array.from({ length: 40 }, async (_, index) => schedule(both[index % 2]?.url ?? "", at)));
        events += 40;
        await until(async () => (await done()).reduce((sum, count) => sum + count, 0) === events);
      }
      await until(async () => (await depthOf(queues.main)) === 0);
      expect(await Promise.all(both.map((one) => one.end()))).to.deep.equal([0, 0]);
      expect([receiver.received.length, new Set(ids()).size]).to.deep.equal([events, events]);
    });
  });
});
