import { expect } from "chai";
import { seed, states } from "../support/seed.js";
import { migratedDatabase, openAdmin, openStores } from "../support/stores.js";
import { FORCED_PLANS } from "./forced-plans.js";

const DUE = 200;
const LIMIT = 5;

/** What a claim must not be: where the planner asks the subquery again for each row, it finds five others each time. */
const BAD_SHAPE = `
  update events set state = 'PROCESSING' where id in
    (select id from events where wake_at <= now() order by wake_at limit ${LIMIT} for update skip locked)`;

describe("a claim of five among two hundred", () => {
  for (const [name, settings] of Object.entries(FORCED_PLANS)) {
    const setup = async () => {
      const database = await migratedDatabase();
      const admin = openAdmin(database.url);
      for (const [setting, value] of Object.entries(settings)) {
        await admin.query(`alter database ${database.name} set ${setting} = ${value}`);
      }
      await seed(admin, { schedules: 10, events: DUE });
      await admin.query("analyze");
      return openStores(database.url, { poolSize: 20 });
    };

    it(`takes five by ${name}`, async () => {
      const { claim, pool } = await setup();
      expect(await claim(LIMIT)).to.have.length(LIMIT);
      expect(await states(pool)).to.deep.equal({ PENDING: DUE - LIMIT, PROCESSING: LIMIT });
    });

    it(`takes five each of twenty times at once by ${name}`, async () => {
      const { claim, pool } = await setup();
      const claims = await Promise.all(Array.from({ length: 20 }, async () => claim(LIMIT)));
      expect(claims.map(({ length }) => length)).to.deep.equal(Array.from({ length: 20 }, () => LIMIT));
      expect(new Set(claims.flat().map(({ eventId }) => eventId)).size).to.equal(20 * LIMIT);
      expect(await states(pool)).to.deep.equal({ PENDING: DUE - 20 * LIMIT, PROCESSING: 20 * LIMIT });
    });

    if (name === "nested loops") {
      it("would take more if it were an update of what a subquery locks", async () => {
        const { pool } = await setup();
        await pool.query(BAD_SHAPE);
        expect((await states(pool)).PROCESSING).to.be.greaterThan(LIMIT);
      });
    }
  }
});
