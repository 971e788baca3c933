import { Envelopes, type Outgoing, packed, QueueTransport, sizeOf } from "@punctual/adapter-sdk";
import { machineTime } from "@punctual/adapter-sdk/conformance";
import { failureOf, messageOf } from "@punctual/adapter-sdk/testing";
import { Conflict, type Message, type MessageVerdict, Unavailable } from "@punctual/core";
import { MemoryTelemetry } from "@punctual/core/memory";
import { expect } from "chai";
import fc from "fast-check";
import { PUBSUB_CAPABILITIES } from "../../src/transport/capabilities.js";
import { type Clients, openClients, PubsubClient, type Publishing } from "../../src/transport/pubsub-client.js";
import { LIMITS, MOST_BYTES, MOST_IN_REQUEST, PubsubQueue } from "../../src/transport/pubsub-queue.js";
import { gatewayTo } from "../support/pubsub-gateway.js";
import { PubsubServer } from "../support/pubsub-server/index.js";
import { makeTopics, nameOfOwn, PROJECT } from "../support/pubsub-topics.js";

const { clock } = machineTime();
const ACK: MessageVerdict = { kind: "ack" };
/** Not early by the machine's clock. */
const ours = (number: number): Message => ({ ...messageOf(number), notBefore: new Date(0) });
const textsOf = (count: number): readonly Outgoing[] =>
  Array.from({ length: count }, (_, number) => ({ body: `text ${number}` }));

