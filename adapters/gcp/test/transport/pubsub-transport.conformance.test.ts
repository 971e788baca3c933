import { describeTransport } from "@punctual/adapter-sdk/conformance";
import { pullHarness, pushHarness } from "../support/pubsub-harness.js";
import { describeOnServers } from "../support/pubsub-servers.js";

describeOnServers("Pub/Sub that is pulled from", (server, opened) => {
  const site = { ...server, clients: () => opened().clients, endpoint: () => opened().endpoint };
  describeTransport("QueueTransport", pullHarness(site));
});

describeOnServers("Pub/Sub that pushes", (server, opened) => {
  const site = { ...server, clients: () => opened().clients, endpoint: () => opened().endpoint };
  describeTransport("QueueTransport", pushHarness({ ...site, ackDeadlineSeconds: server.pushDeadlineSeconds }));
});
