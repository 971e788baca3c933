import {
  claimsOf,
  makeTopics,
  openClients,
  PubsubServer,
  startTasksServer,
  type TopicOptions,
} from "@punctual/adapter-gcp/testing";
import { CALLER, PROJECT, type Project } from "./project.js";

/** As Pub/Sub allows at the least. */
const LEAST_ACK_SECONDS = 10;

/** Pub/Sub, that pushes to the services of a project. */
export async function pubsubFor(
  { issuer, services, begin }: Project,
  { hiddenSeconds, again }: { readonly hiddenSeconds: number } & Pick<TopicOptions, "again">,
) {
  const server = await PubsubServer.start({ sign: issuer.sign });
  const clients = await openClients(server.endpoint);
  const ackDeadlineSeconds = Math.max(hiddenSeconds, LEAST_ACK_SECONDS);
  const topics = await makeTopics(clients, {
    ackDeadlineSeconds,
    ...(again !== undefined && { again }),
    push: {
      messages: `${services.worker.url}/push`,
      deadLetters: `${services.deadLetters.url}/push`,
      oidcToken: CALLER,
    },
  });
  const short = (name: string) => name.split("/").at(-1) ?? "";
  await begin({
    PUNCTUAL_TRANSPORT_PROJECT: PROJECT,
    PUNCTUAL_TRANSPORT_TOPIC: short(topics.main),
    PUNCTUAL_TRANSPORT_SUBSCRIPTION: short(topics.subscription),
    PUNCTUAL_TRANSPORT_DEAD_LETTER_TOPIC: short(topics.deadLetters),
    PUNCTUAL_TRANSPORT_DEAD_LETTER_SUBSCRIPTION: short(topics.deadLetterSubscription),
    PUNCTUAL_TRANSPORT_UNREADABLE_TOPIC: short(topics.unreadable),
    PUNCTUAL_TRANSPORT_ENDPOINT: server.endpoint,
    PUNCTUAL_TRANSPORT_ACK_DEADLINE_SECONDS: String(ackDeadlineSeconds),
  });
  return {
    ...{ server, topics },
    close: async () => {
      await topics.remove();
      await Promise.all([clients.publisher.close(), clients.subscriber.close()]);
      await server.stop();
    },
  };
}

/** Cloud Tasks, that pushes to the worker of a project. */
export async function tasksFor({ issuer, services, begin }: Project) {
  const sign = async (audience: string, email: string) => issuer.sign(claimsOf(audience, email, new Date()));
  const server = await startTasksServer({ sign, deadlineMs: 70_000 });
  const [location, queue] = ["europe-west3", "punctual"];
  server.addQueue(`projects/${PROJECT}/locations/${location}/queues/${queue}`);
  await begin({
    PUNCTUAL_TRANSPORT: "cloud-tasks",
    PUNCTUAL_TRANSPORT_PROJECT: PROJECT,
    PUNCTUAL_TRANSPORT_LOCATION: location,
    PUNCTUAL_TRANSPORT_QUEUE: queue,
    PUNCTUAL_TRANSPORT_URL: `${services.worker.url}/push`,
    PUNCTUAL_TRANSPORT_SERVICE_ACCOUNT: CALLER.serviceAccountEmail,
    PUNCTUAL_TRANSPORT_AUDIENCE: CALLER.audience,
    PUNCTUAL_TRANSPORT_ENDPOINT: server.endpoint,
  });
  return { close: async () => server.stop() };
}
