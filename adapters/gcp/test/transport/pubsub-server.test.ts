import { status } from "@grpc/grpc-js";
import { expect } from "chai";
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from "jose";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clients, openClients } from "../../src/transport/pubsub-client.js";
import { PubsubServer } from "../support/pubsub-server/index.js";
import { describeOnServers } from "../support/pubsub-servers.js";
import { nameOfOwn, PROJECT } from "../support/pubsub-topics.js";

const SOON_MS = 5_000;
/** As short as Google's emulator lets it be. */
const DEADLINE_SECONDS = 3;
const sleep = (ms: 200 | 1_000 | 4_000) =>
  new Promise<void>((resolve) => {
    if (ms === 200) setTimeout(resolve, 200);
    else if (ms === 1_000) setTimeout(resolve, 1_000);
    else setTimeout(resolve, 4_000);
  });

/** What checks do, in few words. */
function stageOn({ publisher, subscriber }: Clients) {
  const once = { timeout: SOON_MS, retry: null };
  const stage = {
    topic: async () => {
      const [{ name }] = await publisher.createTopic({ name: `projects/${PROJECT}/topics/${nameOfOwn()}` }, once);
      return name ?? "";
    },
    subscribe: async (topic: string, spec: object = {}) => {
      const name = `projects/${PROJECT}/subscriptions/${nameOfOwn()}`;
      await subscriber.createSubscription({ name, topic, ackDeadlineSeconds: 60, ...spec }, once);
      return name;
    },
    publish: async (topic: string, ...texts: readonly string[]) => {
      const messages = texts.map((text) => ({ data: Buffer.from(text), attributes: { of: text.slice(0, 9) } }));
      const [{ messageIds }] = await publisher.publish({ topic, messages }, once);
      return messageIds ?? [];
    },
    /** What is there within a while; none is an empty list. */
    pull: async (subscription: string, maxMessages = 10, timeout = SOON_MS) => {
      try {
        const [{ receivedMessages }] = await subscriber.pull({ subscription, maxMessages }, { timeout, retry: null });
        return (receivedMessages ?? []).map(({ ackId, message, deliveryAttempt }) => ({
          ackId: ackId ?? "",
          text: Buffer.from(message?.data ?? "").toString(),
          id: message?.messageId ?? "",
          attributes: message?.attributes ?? {},
          attempt: deliveryAttempt ?? 0,
        }));
      } catch (error) {
        if (Reflect.get(error as object, "code") === status.DEADLINE_EXCEEDED) return [];
        throw error;
      }
    },
    pullOne: async (subscription: string) => {
      const [one] = await stage.pull(subscription, 1);
      return one ?? expect.fail("Nothing was there");
    },
    acknowledge: async (subscription: string, ...ackIds: readonly string[]) =>
      void (await subscriber.acknowledge({ subscription, ackIds: [...ackIds] }, once)),
    modify: async (subscription: string, ackId: string, ackDeadlineSeconds: number) =>
      void (await subscriber.modifyAckDeadline({ subscription, ackIds: [ackId], ackDeadlineSeconds }, once)),
    /** The name of the code with which it fails. */
    codeOf: async (asked: (once: object) => Promise<unknown>) => {
      try {
        await asked(once);
      } catch (error) {
        return status[Reflect.get(error as object, "code") as number];
      }
      return "OK";
    },
    ...{ publisher, subscriber },
  };
  return stage;
}

type Stage = ReturnType<typeof stageOn>;

interface Push {
  readonly body: {
    readonly message: { readonly data: string; readonly messageId: string; readonly attributes: object };
    readonly subscription: string;
    readonly deliveryAttempt?: number;
  };
  readonly headers: IncomingHttpHeaders;
  readonly at: number;
}

/** A receiver of pushes, which answers each with the next of these; null leaves it without an answer, the last one stays. */
async function receiver(...answers: readonly (number | null)[]) {
  return receiving(answers, async () => undefined);
}

