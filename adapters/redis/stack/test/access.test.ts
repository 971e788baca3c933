import { NO_SERVER, redisHarness, type RedisServer, startRedis } from "@punctual/adapter-redis/testing";
import { runConformance } from "@punctual/adapter-sdk/conformance";
import { expect } from "chai";
import { ACCESS } from "../src/access.js";

const login = { username: "punctual", password: "open-sesame" };
/** Each case has a queue of its own. */
const CASES = ACCESS.replace("~{punctual}*", "~{conformance-*");

const skipped = NO_SERVER === null ? describe : describe.skip;

skipped("The user of Redis that is made on AWS", () => {
  let redis: RedisServer;
  before(async () => {
    const rules = `${login.username} ${CASES} >${login.password}`;
    redis = await startRedis("--appendonly", "no", "--user", ...rules.split(" "));
  });
  after(() => redis.stop());

  it("may do all that carrying messages takes", async () => {
    const { cases } = await runConformance(redisHarness({ url: () => redis.url, blockable: true, login }));

    expect(cases.filter(({ outcome }) => outcome === "failed")).to.deep.equal([]);
    expect(cases.filter(({ outcome }) => outcome === "passed")).to.have.length.greaterThan(30);
  }).timeout(120_000);
});
