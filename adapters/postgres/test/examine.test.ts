import { Unavailable } from "@punctual/core";
import { expect } from "chai";
import { POSTGRES_DEFAULTS } from "../src/config.js";
import { examine } from "../src/examine.js";
import { makePool } from "../src/pool.js";
import { realClock } from "./support/clock.js";
import { freshDatabase } from "./support/database.js";

describe("examine", () => {
  const setup = async () => {
    const { url, name, drop } = await freshDatabase();
    return { url, name, drop, pool: makePool({ ...POSTGRES_DEFAULTS, url }) };
  };

  it("tells what the server says of itself, in whatever form it shows dates, and without any table", async () => {
    const { pool, name, url } = await setup();
    await pool.query(`alter database ${name} set datestyle = 'German'`);
    await pool.query(`alter database ${name} set timezone = 'Asia/Kathmandu'`);
    await pool.end();
    const fresh = makePool({ ...POSTGRES_DEFAULTS, url });
    const before = Date.now();
    const facts = await examine(fresh);
    const after = Date.now();
    await fresh.end();

    expect(Number.parseInt(facts.version)).to.be.at.least(15);
    expect(facts.now.getTime()).to.be.within(before - 1_000, after + 1_000);
    expect(facts.maxConnections).to.be.greaterThan(0);
    expect(facts.naptimeSeconds).to.be.greaterThan(0);
    expect(facts.autovacuum).to.be.a("boolean");
    expect(facts.seesOthers).to.equal(true);
  });

  it("tells how long the oldest transaction has been open, its own left out", async () => {
    const { pool } = await setup();
    const open = await pool.connect();
    await open.query("begin; select 1");
    await realClock.sleep(60);
    const { oldestTransactionMs } = await examine(pool);
    await open.query("rollback");
    open.release();
    await pool.end();

    expect(oldestTransactionMs).to.be.at.least(60);
  });

  it("is unavailable where the database is not there", async () => {
    const { pool, drop, url } = await setup();
    await pool.end();
    await drop();
    const gone = makePool({ ...POSTGRES_DEFAULTS, url });
    const error = await examine(gone).catch((reason: unknown) => reason);
    await gone.end();

    expect(error).to.be.instanceOf(Unavailable);
  });
});
