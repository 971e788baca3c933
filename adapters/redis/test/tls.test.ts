import { BadTransport, loadTransport, NO_TELEMETRY, Unavailable } from "@punctual/adapter-sdk";
import { failureOf } from "@punctual/adapter-sdk/testing";
import { expect } from "chai";
import { CA, ELSEWHERE, NAMELESS, OTHER_CA } from "./support/certificates.js";
import { NO_SERVER, type RedisServer, startRedis } from "./support/redis-server.js";
import { clock, openAt } from "./support/scene.js";
import { tlsFront } from "./support/tls-front.js";

const PACKAGE = new URL("../src/index.js", import.meta.url).href;

const skipped = NO_SERVER === null ? describe : describe.skip;

skipped("TLS with a CA of one's own", () => {
  let redis: RedisServer;
  before(async () => {
    redis = await startRedis();
  });
  after(() => redis.stop());

  /** What the check says. */
  async function failureWith(certificate: typeof NAMELESS, ca: string | null): Promise<unknown> {
    const front = await tlsFront(redis.url, certificate);
    const opened = await openAt(front.url, { ca });
    try {
      return await opened.check().then(
        () => null,
        (error: unknown) => error,
      );
    } finally {
      await opened.close();
      front.close();
    }
  }

  it("is known by what the CA has signed, where certificates name no address", async () => {
    expect(await failureWith(NAMELESS, CA)).to.equal(null);
  });

  it("is refused where another CA was named, or none", async () => {
    expect(await failureWith(NAMELESS, OTHER_CA)).to.be.instanceOf(Unavailable);
    expect(await failureWith(NAMELESS, null)).to.be.instanceOf(Unavailable);
  });

  it("is refused where the certificate names another address", async () => {
    expect(await failureWith(ELSEWHERE, CA)).to.be.instanceOf(Unavailable);
  });
});

describe("PUNCTUAL_TRANSPORT_REDIS_CA", () => {
  const load = async (url: string, ca: string) =>
    loadTransport(
      PACKAGE,
      { PUNCTUAL_TRANSPORT_REDIS_URL: url, PUNCTUAL_TRANSPORT_REDIS_CA: ca },
      { clock, telemetry: NO_TELEMETRY, keys: [], from: process.cwd() },
    );

  it("takes one certificate or more", async () => {
    const { close } = await load("rediss://host", CA + OTHER_CA);
    await close();
  });

  it("is refused where it is no certificate, and where there is no TLS", async () => {
    for (const [url, ca] of [
      ["rediss://host", "secret-of-mine"],
      ["rediss://host", CA.replaceAll("M", "x")],
      ["redis://host", CA],
    ] as const) {
      const error = await failureOf(load(url, ca));
      expect(error, url).to.be.instanceOf(BadTransport);
      expect(String(error)).to.contain("PUNCTUAL_TRANSPORT_REDIS_CA").and.not.contain("secret-of-mine");
    }
  });
});
