import type { TransportHarness } from "@punctual/adapter-sdk/conformance";
import { redisHarness } from "./redis-harness.js";

/** For `punctual conformance @punctual/adapter-redis`: each case has a queue of its own there, and removes it. */
export function harness(variables: Readonly<Record<string, string | undefined>>): TransportHarness {
  const url = variables["PUNCTUAL_TRANSPORT_REDIS_URL"];
  if (url === undefined) throw new Error("PUNCTUAL_TRANSPORT_REDIS_URL is missing: where Redis is");
  return redisHarness({ url: () => url, blockable: url.startsWith("redis:") });
}
