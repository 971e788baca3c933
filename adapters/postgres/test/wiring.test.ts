import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Conflict, IntlZoneRules, NO_FAILPOINTS } from "@punctual/core";
import { MemoryTelemetry, SeededRng } from "@punctual/core/memory";
import { ports } from "@punctual/core/wiring";
import { expect } from "chai";
import { Container, ContainerModule } from "inversify";
import { POSTGRES_DEFAULTS } from "../src/config.js";
import { migrateUp } from "../src/migrate.js";
import { postgresStores } from "../src/wiring.js";
import { realClock } from "./support/clock.js";
import { freshDatabase } from "./support/database.js";

const machine = new ContainerModule(({ bind }) => {
  bind(ports.clock).toConstantValue(realClock);
  bind(ports.rng).toConstantValue(new SeededRng(1));
  bind(ports.telemetry).toConstantValue(new MemoryTelemetry());
  bind(ports.failpoints).toConstantValue(NO_FAILPOINTS);
  bind(ports.zones).toConstantValue(new IntlZoneRules({ version: "2026a" }));
});

describe("postgresStores", () => {
  it("binds stores that work, and ends all of its connections", async () => {
    const { url } = await freshDatabase();
    const config = { ...POSTGRES_DEFAULTS, url };
    await migrateUp(config);
    const stores = postgresStores(config);
    const container = new Container();
    container.load(machine, stores.module);

    await stores.check();
    const listed = await container
      .get(ports.unitOfWork)
      .run("main", async ({ schedules }) => schedules.list({ limit: 1 }));
    const wake = await container.get(ports.events).nextWake();
    const stop = new AbortController();
    await container.get(ports.wakeUps).next(stop.signal); // returns once it listens
    await stores.close();

    expect([listed, wake]).to.deep.equal([[], null]);
    expect(container.get(ports.events)).to.equal(container.get(ports.events));
  });

  it("refuses a database that was never migrated", async () => {
    const { url } = await freshDatabase();
    const stores = postgresStores({ ...POSTGRES_DEFAULTS, url });

    const refusal = await stores.check().catch((error: unknown) => error);
    await stores.close();

    expect(refusal).to.be.instanceOf(Conflict).and.include({ code: "schema_behind" });
  });

  it("does not load the ORM before a unit of work wants it", async () => {
    const wiring = new URL("../src/wiring.js", import.meta.url).href;
    const script = `
      const { registerHooks } = await import("node:module");
      const seen = [];
      registerHooks({ load: (url, context, next) => (seen.push(url), next(url, context)) });
      await import(${JSON.stringify(wiring)});
      console.log(JSON.stringify(seen));`;

    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);

    const loaded = JSON.parse(stdout) as string[];
    expect(loaded.some((url) => url.endsWith("/stores/event-store.js"))).to.equal(true);
    expect(loaded.filter((url) => /mikro-orm|kysely/.test(url))).to.deep.equal([]);
  });
});
