import { SQSClient } from "@aws-sdk/client-sqs";
import type { TransportHarness } from "@punctual/adapter-sdk/conformance";
import { clientAt, sqsHarness } from "./sqs-harness.js";

/**
 * For `punctual conformance @punctual/adapter-aws`: at `PUNCTUAL_TRANSPORT_ENDPOINT`, an emulator, or in the account that the
 * SDK finds. Each case makes queues of its own and removes them.
 */
export function harness(variables: Readonly<Record<string, string | undefined>>): TransportHarness {
  const endpoint = variables["PUNCTUAL_TRANSPORT_ENDPOINT"] ?? null;
  const region = variables["PUNCTUAL_TRANSPORT_REGION"];
  const client = endpoint === null ? new SQSClient(region === undefined ? {} : { region }) : clientAt(endpoint);
  return sqsHarness({
    ...{ client: () => client, endpoint: () => endpoint, blockable: endpoint?.startsWith("http:") === true },
    ...(endpoint === null
      ? { patienceMs: 5_000, visibilitySeconds: 15, atOnce: 10 }
      : { patienceMs: 3_000, visibilitySeconds: 8, atOnce: 14 }),
  });
}
