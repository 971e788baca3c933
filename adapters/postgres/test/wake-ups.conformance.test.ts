import { describeWakeUps } from "@punctual/core/conformance";
import { SeededRng } from "@punctual/core/memory";
import pg from "pg";
import { PostgresWakeUps, WAKE_CHANNEL } from "../src/wake-ups.js";
import { realClock } from "./support/clock.js";
import { freshDatabase } from "./support/database.js";

let database: ReturnType<typeof freshDatabase> | undefined;
const opened: (() => Promise<unknown>)[] = [];

describeWakeUps("PostgresWakeUps", {
  open: async () => {
    const { url } = await (database ??= freshDatabase());
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    pool.on("error", () => undefined);
    const config = { url, connectTimeoutMs: 5_000, applicationName: "punctual" };
    const wakeUps = new PostgresWakeUps({ config, clock: realClock, rng: new SeededRng(1) });
    opened.push(
      async () => wakeUps.close(),
      async () => pool.end(),
    );
    await wakeUps.next(new AbortController().signal); // wakes once when it has begun to listen
    return {
      wakeUps,
      hint: async () => void (await pool.query("select pg_notify($1, '')", [WAKE_CHANNEL])),
      pass: async (ms) => realClock.sleep(ms),
      patienceMs: 100,
    };
  },
  close: async () => {
    for (const close of opened.splice(0)) await close();
  },
});
