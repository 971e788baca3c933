import { TRANSPORT_STACK_VERSION, type TransportStack } from "@punctual/stack-blueprint";

/** What a program that is told `transport: "@punctual/adapter-redis"` makes of it. */
export const stack: TransportStack = {
  apiVersion: TRANSPORT_STACK_VERSION,
  clouds: {
    aws: async () => (await import("./aws/redis.js")).redisOnAws,
    gcp: async () => (await import("./gcp/redis.js")).redisOnGcp,
  },
};