/** The same, once something has come to pass. */
async function receiving(answers: readonly (number | null)[], first: () => Promise<void>) {
  const pushes: Push[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const answer = answers[Math.min(pushes.length, answers.length - 1)] ?? null;
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Push["body"];
      pushes.push({ body, headers: request.headers, at: performance.now() });
      await first();
      if (answer !== null) response.writeHead(answer).end();
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    pushes,
    config: { pushEndpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/push` },
    until: async (count: number) => {
      for (let tries = 0; pushes.length < count && tries < 100; tries++) await sleep(200);
      expect(pushes.length, "pushes").to.be.at.least(count);
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const CHECKS: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  "gives each subscription all that is published from then on": async (stage) => {
    const { topic, subscribe, publish, pull } = stage;
    const to = await topic();
    await publish(to, "before");
    const subscriptions = [await subscribe(to), await subscribe(to)];
    const ids = await publish(to, "a", "b");
    for (const subscription of subscriptions) {
      const got = [...(await pull(subscription, 1)), ...(await pull(subscription))];
      expect(got.map(({ id, text, attributes }) => ({ id, text, attributes }))).to.have.deep.members([
        { id: ids[0], text: "a", attributes: { of: "a" } },
        { id: ids[1], text: "b", attributes: { of: "b" } },
      ]);
    }
  },
  "gives no more than was asked for": async ({ topic, subscribe, publish, pull }) => {
    const to = await topic();
    const subscription = await subscribe(to);
    await publish(to, "a", "b", "c");
    expect(await pull(subscription, 2)).to.have.length(2);
  },
  "wakes who waits": async ({ topic, subscribe, publish, pullOne }) => {
    const to = await topic();
    const subscription = await subscribe(to);
    const waiting = pullOne(subscription);
    await sleep(1_000);
    await publish(to, "late");
    expect((await waiting).text).to.equal("late");
  },
  "gives again what nobody decides about, and not before its ack deadline": async (stage) => {
    const to = await stage.topic();
    const subscription = await stage.subscribe(to, { ackDeadlineSeconds: DEADLINE_SECONDS });
    await stage.publish(to, "a");
    await stage.pullOne(subscription);
    const since = performance.now();
    expect(await stage.pull(subscription, 1, 1_000), "at once").to.deep.equal([]);
    const { text } = await stage.pullOne(subscription);
    expect(text).to.equal("a");
    expect(performance.now() - since).to.be.at.least(DEADLINE_SECONDS * 1_000 - 500);
  },
  "gives what is acknowledged no more": async ({ topic, subscribe, publish, pullOne, acknowledge, pull }) => {
    const to = await topic();
    const subscription = await subscribe(to, { ackDeadlineSeconds: DEADLINE_SECONDS });
    await publish(to, "a");
    await acknowledge(subscription, (await pullOne(subscription)).ackId);
    expect(await pull(subscription)).to.deep.equal([]);
  },
  "gives at once what was given back": async ({ topic, subscribe, publish, pullOne, modify }) => {
    const to = await topic();
    const subscription = await subscribe(to);
    await publish(to, "a");
    await modify(subscription, (await pullOne(subscription)).ackId, 0);
    expect((await pullOne(subscription)).text).to.equal("a");
  },
  "keeps a message for as long as is asked, from then on": async ({
    topic,
    subscribe,
    publish,
    pullOne,
    modify,
    pull,
  }) => {
    const to = await topic();
    const subscription = await subscribe(to, { ackDeadlineSeconds: DEADLINE_SECONDS });
    await publish(to, "a");
    const { ackId } = await pullOne(subscription);
    await modify(subscription, ackId, 30);
    expect(await pull(subscription)).to.deep.equal([]);
    await modify(subscription, ackId, 0);
    expect((await pullOne(subscription)).text).to.equal("a");
  },
  "gives ack ids of which an old one decides nothing": async (stage) => {
    const to = await stage.topic();
    const subscription = await stage.subscribe(to);
    await stage.publish(to, "a");
    const old = await stage.pullOne(subscription);
    await stage.modify(subscription, old.ackId, 0);
    const newer = await stage.pullOne(subscription);
    expect(newer.ackId).not.to.equal(old.ackId);
    await stage.modify(subscription, old.ackId, 0);
    expect(await stage.pull(subscription, 1, 1_000), "given back by an old one").to.deep.equal([]);
    await stage.acknowledge(subscription, old.ackId);
    await stage.modify(subscription, newer.ackId, 0);
    expect((await stage.pullOne(subscription)).id, "acknowledged by an old one").to.equal(newer.id);
  },
  "counts how often it was given where somebody is to know": async ({ topic, subscribe, publish, pullOne, modify }) => {
    const to = await topic();
    const counted = { deadLetterPolicy: { deadLetterTopic: await topic(), maxDeliveryAttempts: 5 } };
    for (const [spec, attempts] of [
      [{}, [0, 0, 0]],
      [counted, [1, 2, 3]],
    ] as const) {
      const subscription = await subscribe(to, spec);
      await publish(to, "a");
      for (const attempt of attempts) {
        const one = await pullOne(subscription);
        expect(one.attempt).to.equal(attempt);
        await modify(subscription, one.ackId, 0);
      }
    }
  },
  "makes a dead letter of what was given too often, and says of what": async (stage) => {
    const [to, dead] = [await stage.topic(), await stage.topic()];
    const letters = await stage.subscribe(dead);
    const subscription = await stage.subscribe(to, {
      deadLetterPolicy: { deadLetterTopic: dead, maxDeliveryAttempts: 5 },
    });
    await stage.publish(to, "a");
    for (let attempt = 1; attempt <= 5; attempt++) {
      await stage.modify(subscription, (await stage.pullOne(subscription)).ackId, 0);
    }
    // Google's emulator notices it when the subscription is asked for more.
    const again = stage.pull(subscription, 1, 3_000);
    const [letter] = await stage.pull(letters, 1, 20_000);
    if (letter === undefined) return expect.fail("There is no letter");
    const { CloudPubSubDeadLetterSourceTopicPublishTime: published, ...attributes } = letter.attributes;
    expect(letter.text).to.equal("a");
    expect(new Date(published ?? "").getTime()).to.be.greaterThan(0);
    expect(attributes).to.deep.equal({
      of: "a",
      CloudPubSubDeadLetterSourceDeliveryCount: "5",
      CloudPubSubDeadLetterSourceSubscription: subscription.split("/").at(-1),
      CloudPubSubDeadLetterSourceSubscriptionProject: PROJECT,
    });
    expect(await again, "and yet given again").to.deep.equal([]);
  },
  "waits before it gives again, where a policy says so": async ({ topic, subscribe, publish, pullOne, modify }) => {
    const to = await topic();
    const subscription = await subscribe(to, {
      retryPolicy: { minimumBackoff: { seconds: 1 }, maximumBackoff: { seconds: 2 } },
    });
    await publish(to, "a");
    // Google's emulator does not wait the first time.
    for (let attempt = 1; attempt <= 2; attempt++) await modify(subscription, (await pullOne(subscription)).ackId, 0);
    const since = performance.now();
    expect((await pullOne(subscription)).text).to.equal("a");
    expect(performance.now() - since).to.be.at.least(900);
  },
  "says what is not there, what is there already, and what is wrong": async (stage) => {
    const { publisher, subscriber, codeOf } = stage;
    const topic = await stage.topic();
    const subscription = await stage.subscribe(topic);
    const none = { topic: `projects/${PROJECT}/topics/none`, subscription: `projects/${PROJECT}/subscriptions/none` };
    const text = { data: Buffer.from("x") };
    const ours = (of: object) => ({ name: `projects/${PROJECT}/subscriptions/${nameOfOwn()}`, topic, ...of });
    const said = {
      "get no topic": codeOf((by) => publisher.getTopic(none, by)),
      "get a topic": codeOf((by) => publisher.getTopic({ topic }, by)),
      "publish to none": codeOf((by) => publisher.publish({ topic: none.topic, messages: [text] }, by)),
      "delete no topic": codeOf((by) => publisher.deleteTopic({ topic: none.topic }, by)),
      "get no subscription": codeOf((by) => subscriber.getSubscription({ subscription: none.subscription }, by)),
      "pull from none": codeOf((by) => subscriber.pull({ subscription: none.subscription, maxMessages: 1 }, by)),
      "acknowledge at none": codeOf((by) =>
        subscriber.acknowledge({ subscription: none.subscription, ackIds: ["x"] }, by),
      ),
      "delete no subscription": codeOf((by) => subscriber.deleteSubscription({ subscription: none.subscription }, by)),
      "subscribe to none": codeOf((by) => subscriber.createSubscription(ours({ topic: none.topic }), by)),
      "a topic again": codeOf((by) => publisher.createTopic({ name: topic }, by)),
      "a subscription again": codeOf((by) => subscriber.createSubscription({ name: subscription, topic }, by)),
      "publish nothing": codeOf((by) => publisher.publish({ topic, messages: [] }, by)),
      "publish an empty one": codeOf((by) => publisher.publish({ topic, messages: [{}] }, by)),
      "publish too many": codeOf((by) =>
        publisher.publish({ topic, messages: Array.from({ length: 1_001 }, () => text) }, by),
      ),
      "publish many": codeOf((by) =>
        publisher.publish({ topic, messages: Array.from({ length: 1_000 }, () => text) }, by),
      ),
      "pull none": codeOf((by) => subscriber.pull({ subscription, maxMessages: 0 }, by)),
      "an odd ack id": codeOf((by) => subscriber.acknowledge({ subscription, ackIds: ["x"] }, by)),
      "an odd ack id, kept": codeOf((by) =>
        subscriber.modifyAckDeadline({ subscription, ackIds: ["x"], ackDeadlineSeconds: 5 }, by),
      ),
      "no ack ids": codeOf((by) => subscriber.acknowledge({ subscription, ackIds: [] }, by)),
      "too long a deadline": codeOf((by) => subscriber.createSubscription(ours({ ackDeadlineSeconds: 601 }), by)),
    };
    const codes = await Promise.all(Object.entries(said).map(async ([what, code]) => [what, await code] as const));
    expect(Object.fromEntries(codes)).to.deep.equal({
      "get no topic": "NOT_FOUND",
      "get a topic": "OK",
      "publish to none": "NOT_FOUND",
      "delete no topic": "NOT_FOUND",
      "get no subscription": "NOT_FOUND",
      "pull from none": "NOT_FOUND",
      "acknowledge at none": "NOT_FOUND",
      "delete no subscription": "NOT_FOUND",
      "subscribe to none": "NOT_FOUND",
      "a topic again": "ALREADY_EXISTS",
      "a subscription again": "ALREADY_EXISTS",
      "publish nothing": "INVALID_ARGUMENT",
      "publish an empty one": "INVALID_ARGUMENT",
      "publish too many": "INVALID_ARGUMENT",
      "publish many": "OK",
      "pull none": "INVALID_ARGUMENT",
      "an odd ack id": "INVALID_ARGUMENT",
      "an odd ack id, kept": "INVALID_ARGUMENT",
      "no ack ids": "INVALID_ARGUMENT",
      "too long a deadline": "INVALID_ARGUMENT",
    });
  },
  "takes a request of nine million bytes": async ({ topic, subscribe, publish, pullOne }) => {
    const to = await topic();
    const subscription = await subscribe(to);
    await publish(to, "x".repeat(9_000_000));
    expect((await pullOne(subscription)).text).to.have.length(9_000_000);
  },
  "forgets a subscription, and tells so who asks it": async ({ topic, subscribe, subscriber, codeOf, publish }) => {
    const to = await topic();
    const subscription = await subscribe(to);
    await publish(to, "a");
    await subscriber.deleteSubscription({ subscription });
    expect(await codeOf((by) => subscriber.pull({ subscription, maxMessages: 1 }, by))).to.equal("NOT_FOUND");
  },
  "pushes in an envelope, until it is taken": async ({ topic, subscribe, publish, pull }) => {
    const to = await topic();
    const service = await receiver(500, 404, 302, 204);
    const subscription = await subscribe(to, { pushConfig: service.config });
    const [id] = await publish(to, "a");
    await service.until(4);
    for (const { body, headers } of service.pushes) {
      expect(headers["content-type"]).to.contain("application/json");
      expect(body.subscription).to.equal(subscription);
      expect(body.message).to.include({ data: Buffer.from("a").toString("base64"), messageId: id, message_id: id });
      expect(body.message.attributes).to.deep.equal({ of: "a" });
      expect(body.message).to.include.keys("publishTime", "publish_time");
    }
    await sleep(4_000);
    expect(service.pushes).to.have.length(4);
    expect(await pull(subscription, 1, 1_000).catch(() => []), "taken, and yet there").to.deep.equal([]);
    service.close();
  },
  "is content with each answer that takes a push": async ({ topic, subscribe, publish }) => {
    const to = await topic();
    // Google's emulator does not know 202, and Google does.
    const services = await Promise.all([200, 201, 204].map((answer) => receiver(answer)));
    for (const { config } of services) await subscribe(to, { pushConfig: config });
    await publish(to, "a");
    for (const service of services) await service.until(1);
    await sleep(4_000);
    for (const { pushes, close } of services) {
      expect(pushes).to.have.length(1);
      close();
    }
  },
  "pushes again what is not answered in time": async ({ topic, subscribe, publish }) => {
    const to = await topic();
    const service = await receiver(null, 204);
    await subscribe(to, { pushConfig: service.config, ackDeadlineSeconds: DEADLINE_SECONDS });
    await publish(to, "a");
    await service.until(2);
    const [first, second] = service.pushes;
    expect((second?.at ?? 0) - (first?.at ?? 0)).to.be.at.least(DEADLINE_SECONDS * 1_000 - 500);
    service.close();
  },
  "makes a dead letter of what was pushed in vain": async ({ topic, subscribe, publish, pull }) => {
    const [to, dead] = [await topic(), await topic()];
    const letters = await subscribe(dead);
    const service = await receiver(500);
    await subscribe(to, {
      pushConfig: service.config,
      retryPolicy: { minimumBackoff: { seconds: 0, nanos: 1e8 }, maximumBackoff: { seconds: 1 } },
      deadLetterPolicy: { deadLetterTopic: dead, maxDeliveryAttempts: 5 },
    });
    await publish(to, "a");
    const [letter] = await pull(letters, 1, 20_000);
    expect(letter?.text).to.equal("a");
    expect(letter?.attributes["CloudPubSubDeadLetterSourceDeliveryCount"]).to.equal("5");
    expect(service.pushes).to.have.length(5);
    service.close();
  },
  "begins to push once it is told where to": async ({ topic, subscribe, publish, subscriber }) => {
    const to = await topic();
    const subscription = await subscribe(to);
    await publish(to, "a");
    const service = await receiver(204);
    await subscriber.modifyPushConfig({ subscription, pushConfig: service.config });
    await service.until(1);
    service.close();
  },
};

describeOnServers("Pub/Sub", (_, opened) => {
  const running = new Map<string, Promise<void>>();
  before(() => {
    // Side by side, since they mostly wait.
    for (const [what, check] of Object.entries(CHECKS)) running.set(what, check(stageOn(opened().clients)));
    for (const one of running.values()) one.catch(() => undefined); // told by its own test
  });
  for (const what of Object.keys(CHECKS)) it(what, () => running.get(what)).timeout(60_000);
});

describe("A Pub/Sub of our own", () => {
  async function setup(options: Parameters<typeof PubsubServer.start>[0] = {}) {
    const server = await PubsubServer.start(options);
    const clients = await openClients(server.endpoint);
    const stop = async () => {
      await Promise.all([clients.publisher.close(), clients.subscriber.close()]);
      await server.stop();
    };
    return { server, stop, ...stageOn(clients) };
  }
  /** The library comes back to a server by itself, after a while. */
  async function backAt<T>(ask: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        return await ask();
      } catch (error) {
        if (tries === 50 || Reflect.get(error as object, "code") !== status.UNAVAILABLE) throw error;
        await sleep(200);
      }
    }
  }

  it("keeps everything while it is away", async () => {
    const { server, stop, topic, subscribe, publish, pullOne, codeOf, pull, publisher } = await setup();
    const to = await topic();
    const subscription = await subscribe(to, { ackDeadlineSeconds: 10 });
    await publish(to, "a");
    const endpoint = server.endpoint;
    await server.pause();
    expect(await codeOf((by) => publisher.getTopic({ topic: to }, by))).to.be.oneOf(["UNAVAILABLE", "CANCELLED"]);
    await server.resume();
    expect(server.endpoint).to.equal(endpoint);
    expect((await backAt(() => pull(subscription)))[0]?.text).to.equal("a");
    await publish(to, "b");
    expect((await pullOne(subscription)).text).to.equal("b");
    await stop();
  }).timeout(30_000);

  it("forgets everything when it is lost", async () => {
    const { server, stop, topic, subscribe, codeOf, subscriber } = await setup();
    const subscription = await subscribe(await topic());
    await server.lose();
    await server.resume();
    const asked = backAt(() => subscriber.getSubscription({ subscription }, { timeout: SOON_MS, retry: null }));
    expect(await codeOf(() => asked)).to.equal("NOT_FOUND");
    await stop();
  }).timeout(30_000);

  it("ends who waits when it goes away", async () => {
    const { server, stop, topic, subscribe, pull } = await setup();
    const waiting = pull(await subscribe(await topic())).catch((error: unknown) => error);
    await sleep(200);
    await server.pause();
    expect(await waiting).to.be.instanceOf(Error);
    await stop();
  });

  it("goes on pushing, however many come while as many are under way as may be", async () => {
    const { stop, topic, subscribe, publish } = await setup();
    const to = await topic();
    const service = await receiving([204], () => sleep(200));
    await subscribe(to, { pushConfig: service.config });
    // Also where the last of them come while as many are under way as may be.
    for (let batch = 0; batch < 7; batch++) {
      await publish(to, ...Array.from({ length: 50 }, (_, index) => `text ${batch} ${index}`));
    }
    await service.until(350);
    expect(new Set(service.pushes.map(({ body }) => body.message["messageId"])).size).to.equal(350);
    service.close();
    await stop();
  }).timeout(60_000);

  it("pushes again what was under way when it went", async () => {
    const { server, stop, topic, subscribe, publish } = await setup();
    const to = await topic();
    const service = await receiver(null, 204);
    await subscribe(to, { pushConfig: service.config });
    await publish(to, "a");
    await service.until(1);
    await server.pause();
    await server.resume();
    await service.until(2);
    service.close();
    await stop();
  }).timeout(30_000);

  it("pushes with a token that says who pushes, and to whom", async () => {
    const { publicKey, privateKey } = await generateKeyPair("RS256");
    const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), alg: "RS256", kid: "1" }] });
    const { stop, topic, subscribe, publish } = await setup({
      sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "1", typ: "JWT" }).sign(privateKey),
    });
    const to = await topic();
    const [named, unnamed, without] = await Promise.all([receiver(204), receiver(204), receiver(204)]);
    const serviceAccountEmail = "pusher@punctual-test.iam.gserviceaccount.com";
    const oidcToken = { serviceAccountEmail };
    await subscribe(to, {
      pushConfig: { ...named.config, oidcToken: { ...oidcToken, audience: "https://worker.test" } },
    });
    await subscribe(to, { pushConfig: { ...unnamed.config, oidcToken } });
    await subscribe(to, { pushConfig: without.config });
    await publish(to, "a");
    for (const [service, audience] of [
      [named, "https://worker.test"],
      [unnamed, unnamed.config.pushEndpoint],
    ] as const) {
      await service.until(1);
      const [, token = ""] = service.pushes[0]?.headers.authorization?.split("Bearer ") ?? [];
      const { payload } = await jwtVerify(token, keys, { issuer: "https://accounts.google.com", audience });
      expect(payload).to.include({ email: serviceAccountEmail, email_verified: true });
      expect(payload.sub).to.be.a("string").and.not.equal("");
      expect(payload.exp).to.be.greaterThan(Date.now() / 1_000);
    }
    await without.until(1);
    expect(without.pushes[0]?.headers).not.to.have.property("authorization");
    for (const service of [named, unnamed, without]) service.close();
    await stop();
  });
});
