import { describeTransport, transportCases } from "@punctual/adapter-sdk/conformance";
import { forgetfulHarness, redisHarness, type RedisSite } from "./support/redis-harness.js";
import { NO_REDIS, type SomeRedis, someRedis } from "./support/redis-server.js";

if (NO_REDIS !== null) it(`RedisTransport (skipped: ${NO_REDIS})`);
else {
  describe("on Redis", () => {
    let server: SomeRedis;
    const blockable = process.env["TEST_REDIS_URL"]?.startsWith("rediss:") !== true;
    const site: RedisSite = { url: () => server.url, blockable };
    before(async () => void (server = await someRedis()));
    after(() => server.stop());

    describeTransport("RedisTransport", redisHarness(site));

    const [receipts] = transportCases(forgetfulHarness(site)).filter(({ id }) => id === "T3.8");
    it(`${receipts?.title}, where it was not kept hidden (T3.8)`, () => receipts?.run()).timeout(120_000);
  });
}
