import { Unavailable } from "@punctual/adapter-sdk";
import { failureOf } from "@punctual/adapter-sdk/testing";
import { expect } from "chai";
import { type Admin, adminOf } from "./support/admin.js";
import { NO_REDIS, NO_SERVER, type SomeRedis, someRedis, startRedis } from "./support/redis-server.js";
import { consumeFrom, messages, openAt, queuesAt, sendAll, time, until } from "./support/scene.js";

const LONG_MS = 60_000;
const take = { most: 10, waitMs: 0, hiddenMs: LONG_MS };

if (NO_REDIS !== null) it(`StreamQueue (skipped: ${NO_REDIS})`);
else {
  describe("StreamQueue", () => {
    let redis: SomeRedis;
    let admin: Admin;
    let scene: ReturnType<typeof queuesAt>;
    const bodies = (some: readonly { readonly body: string }[]) => some.map(({ body }) => body).sort();
    const first = async () => {
      const [received] = await scene.main.receive({ ...take, most: 1, waitMs: 10_000 });
      return received ?? expect.fail("Nothing was received");
    };

    before(async () => {
      redis = await someRedis();
      admin = await adminOf(redis.url);
    });
    after(async () => {
      admin.destroy();
      await redis.stop();
    });
    beforeEach(() => void (scene = queuesAt(redis.url)));
    afterEach(async () => {
      scene.close();
      const keys = await admin.keys(`{${scene.queue}}*`);
      if (keys.length > 0) await admin.unlink(keys);
    });

    it("gives a text with its attributes, each to one of many who ask at once", async () => {
      const texts = Array.from({ length: 60 }, (_, index) => ({
        body: `ü ${index}`,
        attributes: { reason: `"${index}` },
      }));
      expect(await scene.main.send(texts)).to.deep.equal(texts.map(() => null));
      const given = await Promise.all(Array.from({ length: 12 }, () => scene.main.receive(take)));
      expect(bodies(given.flat())).to.deep.equal(bodies(texts));
      for (const { body, attributes } of given.flat()) expect(attributes.reason).to.equal(`"${body.slice(2)}`);
    });

    it("hides what was given out for as long as was asked, each by itself", async () => {
      await scene.main.send([{ body: "long" }, { body: "short" }]);
      const [one, other] = [await first(), await first()].toSorted((a, b) => a.body.localeCompare(b.body));
      expect(await scene.main.keep([other?.receipt ?? ""], 300)).to.deep.equal([true]);
      expect((await first()).body).to.equal("short");
      expect(await scene.main.delete([one?.receipt ?? ""])).to.deep.equal([true]);
    });

    it("tells a giving out from the one before", async () => {
      await scene.main.send([{ body: "one" }]);
      const old = await first();
      await scene.main.keep([old.receipt], 0);
      const newer = await first();
      expect(newer.id).to.equal(old.id);
      expect(await scene.main.delete([old.receipt, "nonsense", "1-1/1"])).to.deep.equal([false, false, false]);
      expect(await scene.main.keep([old.receipt], 0)).to.deep.equal([false]);
      expect(await scene.main.receive(take)).to.deep.equal([]);
      expect(await scene.main.delete([newer.receipt])).to.deep.equal([true]);
      expect(await scene.main.delete([newer.receipt])).to.deep.equal([false]);
    });

    it("wakes who waits, for what is sent, is due sooner than all else, or was given back", async () => {
      const waiting = () => scene.main.receive({ ...take, waitMs: LONG_MS });
      let next = waiting();
      await until("somebody who waits", waits);
      await scene.main.send([{ body: "sent" }]);
      const [sent] = await next;
      expect(sent?.body).to.equal("sent");
      await scene.main.send([{ body: "far", delayMs: LONG_MS }]);
      next = waiting();
      await until("somebody who waits", waits);
      await scene.main.send([{ body: "near", delayMs: 400 }]);
      expect(bodies(await next)).to.deep.equal(["near"]);
      for (const ms of [0, 400]) {
        const [receipt = ""] = [ms === 0 ? sent?.receipt : `${sent?.id}/2`];
        next = waiting();
        await until("somebody who waits", waits);
        await scene.main.keep([receipt], ms);
        expect(bodies(await next)).to.deep.equal(["sent"]);
      }
    }).timeout(50_000);

    async function waits(): Promise<boolean> {
      return (await admin.clientList()).some(({ cmd }) => cmd === "xread");
    }

    it("makes a dead letter, with its reason, of what was given out too often, and of nothing else", async () => {
      await scene.main.send([{ body: "hopeless", attributes: { traceparent: "t" } }, { body: "fine" }]);
      for (let times = 1; times <= 3; times++) {
        const given = await scene.main.receive(take);
        const hopeless = given.filter(({ body }) => body === "hopeless");
        expect(hopeless).to.have.length(1);
        if (times === 1)
          await scene.main.delete(given.flatMap(({ body, receipt }) => (body === "fine" ? receipt : [])));
        await scene.main.keep(
          hopeless.map(({ receipt }) => receipt),
          0,
        );
      }
      const dead = scene.deadLetters.receive({ ...take, waitMs: LONG_MS }); // is woken
      expect(await scene.main.receive(take)).to.deep.equal([]);
      const [letter, ...others] = await dead;
      expect(others).to.deep.equal([]);
      expect(letter?.body).to.equal("hopeless");
      const { messageId, ...attributes } = letter?.attributes ?? {};
      expect(attributes).to.deep.equal({ traceparent: "t", reason: "received too often" });
      expect(messageId).to.match(/^\d+-\d+$/);
      // Among the dead it is given out for ever.
      let again = letter;
      for (let times = 0; times < 10; times++) {
        await scene.deadLetters.keep([again?.receipt ?? ""], 0);
        [again] = await scene.deadLetters.receive(take);
      }
      expect(again?.id).to.equal(letter?.id);
      expect(await scene.deadLetters.delete([again?.receipt ?? ""])).to.deep.equal([true]);
    });

    it("keeps queues of two names apart", async () => {
      const other = queuesAt(redis.url, { queue: `${scene.queue}2` });
      try {
        await scene.main.send([{ body: "one" }]);
        await other.main.send([{ body: "other" }, { body: "later", delayMs: 1 }]);
        const received = await first();
        expect(received.body).to.equal("one");
        expect(await other.main.delete([received.receipt])).to.deep.equal([false]);
        expect(await other.main.keep([received.receipt], 0)).to.deep.equal([false]);
        await until("both of the other", async () => (await other.main.receive(take)).length > 0);
        expect(await scene.main.receive(take)).to.deep.equal([]);
      } finally {
        other.close();
        await admin.unlink(await admin.keys(`{${other.queue}}*`));
      }
    });

    it("goes on where its group, its scripts or all of it were removed", async () => {
      await scene.main.send([{ body: "before" }]);
      const before = await first();
      await admin.scriptFlush();
      await admin.xGroupDestroy(scene.keys.stream, "punctual");
      expect(await scene.main.delete([before.receipt])).to.deep.equal([false]);
      expect((await first()).body).to.equal("before");
      const waiting = scene.main.receive({ ...take, waitMs: LONG_MS });
      await until("somebody who waits", waits);
      await admin.unlink(await admin.keys(`{${scene.queue}}*`));
      expect(await scene.main.keep([before.receipt], 0)).to.deep.equal([false]);
      await scene.main.send([{ body: "after" }]);
      expect(bodies(await waiting)).to.deep.equal(["after"]);
    }).timeout(30_000);

    it("forgets what somebody has removed from the stream", async () => {
      await scene.main.send([{ body: "one" }]);
      const { id, receipt } = await first();
      await admin.xDel(scene.keys.stream, id);
      await scene.main.keep([receipt], 0);
      expect(await scene.main.receive(take)).to.deep.equal([]);
      expect(await admin.zCard(scene.keys.hidden)).to.equal(0);
      expect(await admin.xPending(scene.keys.stream, "punctual")).to.include({ pending: 0 });
    });

    it("leaves nothing behind of ten thousand messages but a bell that was rung", async () => {
      const opened = await openAt(redis.url, { queue: scene.queue });
      const all = messages(10_000).map((one, index) => ({
        ...one,
        notBefore: new Date(Date.now() + (index % 3 === 0 ? 500 : 0)),
      }));
      const consumer = consumeFrom(opened);
      await sendAll(opened, all);
      await until("all", () => consumer.seen.size === all.length, 60_000);
      await consumer.stop();
      await opened.close();
      const { stream, hidden, delayed, bell } = scene.keys;
      expect([await admin.xLen(stream), await admin.zCard(hidden), await admin.zCard(delayed)]).to.deep.equal([
        0, 0, 0,
      ]);
      expect(await admin.xPending(stream, "punctual")).to.include({ pending: 0 });
      expect(await admin.xLen(bell)).to.equal(1);
      for (const key of await admin.keys(`{${scene.queue}}*`)) {
        expect(await admin.memoryUsage(key), key).to.be.below(20_000);
      }
    }).timeout(90_000);
  });
}

