import { Unavailable } from "@punctual/adapter-sdk";
import { failureOf } from "@punctual/adapter-sdk/testing";
import { expect } from "chai";
import { adminOf } from "./support/admin.js";
import { NO_SERVER, type RedisServer, startRedis } from "./support/redis-server.js";
import { consumeFrom, messages, openAt, sendAll, time, until } from "./support/scene.js";

const DURABLE = ["--appendonly", "yes", "--appendfsync", "always"];

if (NO_SERVER !== null) it(`a restart of Redis (skipped: ${NO_SERVER})`);
else {
  describe("a transport on a Redis that comes and goes", () => {
    let redis: RedisServer;
    const ends: (() => Promise<void>)[] = [];
    const openOn = async (...settings: readonly string[]) => {
      redis = await startRedis(...settings);
      const opened = await openAt(redis.url);
      ends.push(() => opened.close());
      return opened;
    };
    afterEach(async () => {
      for (const end of ends.splice(0).reverse()) await end();
      await redis.stop();
    });

    it("loses none of a thousand messages where Redis is killed while some are under way", async () => {
      const opened = await openOn(...DURABLE);
      const all = messages(1_000);
      const late = all.map((one, index) =>
        index % 10 === 0 ? { ...one, notBefore: new Date(Date.now() + 3_000) } : one,
      );
      await sendAll(opened, late);
      let killed = false;
      let taken = 0;
      const consumer = consumeFrom(opened, () => {
        // Half of what is taken before it is killed is never decided about.
        if (killed || ++taken % 2 === 0) return null;
        return until("the end", () => killed).then(() => Promise.reject(new Error("The handler failed")));
      });
      ends.push(() => consumer.stop());
      await until("some", () => consumer.seen.size >= 20);
      await redis.kill();
      killed = true;
      await until("a trouble that was told", () => opened.troubles.length > 0);
      await redis.start();
      await until("all", () => all.every(({ eventId }) => consumer.seen.has(eventId)), 60_000);
      for (const [count, error] of opened.troubles.entries()) {
        if ((error as Error).message !== "The handler failed")
          expect(error, String(count)).to.be.instanceOf(Unavailable);
      }
      const admin = await adminOf(redis.url);
      await until("nothing that is left", async () => (await admin.xLen(`{${opened.queue}}`)) === 0);
      expect(await admin.xLen(`{${opened.queue}}:dead`)).to.equal(0);
      admin.destroy();
    }).timeout(120_000);

    it("goes on by itself where Redis comes back empty", async () => {
      const opened = await openOn();
      const [consumer, before, after] = [consumeFrom(opened), messages(3), messages(3)];
      ends.push(() => consumer.stop());
      await sendAll(opened, before);
      await until("what was sent before", () => consumer.seen.size === 3);
      await redis.kill();
      expect(await failureOf(opened.transport.send(after))).to.be.instanceOf(Unavailable);
      await redis.start();
      await until("a Redis that is there", () =>
        opened.check().then(
          () => true,
          () => false,
        ),
      );
      await sendAll(opened, after);
      await until("what was sent after", () => after.every(({ eventId }) => consumer.seen.has(eventId)));
    }).timeout(60_000);

    it("does not tell whoever asks nothing meanwhile", async () => {
      const opened = await openOn();
      await sendAll(opened, messages(1));
      await redis.kill();
      await redis.start();
      await sendAll(opened, messages(1));
      expect(opened.troubles).to.deep.equal([]);
    }).timeout(60_000);

    it("is opened while Redis is away, says so, and works once it is there", async () => {
      redis = await startRedis();
      await redis.kill();
      const opened = await openAt(redis.url);
      ends.push(() => opened.close());
      const consumer = consumeFrom(opened);
      ends.push(() => consumer.stop());
      const all = messages(2);
      for (const asked of [opened.check(), opened.transport.send(all)]) {
        expect(await failureOf(asked)).to.be.instanceOf(Unavailable);
      }
      await until("a trouble that was told", () => opened.troubles.length > 0);
      await redis.start();
      await sendAll(opened, all);
      await until("all", () => consumer.seen.size === 2);
      await opened.check();
    }).timeout(60_000);

    it("gives up on a Redis that says nothing, and asks it again over another connection", async () => {
      const opened = await openOn();
      const admin = await adminOf(redis.url);
      const all = messages(2);
      await sendAll(opened, all.slice(0, 1));
      await admin.sendCommand(["CLIENT", "PAUSE", "8000", "ALL"]);
      expect((await failureOf(opened.transport.send(all.slice(1)))).message).to.equal("Redis does not answer");
      await until(
        "an end of the pause",
        () =>
          sendAll(opened, all.slice(1)).then(
            () => true,
            () => false,
          ),
        30_000,
      );
      const consumer = consumeFrom(opened);
      ends.push(() => consumer.stop());
      await until("all", () => consumer.seen.size === 2);
      await time.pass(0);
      admin.destroy();
    }).timeout(60_000);
  });
}
