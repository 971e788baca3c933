import type { Graph } from "@punctual/stack-testkit";
import { expect } from "chai";
import { at, platformIn } from "./support/platform.js";

const SUBSCRIPTION = "gcp:pubsub/subscription:Subscription";
const TOPIC = "gcp:pubsub/topic:Topic";
const PREFIX = "punctual-dev-";

const subscription = (graph: Graph, queue: string) => graph.one(SUBSCRIPTION, `punctual-dev-subscriptions-${queue}`);
const tokens = {
  serviceAccountEmail: "punctual-dev-callers@acme-punctual-dev.iam.gserviceaccount.com",
  audience: "punctual-dev-callers",
};

describe("Subscriptions", () => {
  it("push events to the worker, and give up what was tried five times", async () => {
    const graph = await platformIn();
    const events = subscription(graph, "events");

    expect(events.inputs).to.deep.equal({
      name: "punctual-dev-events",
      topic: "punctual-dev-topics-events-id",
      ackDeadlineSeconds: 600,
      messageRetentionDuration: "345600s",
      expirationPolicy: { ttl: "" },
      retryPolicy: { minimumBackoff: "10s", maximumBackoff: "600s" },
      pushConfig: { pushEndpoint: "https://punctual-dev-worker-abc-ew.a.run.app/push", oidcToken: tokens },
      deadLetterPolicy: { deadLetterTopic: "punctual-dev-topics-dead-letters-id", maxDeliveryAttempts: 5 },
    });
  });

  it("push dead letters to who looks after them, and never give them up", async () => {
    const dead = subscription(await platformIn(), "dead-letters");

    expect(at(dead, "pushConfig")).to.deep.equal({
      pushEndpoint: "https://punctual-dev-dead-letters-abc-ew.a.run.app/push",
      oidcToken: tokens,
    });
    expect(dead.inputs).not.to.have.property("deadLetterPolicy");
    expect(dead.inputs).to.deep.include({
      messageRetentionDuration: "1209600s",
      expirationPolicy: { ttl: "" },
      retryPolicy: { minimumBackoff: "10s", maximumBackoff: "600s" },
    });
  });

  it("keep what nobody can read for a person", async () => {
    const unreadable = subscription(await platformIn(), "unreadable");

    expect(unreadable.inputs).not.to.have.any.keys("pushConfig", "deadLetterPolicy");
    expect(unreadable.inputs).to.deep.include({ expirationPolicy: { ttl: "" }, messageRetentionDuration: "1209600s" });
  });

  it("give messages up when Pub/Sub may publish them", async () => {
    const graph = await platformIn();
    const agent = graph.one(
      "gcp:pubsub/topicIAMMember:TopicIAMMember",
      "punctual-dev-subscriptions-dead-letters-agent",
    );

    expect(graph.dependsOn(subscription(graph, "events"), agent)).to.be.true;
  });

  it("push when Pub/Sub may make the tokens of who calls, which Google gives it nowhere by itself", async () => {
    const graph = await platformIn();
    const signs = graph.one("gcp:serviceaccount/iAMMember:IAMMember");

    expect(graph.sourcesOf(signs, "serviceAccountId").map(({ name }) => name)).to.deep.equal([
      "punctual-dev-accounts-callers",
    ]);
    for (const queue of ["events", "dead-letters"])
      expect(graph.dependsOn(subscription(graph, queue), signs), queue).to.be.true;
  });

  it("have a topic each, sealed and in the region", async () => {
    const graph = await platformIn();

    expect(graph.all(TOPIC).map(({ inputs }) => inputs["name"])).to.have.members(
      ["events", "dead-letters", "unreadable"].map((queue) => PREFIX + queue),
    );
    for (const topic of graph.all(TOPIC)) {
      expect(topic.inputs).to.deep.include({
        kmsKeyName: "punctual-dev-keys-shared-id",
        messageStoragePolicy: { allowedPersistenceRegions: ["europe-west1"] },
      });
    }
  });

  it("are not there in a single stage", async () => {
    const graph = await platformIn({ raw: { scheduler: "single-stage" } });

    expect([...graph.all(SUBSCRIPTION), ...graph.all(TOPIC)]).to.be.empty;
  });
});

describe("The tick", () => {
  it("comes once a minute, waits as long as the scheduler was told, and is not tried again", async () => {
    const tick = (await platformIn()).one("gcp:cloudscheduler/job:Job");

    expect(tick.inputs).to.deep.equal({
      name: "punctual-dev-tick",
      region: "europe-west1",
      schedule: "* * * * *",
      timeZone: "Etc/UTC",
      attemptDeadline: "180s",
      retryConfig: { retryCount: 0 },
      httpTarget: {
        httpMethod: "POST",
        uri: "https://punctual-dev-scheduler-abc-ew.a.run.app/tick",
        oidcToken: tokens,
      },
    });
  });
});