if (NO_SERVER !== null) it(`a full Redis (skipped: ${NO_SERVER})`);
else {
  it("takes nothing in where Redis is full, and gives out what is there", async () => {
    const redis = await startRedis();
    const [scene, admin] = [queuesAt(redis.url), await adminOf(redis.url)];
    try {
      await scene.main.send([{ body: "one" }, { body: "late", delayMs: 1 }]);
      await time.pass(20); // it is due
      await admin.configSet("maxmemory", "1");
      const full = await failureOf(scene.main.send([{ body: "other" }]));
      expect(full).to.be.instanceOf(Unavailable).with.property("message").that.includes("OOM");
      for (let times = 1; times <= 3; times++) {
        const given = await scene.main.receive({ ...take, waitMs: 10_000 });
        const late = given.filter(({ body }) => body === "late");
        if (times === 1) await scene.main.delete(given.flatMap(({ body, receipt }) => (body === "one" ? receipt : [])));
        expect(
          await scene.main.keep(
            late.map(({ receipt }) => receipt),
            0,
          ),
        ).to.deep.equal([true]);
      }
      expect(await scene.main.receive(take)).to.deep.equal([]);
      const [letter] = await scene.deadLetters.receive(take);
      expect(letter?.body).to.equal("late");
      expect(await scene.deadLetters.delete([letter?.receipt ?? ""])).to.deep.equal([true]);
      await admin.configSet("maxmemory", "0");
      expect(await scene.main.send([{ body: "again" }])).to.deep.equal([null]);
    } finally {
      admin.destroy();
      scene.close();
      await redis.stop();
    }
  }).timeout(60_000);
}
