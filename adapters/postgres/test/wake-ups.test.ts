import { expect } from "chai";
import type { Clock } from "@punctual/core";
import { SeededRng } from "@punctual/core/memory";
import pg from "pg";
import { PostgresWakeUps } from "../src/wake-ups.js";
import { realClock } from "./support/clock.js";
import { freshDatabase } from "./support/database.js";

const FIVE_MINUTES_MS = 300_000;

describe("PostgresWakeUps", () => {
  it("asks something every five minutes, so that nobody takes it for gone", async () => {
    const { url } = await freshDatabase();
    const passed = Promise.withResolvers<void>();
    const again = Promise.withResolvers<void>();
    let first = true;
    const clock: Clock = {
      now: () => realClock.now(),
      monotonic: () => realClock.monotonic(),
      sleep: async (ms, signal) => {
        if (ms !== FIVE_MINUTES_MS) return realClock.sleep(ms, signal);
        if (first) {
          first = false;
          return passed.promise;
        }
        again.resolve();
        return realClock.sleep(ms, signal);
      },
    };
    const config = { url, connectTimeoutMs: 5_000, applicationName: "listener" };
    const wakeUps = new PostgresWakeUps({ config, clock, rng: new SeededRng(1) });
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    const asked = async () => {
      const text = "select query from pg_stat_activity where application_name = 'listener'";
      return (await pool.query<{ query: string }>(text)).rows.map(({ query }) => query);
    };
    try {
      await wakeUps.next(new AbortController().signal);
      expect(await asked()).to.deep.equal(["listen punctual_wake"]);
      passed.resolve();
      await again.promise;
      expect(await asked()).to.deep.equal(["select 1"]);
    } finally {
      await wakeUps.close();
      await pool.end();
    }
  });
});
