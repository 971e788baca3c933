import { expect } from "chai";
import { Proxy } from "../support/proxy.js";
import { seed } from "../support/seed.js";
import {
  afterwards,
  allGivenBack,
  allWork,
  everyCall,
  migratedDatabase,
  openAdmin,
  openStores,
  refusalOf,
  until,
} from "../support/stores.js";

const LIMITS = { connectTimeoutMs: 300, statementTimeoutMs: 300, lockTimeoutMs: 300, poolSize: 4 };
/** What the driver adds to the statement timeout, and some for a machine that has other things to do. */
const LONGEST_MS = LIMITS.statementTimeoutMs + 2_000 + 700;

describe("a network that swallows everything", () => {
  const setup = async () => {
    const database = await migratedDatabase();
    const proxy = await Proxy.to(database.url);
    afterwards(async () => proxy.close());
    const stores = openStores(proxy.url, LIMITS);
    const connections = async () => {
      const { rows } = await openAdmin(database.url).query(
        "select from pg_stat_activity where datname = current_database() and application_name = 'punctual'",
      );
      return rows.length;
    };
    return { ...stores, proxy, connections, admin: openAdmin(database.url) };
  };
  const timed = async (call: Promise<unknown>, name: string) => {
    const began = performance.now();
    await refusalOf(call, name);
    return performance.now() - began;
  };

  for (const name of ["a claim", "a unit of work"] as const) {
    it(`lets ${name} that is in the middle of it end within that`, async () => {
      const stores = await setup();
      const { change, events, failpoints, proxy } = stores;
      await seed(stores.admin, { events: 1 });
      let dark = 0;
      const goDark = () => {
        proxy.goDark();
        dark = performance.now();
      };
      failpoints.arm("claim.before_commit", goDark);
      const call =
        name === "a claim"
          ? events.claimDue({ limit: 1, leaseMs: 1_000 }, () => ({ verdict: { kind: "take" }, successors: [] }))
          : change(async ({ schedules }) => {
              goDark();
              return schedules.list({ limit: 1 });
            });

      await refusalOf(call, name);

      expect(performance.now() - dark).to.be.lessThan(LONGEST_MS);
      allGivenBack(stores);
    });
  }

  it("lets no call wait for longer than its limit, and when it is over no connection stays stuck", async () => {
    const stores = await setup();
    await allWork(stores);
    const calls = Object.entries(everyCall(stores));
    stores.proxy.goDark();

    const took = await Promise.all(calls.map(async ([name, call]) => [name, await timed(call(), name)] as const));
    const fresh = await timed(stores.events.nextWake(), "the next call");
    stores.proxy.comeBack();

    expect(took.filter(([, ms]) => ms > LONGEST_MS)).to.deep.equal([]);
    expect(fresh).to.be.lessThan(LONGEST_MS);
    await allWork(stores);
    const kept = stores.pool.totalCount;
    expect(kept).to.be.at.most(LIMITS.poolSize);
    await until("the server has closed what was given up", async () => (await stores.connections()) === kept);
  });
});
