import { describeTransport, type Runner } from "@punctual/adapter-sdk/conformance";
import { pullHarness, pushHarness } from "../support/pubsub-harness.js";
import { describeOnServers } from "../support/pubsub-servers.js";

describeOnServers("Pub/Sub that is pulled from", (server, opened) => {
  const site = { ...server, clients: () => opened().clients, endpoint: () => opened().endpoint };
  describeTransport("QueueTransport", pullHarness(site));
});

describeOnServers("Pub/Sub that pushes", (server, opened) => {
  const site = { ...server, clients: () => opened().clients, endpoint: () => opened().endpoint };
  const harness = pushHarness({ ...site, ackDeadlineSeconds: server.pushDeadlineSeconds });
  describeTransport("QueueTransport", harness, runnerFor(server.pushesAtOnce));
});

/** `T3.4` has three messages under way at one time. */
function runnerFor(pushesAtOnce: number): Runner {
  if (pushesAtOnce >= 3) return { describe, it };
  const why = `(skipped: it pushes ${pushesAtOnce} messages at a time)`;
  const register: Runner["it"] = Object.assign(
    (title: string, run: () => Promise<void>) =>
      title.startsWith("T3.4 ") ? it.skip(`${title} ${why}`, run) : it(title, run),
    { skip: (title: string, run: () => Promise<void>) => it.skip(title, run) },
  );
  return { describe, it: register };
}
