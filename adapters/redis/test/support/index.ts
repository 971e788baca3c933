// What those who run Punctual on Redis on their own machine need of it.
export { lookInto } from "./look-into.js";
export { NO_SERVER, type RedisServer, startRedis } from "./redis-server.js";
export { redisHarness } from "./redis-harness.js";
