import { API_VERSION, loadTransport, QueueTransport } from "@punctual/adapter-sdk";
import { failureOf, NOON } from "@punctual/adapter-sdk/testing";
import { Conflict, Unavailable } from "@punctual/core";
import { MemoryClock, MemoryTelemetry } from "@punctual/core/memory";
import { expect } from "chai";
import type { PubsubConfig } from "../../src/config.js";
import { transport } from "../../src/pubsub.js";
import { PUBSUB_PUSH_CAPABILITIES } from "../../src/transport/capabilities.js";
import { openPubsub, openPushedPubsub } from "../../src/transport/open-pubsub.js";
import { type Clients, openClients } from "../../src/transport/pubsub-client.js";
import { PubsubServer } from "../support/pubsub-server/index.js";
import { makeTopics, PROJECT, type Topics } from "../support/pubsub-topics.js";

const NAMES = {
  PUNCTUAL_TRANSPORT_PROJECT: "punctual-test",
  PUNCTUAL_TRANSPORT_TOPIC: "events",
  PUNCTUAL_TRANSPORT_SUBSCRIPTION: "events-worker",
  PUNCTUAL_TRANSPORT_DEAD_LETTER_TOPIC: "events-dead-letters",
  PUNCTUAL_TRANSPORT_DEAD_LETTER_SUBSCRIPTION: "events-dead-letters-worker",
};

/** As a program asks, which knows nothing of the schema but its standard. */
async function configOf(variables: Readonly<Record<string, string>>): Promise<PubsubConfig | readonly string[]> {
  const result = await transport.config["~standard"].validate(variables);
  if (result.issues === undefined) return result.value;
  return result.issues.map(({ path = [], message }) => `${path.map(String).join(".")}: ${message}`);
}

const problemsIn = async (variables: Readonly<Record<string, string>>): Promise<readonly string[]> => {
  const read = await configOf(variables);
  return Array.isArray(read) ? (read as readonly string[]) : [];
};

describe("the transport `pubsub`", () => {
  it("says what it is", () => {
    expect(transport).to.include({ name: "pubsub", apiVersion: API_VERSION });
    expect(transport.capabilities).to.deep.equal({
      ...{ name: "pubsub", maxDelaySeconds: 0, maxBatch: 100, maxBodyBytes: 262_144, ordering: "none" },
      ...{ deadLetters: true, push: false, early: "scheduler" },
    });
    expect(PUBSUB_PUSH_CAPABILITIES).to.deep.equal({ ...transport.capabilities, push: true });
  });

  it("needs names, and has defaults for the rest", async () => {
    expect(await configOf(NAMES)).to.deep.equal({
      ...{ project: "punctual-test", topic: "events", subscription: "events-worker" },
      ...{ deadLetterTopic: "events-dead-letters", deadLetterSubscription: "events-dead-letters-worker" },
      ...{ unreadableTopic: null, endpoint: null, ackDeadlineSeconds: 60 },
    });
  });

  it("reads all of it", async () => {
    const more = {
      ...NAMES,
      PUNCTUAL_TRANSPORT_UNREADABLE_TOPIC: "events-unreadable",
      PUNCTUAL_TRANSPORT_ACK_DEADLINE_SECONDS: "600",
    };
    for (const endpoint of ["127.0.0.1:8085", "http://127.0.0.1:8085"]) {
      expect(await configOf({ ...more, PUNCTUAL_TRANSPORT_ENDPOINT: endpoint })).to.deep.include({
        ...{ unreadableTopic: "events-unreadable", endpoint: "127.0.0.1:8085", ackDeadlineSeconds: 600 },
      });
    }
  });

  it("tells all that is missing at once", async () => {
    expect((await problemsIn({})).map((problem) => problem.split(":")[0])).to.deep.equal(Object.keys(NAMES));
  });

  it("tells all that is wrong at once, and repeats nothing of it", async () => {
    const wrong = {
      PUNCTUAL_TRANSPORT_PROJECT: "Hunter2!",
      PUNCTUAL_TRANSPORT_TOPIC: "projects/hunter2/topics/events",
      PUNCTUAL_TRANSPORT_SUBSCRIPTION: "2hunter",
      PUNCTUAL_TRANSPORT_DEAD_LETTER_TOPIC: "goog-hunter2",
      PUNCTUAL_TRANSPORT_DEAD_LETTER_SUBSCRIPTION: "h2",
      PUNCTUAL_TRANSPORT_UNREADABLE_TOPIC: "",
      PUNCTUAL_TRANSPORT_ENDPOINT: "https://hunter2",
      PUNCTUAL_TRANSPORT_ACK_DEADLINE_SECONDS: "hunter2",
    };
    const problems = await problemsIn(wrong);
    expect(problems.map((problem) => problem.split(":")[0])).to.deep.equal(Object.keys(wrong));
    expect(problems.join()).not.to.contain("unter2");
  });

  it("refuses an ack deadline that Pub/Sub does not know", async () => {
    for (const value of ["0", "9", "601", "10.5", "-1"]) {
      const problems = await problemsIn({ ...NAMES, PUNCTUAL_TRANSPORT_ACK_DEADLINE_SECONDS: value });
      expect(problems, value).to.have.length(1);
    }
  });

  it("tells a slip in a name", async () => {
    const problems = await problemsIn({ ...NAMES, PUNCTUAL_TRANSPORT_TOPICS: "hunter2" });
    expect(problems.join()).to.contain("PUNCTUAL_TRANSPORT_TOPICS").and.not.to.contain("hunter2");
  });
});

