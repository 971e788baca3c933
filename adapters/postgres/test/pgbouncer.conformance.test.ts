import { describeStores } from "@punctual/core/conformance";
import { expect } from "chai";
import { postgresHarness } from "./support/harness.js";
import { sharedServer } from "./support/database.js";
import { findPgBouncer, type PgBouncer, startPgBouncer } from "./support/pgbouncer.js";
import { allWork, migratedDatabase, openAdmin, openStores } from "./support/stores.js";

/** Fewer than the callers have, so that each transaction may come to another session. */
const CONNECTIONS = 6;

const program = findPgBouncer();

if (program === null) {
  describe("PostgreSQL through PgBouncer", () => {
    it("keeps every promise of the stores (skipped: there is no pgbouncer on the PATH or in /usr/sbin)");
  });
} else {
  describe("PostgreSQL through PgBouncer in transaction mode", () => {
    let bouncer: PgBouncer | undefined;
    before(async () => {
      bouncer = await startPgBouncer(program, (await sharedServer()).url, CONNECTIONS);
    });
    after(async () => bouncer?.stop());
    const through = (url: string) => bouncer?.through(url) ?? url;

    it("is what the stores talk to: their sessions are fewer than they are", async () => {
      const database = await migratedDatabase();
      const stores = openStores(through(database.url), { poolSize: 20 });
      const pids = async () => {
        const { rows } = await stores.pool.query<{ pid: number }>("select pg_backend_pid() as pid from pg_sleep(0.01)");
        return rows[0]?.pid;
      };
      const seen = new Set(await Promise.all(Array.from({ length: 60 }, pids)));
      expect(seen.size).to.be.within(1, CONNECTIONS);
    });

    it("finds every session as it began: nothing is set in it, and nothing prepared", async () => {
      const database = await migratedDatabase();
      const settings = async () => {
        const { rows } = await openAdmin(through(database.url)).query<{ setting: string }>(
          `select name || '=' || setting as setting from pg_settings where source = 'session' and name <> 'application_name'
            union all select name from pg_prepared_statements order by 1`,
        );
        return rows.map(({ setting }) => setting);
      };
      const before = await settings();
      const stores = openStores(through(database.url));
      for (let round = 0; round < 3; round++) await allWork(stores);
      expect(await settings()).to.deep.equal(before);
    });

    const harness = postgresHarness({ through, name: "PostgreSQL through PgBouncer" });
    describeStores(harness);
  });
}
