import { API_VERSION, defineTransport } from "@punctual/adapter-sdk";
import { REDIS_CAPABILITIES } from "./capabilities.js";
import { REDIS_CONFIG, type RedisConfig } from "./config.js";
import { openRedis } from "./open-redis.js";

/** Redis or Valkey, for a program that is told by `PUNCTUAL_TRANSPORT=@punctual/adapter-redis` to use it. */
export const transport = defineTransport<RedisConfig>({
  name: "redis",
  apiVersion: API_VERSION,
  capabilities: REDIS_CAPABILITIES,
  config: REDIS_CONFIG,
  create: ({ config, ...deps }) => {
    const redis = openRedis(config, deps);
    return { transport: redis.transport, check: () => redis.check(), close: async () => redis.close() };
  },
});