describe("the transport `pubsub`, open", () => {
  let server: PubsubServer;
  let clients: Clients;
  let topics: Topics;
  const closing: (() => Promise<void>)[] = [];
  const deps = { clock: new MemoryClock(NOON), telemetry: new MemoryTelemetry(), keys: [Buffer.alloc(32, 1)] };
  const short = (name: string) => name.slice(name.lastIndexOf("/") + 1);
  const config = (of: Partial<PubsubConfig> = {}): PubsubConfig => ({
    ...{ project: PROJECT, topic: short(topics.main), subscription: short(topics.subscription) },
    deadLetterTopic: short(topics.deadLetters),
    deadLetterSubscription: short(topics.deadLetterSubscription),
    ...{ unreadableTopic: short(topics.unreadable), endpoint: server.endpoint, ackDeadlineSeconds: 60, ...of },
  });
  const opened = (of: Partial<PubsubConfig> = {}, holdMs: number | null = null) => {
    const open = holdMs === null ? openPubsub(config(of), deps) : openPushedPubsub(config(of), deps, holdMs);
    closing.push(() => open.close());
    return open;
  };
  before(async () => {
    server = await PubsubServer.start();
    clients = await openClients(server.endpoint);
    topics = await makeTopics(clients, { ackDeadlineSeconds: 60 });
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  after(async () => {
    await topics.remove();
    await Promise.all([clients.publisher.close(), clients.subscriber.close()]);
    await server.stop();
  });

  it("is loaded by its name, looked at, and closed", async () => {
    const { project, topic, subscription, deadLetterTopic, deadLetterSubscription, endpoint } = config();
    const variables = {
      PUNCTUAL_TRANSPORT_PROJECT: project,
      PUNCTUAL_TRANSPORT_TOPIC: topic,
      PUNCTUAL_TRANSPORT_SUBSCRIPTION: subscription,
      PUNCTUAL_TRANSPORT_DEAD_LETTER_TOPIC: deadLetterTopic,
      PUNCTUAL_TRANSPORT_DEAD_LETTER_SUBSCRIPTION: deadLetterSubscription,
      PUNCTUAL_TRANSPORT_ENDPOINT: endpoint ?? "",
    };
    const loaded = await loadTransport("@punctual/adapter-gcp/pubsub", variables, {
      ...deps,
      from: import.meta.dirname,
    });
    expect(loaded.transport).to.be.instanceOf(QueueTransport);
    await loaded.check();
    await loaded.close();
  });

  for (const [what, of] of Object.entries<(name: string) => Partial<PubsubConfig>>({
    topic: (topic) => ({ topic }),
    subscription: (subscription) => ({ subscription }),
    "dead-letter topic": (deadLetterTopic) => ({ deadLetterTopic }),
    "dead-letter subscription": (deadLetterSubscription) => ({ deadLetterSubscription }),
    "unreadable topic": (unreadableTopic) => ({ unreadableTopic }),
  })) {
    it(`says that the ${what} is to be created`, async () => {
      const failure = await failureOf(opened(of("not-there")).check());
      expect(failure).to.be.instanceOf(Conflict);
      expect(failure.message).to.match(
        /^The (topic|subscription) projects\/punctual-test\/\w+\/not-there is not there: create it/,
      );
    });
  }

  it("says that a subscription is of another topic", async () => {
    const failure = await failureOf(opened({ subscription: short(topics.deadLetterSubscription) }).check());
    expect(failure).to.be.instanceOf(Conflict);
    expect(failure.message).to.contain(`not one of ${topics.main}`);
  });

  it("says that a subscription's ack deadline is too short", async () => {
    await opened({ ackDeadlineSeconds: 60 }).check();
    const failure = await failureOf(opened({ ackDeadlineSeconds: 61 }).check());
    expect(failure).to.be.instanceOf(Conflict);
    expect(failure.message).to.contain("an ack deadline of 60 s; it must be 61 s at least");
  });

  it("says that a subscription is pulled from, where it is to push, and the other way round", async () => {
    expect((await failureOf(opened({}, 1_000).check())).message).to.contain("pushes to nobody");
    const push = { messages: "http://127.0.0.1:9/messages", deadLetters: "http://127.0.0.1:9/dead-letters" };
    const pushing = await makeTopics(clients, { ackDeadlineSeconds: 60, push });
    closing.push(() => pushing.remove());
    const of = {
      ...{ topic: short(pushing.main), subscription: short(pushing.subscription) },
      deadLetterTopic: short(pushing.deadLetters),
      deadLetterSubscription: short(pushing.deadLetterSubscription),
    };
    await opened(of, 1_000).check();
    expect((await failureOf(opened(of).check())).message).to.contain("name one that is pulled from");
    expect(opened(of, 1_000).transport.capabilities).to.deep.equal(PUBSUB_PUSH_CAPABILITIES);
  });

  it("is unavailable while the server is away", async () => {
    const { check } = opened();
    await check();
    await server.pause();
    try {
      expect(await failureOf(check())).to.be.instanceOf(Unavailable);
    } finally {
      await server.resume();
    }
  });
});
