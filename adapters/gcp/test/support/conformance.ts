import type { TransportHarness } from "@punctual/adapter-sdk/conformance";
import { openClients } from "../../src/transport/pubsub-client.js";
import { pullHarness } from "./pubsub-harness.js";
import { PROJECT } from "./pubsub-topics.js";

/**
 * For `punctual conformance @punctual/adapter-gcp`: at `PUNCTUAL_TRANSPORT_ENDPOINT`, an emulator, or in the project that
 * `PUNCTUAL_TRANSPORT_PROJECT` names. Each case makes topics of its own and removes them.
 */
export async function harness(variables: Readonly<Record<string, string | undefined>>): Promise<TransportHarness> {
  const endpoint = variables["PUNCTUAL_TRANSPORT_ENDPOINT"]?.replace(/^http:\/\//, "") ?? null;
  const clients = await openClients(endpoint);
  return pullHarness({
    ...{ clients: () => clients, endpoint: () => endpoint, blockable: endpoint !== null },
    project: variables["PUNCTUAL_TRANSPORT_PROJECT"] ?? PROJECT,
    ...(endpoint === null
      ? { patienceMs: 5_000, ackDeadlineSeconds: 15, atOnce: 10 }
      : { patienceMs: 3_000, ackDeadlineSeconds: 10, atOnce: 20 }),
  });
}
