import { expect } from "chai";
import { type Admin, adminOf } from "./support/admin.js";
import { NO_SERVER, type RedisServer, startRedis } from "./support/redis-server.js";
import { consumeFrom, messages, openAt, sendAll, until } from "./support/scene.js";

const SLOTS = [
  ["0", "8191"],
  ["8192", "16383"],
] as const;

if (NO_SERVER !== null) it(`a cluster (skipped: ${NO_SERVER})`);
else {
  describe("a transport on a cluster", () => {
    const nodes: RedisServer[] = [];
    const admins: Admin[] = [];
    after(async () => {
      for (const admin of admins) admin.destroy();
      await Promise.all(nodes.map((node) => node.stop()));
    });

    it("asks the node that has the queue, whichever it was told of", async () => {
      for (const slots of SLOTS) {
        const node = await startRedis("--appendonly", "no", "--cluster-enabled", "yes");
        nodes.push(node);
        const admin = await adminOf(node.url);
        admins.push(admin);
        await admin.sendCommand(["CLUSTER", "ADDSLOTSRANGE", ...slots]);
      }
      const [one, other] = nodes.map(({ url }) => url);
      await admins[0]?.sendCommand(["CLUSTER", "MEET", "127.0.0.1", new URL(other ?? "").port]);
      const whole = async (admin: Admin) => (await admin.clusterInfo()).includes("cluster_state:ok");
      await until("a cluster", async () => (await Promise.all(admins.map(whole))).every((fine) => fine), 30_000);

      for (const url of [one, other]) {
        for (const queue of ["a", "b", "c", "d"]) {
          const opened = await openAt(url ?? "", { queue: `${queue}-${new URL(url ?? "").port}`, waitSeconds: 1 });
          const consumer = consumeFrom(opened);
          try {
            await opened.check();
            const all = messages(20);
            await sendAll(opened, all);
            await until("all", () => consumer.seen.size === all.length);
            expect(opened.troubles).to.deep.equal([]);
          } finally {
            await consumer.stop();
            await opened.close();
          }
        }
      }
      const held = await Promise.all(admins.map(async (admin) => (await admin.keys("*")).length > 0));
      expect(held).to.deep.equal([true, true]);
    }).timeout(90_000);
  });
}