describe("packed", () => {
  const text = fc
    .record({
      length: fc.oneof(fc.nat(2_000), fc.integer({ min: 0, max: 6_000_000 })),
      letter: fc.constantFrom("x", "ä"),
      reason: fc.option(fc.string({ minLength: 1, maxLength: 200 })),
    })
    .map(({ length, letter, reason }): Outgoing => ({
      body: letter.repeat(length / letter.length / 2),
      ...(reason !== null && { attributes: { reason } }),
    }));

  it("makes no request of more than fits, and leaves out none", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 30, size: "max" }), (texts) => {
        const batches = packed(texts, LIMITS);
        expect(batches.flat()).to.deep.equal([...texts.keys()]);
        for (const places of batches) {
          const bytes = places.reduce((sum, place) => sum + sizeOf(texts[place] as Outgoing), 0);
          if (places.length > 1) expect(bytes).to.be.at.most(MOST_BYTES);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("puts a thousand in one, and begins none while there is room", () => {
    expect(packed(textsOf(2_500), LIMITS).map(({ length }) => length)).to.deep.equal([1_000, 1_000, 500]);
    expect(packed([], LIMITS)).to.deep.equal([]);
  });

  it("counts what stands around each", () => {
    const attributes = Object.fromEntries(Array.from({ length: 90 }, (_, number) => [`n${number}`, "x".repeat(1_000)]));
    const bytes = packed(
      Array.from({ length: 200 }, () => ({ body: "", attributes })),
      LIMITS,
    ).map(({ length }) => length);
    expect(Math.max(...bytes) * 90 * 1_020).to.be.lessThan(10_000_000);
  });
});

/** A client that does what it is told. */
class FakeClient {
  readonly published: (readonly Publishing[])[] = [];
  readonly asked: { readonly ids: readonly string[]; readonly seconds: number | null }[] = [];
  answer: (messages: readonly Publishing[]) => readonly string[] = (messages) =>
    messages.map((_, place) => String(place));
  trouble: (() => Error) | null = null;

  async publish(_: string, messages: readonly Publishing[]): Promise<readonly string[]> {
    this.published.push(messages);
    return this.answer(messages);
  }
  async pull(): Promise<never> {
    throw this.trouble?.() ?? new Error("not here");
  }
  async acknowledge(_: string, ids: readonly string[]): Promise<void> {
    if (this.trouble !== null) throw this.trouble();
    this.asked.push({ ids, seconds: null });
  }
  async modifyAckDeadline(_: string, ids: readonly string[], seconds: number): Promise<void> {
    if (this.trouble !== null) throw this.trouble();
    this.asked.push({ ids, seconds });
  }
}

describe("PubsubQueue", () => {
  const NAMES = { topic: "projects/p/topics/t", subscription: "projects/p/subscriptions/s" };
  function setup() {
    const client = new FakeClient();
    return { client, queue: new PubsubQueue({ client, clock, ...NAMES }) };
  }

  describe("send", () => {
    it("sends a thousand in a request, each with what belongs to it", async () => {
      const { client, queue } = setup();
      const attributes = { traceparent: "00-1" };
      const texts = [{ body: "ä😀", attributes, delayMs: 0 }, ...textsOf(1_200)];
      expect(await queue.send(texts)).to.deep.equal(texts.map(() => null));
      expect(client.published.map(({ length }) => length)).to.deep.equal([1_000, 201]);
      expect(client.published[0]?.[0]).to.deep.equal({ data: Buffer.from("ä😀"), attributes });
    });

    it("asks for nothing where there is nothing to send", async () => {
      const { client, queue } = setup();
      expect(await queue.send([])).to.deep.equal([]);
      expect(client.published).to.deep.equal([]);
    });

    it("refuses what was in a request that failed, and nothing else", async () => {
      const { client, queue } = setup();
      client.answer = (messages) => {
        if (messages.some(({ data }) => data.toString() === "text 1500")) throw new Unavailable("Pub/Sub is away");
        return messages.map((_, place) => String(place));
      };
      const answers = await queue.send(textsOf(2_500));
      const refused = answers.flatMap((answer, place) => (answer === null ? [] : [place]));
      expect([refused[0], refused.at(-1), refused.length]).to.deep.equal([1_000, 1_999, 1_000]);
      expect(answers[1_500]).to.equal("Unavailable: Pub/Sub is away");
    });

    it("does not take for sent what the answer does not name", async () => {
      const { client, queue } = setup();
      client.answer = () => ["1"];
      expect(await queue.send(textsOf(2))).to.deep.equal([null, "Pub/Sub did not answer for it"]);
    });
  });

  it("deletes and keeps a thousand in a request", async () => {
    const { client, queue } = setup();
    const receipts = Array.from({ length: MOST_IN_REQUEST + 1 }, (_, number) => String(number));
    expect(await queue.delete(receipts)).to.deep.equal(receipts.map(() => true));
    expect(await queue.keep(receipts, 1)).to.deep.equal(receipts.map(() => true));
    expect(client.asked.map(({ ids, seconds }) => [ids.length, seconds])).to.deep.equal([
      ...[
        [1_000, null],
        [1, null],
      ],
      ...[
        [1_000, 1],
        [1, 1],
      ],
    ]);
    expect(await queue.delete([]), "nothing is asked for none").to.deep.equal([]);
    expect(client.asked).to.have.length(4);
  });

  it("knows whole seconds, rather late than early, and ten minutes at the most", async () => {
    const { client, queue } = setup();
    for (const ms of [0, 1, 1_000, 1_001, 600_000, 600_001, 43_200_000]) await queue.keep(["receipt"], ms);
    expect(client.asked.map(({ seconds }) => seconds)).to.deep.equal([0, 1, 1, 2, 600, 600, 600]);
  });

  it("is unavailable where Pub/Sub is", async () => {
    const { client, queue } = setup();
    client.trouble = () => new Unavailable("Pub/Sub is away");
    for (const asking of [
      queue.receive({ most: 1, waitMs: 1_000, hiddenMs: 1_000 }),
      queue.delete(["r"]),
      queue.keep(["r"], 0),
    ]) {
      expect(await failureOf(asking)).to.be.instanceOf(Unavailable);
    }
  });

  it("takes a pull that lasted as long as it may for an empty one", async () => {
    const { client, queue } = setup();
    let pulls = 0;
    client.trouble = () => {
      const late = Object.assign(new Error("late"), { code: 4 });
      return ++pulls === 1 ? new Unavailable("late", { cause: late }) : new Unavailable("Pub/Sub is away");
    };
    expect((await failureOf(queue.receive({ most: 1, waitMs: 5_000, hiddenMs: 1_000 }))).message).to.contain("away");
    expect(pulls).to.equal(2);
  });

  it("receives nothing from a topic that is only written to", async () => {
    const queue = new PubsubQueue({ client: new FakeClient(), clock, topic: NAMES.topic, subscription: null });
    expect((await failureOf(queue.delete(["r"]))).message).to.contain(NAMES.topic);
  });
});

describe("PubsubQueue on a server", () => {
  const DEADLINE_SECONDS = 3;
  const envelopes = new Envelopes([Buffer.alloc(32, 7)]);
  let server: PubsubServer;
  let clients: Clients;
  const closing: (() => Promise<void>)[] = [];
  before(async () => {
    server = await PubsubServer.start({ leastAckDeadlineSeconds: 1 });
    clients = await openClients(server.endpoint);
  });
  after(async () => {
    await Promise.all([clients.publisher.close(), clients.subscriber.close()]);
    await server.stop();
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function setup() {
    const topics = await makeTopics(clients, { ackDeadlineSeconds: DEADLINE_SECONDS });
    const gateway = await gatewayTo(server.endpoint);
    const client = new PubsubClient(gateway.endpoint);
    const queueOn = (topic: string, subscription: string | null) =>
      new PubsubQueue({ client, clock, topic, subscription });
    const [queue, deadLetters] = [
      queueOn(topics.main, topics.subscription),
      queueOn(topics.deadLetters, topics.deadLetterSubscription),
    ];
    closing.push(
      async () => gateway.close(),
      async () => client.close(),
      async () => void (await Promise.all([queue.close(), deadLetters.close()])),
      async () => topics.remove().catch(() => undefined),
    );
    const telemetry = new MemoryTelemetry();
    const transport = new QueueTransport(
      {
        capabilities: PUBSUB_CAPABILITIES,
        ...{ queue, deadLetters, unreadable: null, envelopes, clock, telemetry },
      },
      { waitMs: 1_000, hiddenMs: DEADLINE_SECONDS * 1_000 },
    );
    return { topics, queue, transport, telemetry, gateway };
  }
  const receiving = { most: 10, waitMs: 5_000, hiddenMs: DEADLINE_SECONDS * 1_000 };
  async function until(what: string, holds: () => boolean): Promise<void> {
    for (let tries = 0; !holds() && tries < 600; tries++) await clock.sleep(50);
    expect(holds(), what).to.equal(true);
  }
  const missing = () =>
    [`projects/${PROJECT}/topics/${nameOfOwn()}`, `projects/${PROJECT}/subscriptions/${nameOfOwn()}`] as const;

  it("gives texts as they were sent, with receipts and attributes", async () => {
    const { queue } = await setup();
    const attributes = { reason: "why", empty: "" };
    await queue.send([{ body: "ä😀\n", attributes }]);
    const [received] = await queue.receive(receiving);
    expect(received).to.deep.include({ body: "ä😀\n", attributes });
    expect(received?.id).to.be.a("string").and.not.equal("");
  });

  it("lets a receipt that is out of date decide nothing", async () => {
    const { queue, topics } = await setup();
    await queue.send([{ body: "text" }]);
    const [old] = await queue.receive(receiving);
    await queue.keep([old?.receipt ?? ""], 0);
    const [newer] = await queue.receive(receiving);
    expect(await queue.delete([old?.receipt ?? ""])).to.deep.equal([true]);
    await queue.keep([newer?.receipt ?? ""], 0);
    const [again] = await queue.receive(receiving);
    expect(again?.id).to.equal(newer?.id);
    await queue.delete([again?.receipt ?? ""]);
    expect(server.depthOf(topics.subscription)).to.equal(0);
  });

  it("refuses within five seconds where nobody answers", async () => {
    const { queue, gateway } = await setup();
    await queue.send([{ body: "first, so that it is connected" }]);
    gateway.block();
    const [answer] = await queue.send([{ body: "text" }]);
    expect(answer).to.equal("Unavailable: Pub/Sub did not answer in time");
  }).timeout(20_000);

  it("ends a sending that is aborted, and sends nothing where it was aborted before", async () => {
    const { queue, gateway } = await setup();
    expect(await queue.send([{ body: "text" }], AbortSignal.abort())).not.to.include(null);
    await queue.send([{ body: "another" }]);
    expect((await queue.receive(receiving)).map(({ body }) => body)).to.deep.equal(["another"]);
    gateway.block();
    const stop = new AbortController();
    const sending = queue.send([{ body: "text" }], stop.signal);
    await clock.sleep(100);
    stop.abort();
    const before = performance.now();
    expect(await sending).not.to.include(null);
    expect(performance.now() - before).to.be.lessThan(3_000);
  });

  it("says which topic and which subscription are to be created", async () => {
    await setup();
    const [topic, subscription] = missing();
    const client = new PubsubClient(server.endpoint);
    closing.push(() => client.close());
    const queue = new PubsubQueue({ client, clock, topic, subscription });
    expect((await queue.send([{ body: "text" }]))[0])
      .to.contain(topic)
      .and.to.contain("create it");
    for (const asked of [queue.receive(receiving), queue.delete(["r"]), queue.keep(["r"], 0)]) {
      const failure = await failureOf(asked);
      expect(failure).to.be.instanceOf(Conflict);
      expect(failure.message).to.contain(`The subscription ${subscription} is not there: create it`);
    }
    for (const asked of [client.needTopic(topic), client.subscribed(subscription)]) {
      expect(await failureOf(asked)).to.be.instanceOf(Conflict);
    }
  });

  it("goes on where a subscription was gone for a while, and tells so", async () => {
    const { topics, transport, telemetry } = await setup();
    const seen: string[] = [];
    const stop = new AbortController();
    const consuming = transport.consume(
      { maxInFlight: 10, maxBatch: 10 },
      (messages) =>
        messages.map(async ({ eventId }) => {
          seen.push(eventId);
          return ACK;
        }),
      stop.signal,
    );
    await transport.send([ours(1)]);
    await until("the first", () => seen.includes(ours(1).eventId));
    await clients.subscriber.deleteSubscription({ subscription: topics.subscription });
    await until("a trouble", () => telemetry.of("trouble").length > 0);
    expect((telemetry.of("trouble")[0]?.error as Error).message).to.contain(topics.subscription);
    await clients.subscriber.createSubscription({ name: topics.subscription, topic: topics.main });
    await transport.send([ours(2)]);
    await until("the second", () => seen.includes(ours(2).eventId));
    stop.abort();
    await consuming;
  }).timeout(30_000);

  it("loses none of a thousand messages that are under way while the server goes and comes back", async () => {
    const { topics, transport } = await setup();
    const messages = Array.from({ length: 1_000 }, (_, number) => ours(number));
    for (let at = 0; at < messages.length; at += 100) {
      expect((await transport.send(messages.slice(at, at + 100))).refused).to.deep.equal([]);
    }
    const gate = Promise.withResolvers<void>();
    const acknowledged = new Set<string>();
    let underWay = 0;
    const stop = new AbortController();
    const handle = (batch: readonly Message[]) =>
      batch.map(async ({ eventId }) => {
        underWay++;
        await gate.promise;
        acknowledged.add(eventId);
        return ACK;
      });
    const consuming = transport.consume({ maxInFlight: 1_000, maxBatch: 100 }, handle, stop.signal);
    await until("all under way", () => underWay === 1_000);
    await server.pause();
    gate.resolve();
    await until("all done", () => acknowledged.size === 1_000);
    await clock.sleep(1_000);
    await server.resume();
    await until("all acknowledged", () => server.depthOf(topics.subscription) === 0);
    stop.abort();
    await consuming;
    expect(acknowledged.size).to.equal(1_000);
  }).timeout(60_000);

  it("is unavailable while the server is away, and finds it again", async () => {
    const { queue } = await setup();
    await queue.send([{ body: "text" }]);
    await server.pause();
    expect((await queue.send([{ body: "another" }]))[0]).to.match(/^Unavailable: /);
    expect(await failureOf(queue.receive(receiving))).to.be.instanceOf(Unavailable);
    await server.resume();
    let bodies: readonly string[] = [];
    for (let tries = 0; bodies.length === 0 && tries < 100; tries++) {
      bodies = await queue.receive(receiving).then(
        (some) => some.map(({ body }) => body),
        () => [],
      );
      await clock.sleep(100);
    }
    expect(bodies).to.deep.equal(["text"]);
  }).timeout(30_000);
});
