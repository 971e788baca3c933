import { openClients } from "../../src/transport/pubsub-client.js";
import { endpointOfEmulator, NO_EMULATOR } from "./pubsub-emulator.js";
import type { PubsubSite } from "./pubsub-harness.js";
import { PubsubServer } from "./pubsub-server/index.js";

/** Something that speaks Pub/Sub, and how well. */
export interface PubsubTestServer extends Omit<PubsubSite, "clients" | "endpoint"> {
  readonly name: string;
  /** Why it is not asked; null if it is. */
  readonly absent: string | null;
  /** For how long a message is kept where it is pushed: longer than a retry may have to be held. */
  readonly pushDeadlineSeconds: number;
  /** How many messages of a subscription are pushed side by side. */
  readonly pushesAtOnce: number;
  open(): Promise<{
    readonly endpoint: string;
    readonly clients: Awaited<ReturnType<typeof openClients>>;
    stop(): Promise<void>;
  }>;
}

const ours: PubsubTestServer = {
  name: "a server of our own",
  absent: null,
  patienceMs: 1_500,
  ackDeadlineSeconds: 4,
  pushDeadlineSeconds: 8,
  pushesAtOnce: 100,
  ...{ atOnce: 20, blockable: true },
  open: async () => {
    // It answers before who asks is gone: Google's waits for longer, as the library allows.
    const server = await PubsubServer.start({ leastAckDeadlineSeconds: 1 });
    return openedAt(server.endpoint, () => server.stop());
  },
};

const googles: PubsubTestServer = {
  name: "Google's emulator",
  absent: NO_EMULATOR,
  patienceMs: 3_000,
  ackDeadlineSeconds: 8,
  pushDeadlineSeconds: 12,
  pushesAtOnce: 2,
  ...{ atOnce: 40, blockable: true },
  open: async () => openedAt(await endpointOfEmulator(), async () => undefined),
};

/** Each that is there is asked the same. */
export const PUBSUB_SERVERS: readonly PubsubTestServer[] = [ours, googles];

async function openedAt(endpoint: string, stop: () => Promise<void>) {
  const clients = await openClients(endpoint);
  return {
    ...{ endpoint, clients },
    stop: async () => {
      await Promise.all([clients.publisher.close(), clients.subscriber.close()]);
      await stop();
    },
  };
}

/** A suite for each server, or a skip whose title has the reason. */
export function describeOnServers(
  title: string,
  build: (server: PubsubTestServer, opened: () => Awaited<ReturnType<PubsubTestServer["open"]>>) => void,
): void {
  for (const server of PUBSUB_SERVERS) {
    if (server.absent !== null) it(`${title} on ${server.name} (skipped: ${server.absent})`);
    else {
      describe(`${title} on ${server.name}`, () => {
        let opened: Awaited<ReturnType<PubsubTestServer["open"]>>;
        before(async () => void (opened = await server.open()));
        after(() => opened.stop());
        build(server, () => opened);
      });
    }
  }
}
