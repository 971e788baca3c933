import { Conflict } from "@punctual/core";
import { expect } from "chai";
import { Client } from "pg";
import { POSTGRES_DEFAULTS } from "../../src/config.js";
import { migrateUp } from "../../src/migrate.js";
import { freePort } from "../../src/server/free-port.js";
import { type EmbeddedServer, startEmbedded } from "../../src/server/index.js";
import { checkSchema } from "../../src/schema-version.js";
import { seed, states, wholeTables } from "../support/seed.js";
import { afterwards, allWork, openAdmin, openStores, refusalOf, refusals, until } from "../support/stores.js";

const CONNECTIONS = 12;
const PATIENCE = { connectTimeoutMs: 2_000 };

describe("stores whose server", () => {
  let server: EmbeddedServer;

  before(async () => {
    const settings = {
      max_connections: `${CONNECTIONS}`,
      superuser_reserved_connections: "0",
      synchronous_commit: "on",
    };
    server = await startEmbedded({ durable: false, settings });
    await migrateUp({ ...POSTGRES_DEFAULTS, url: server.url });
  });
  after(async () => server.stop());

  const setup = async () => {
    const stores = openStores(server.url, PATIENCE);
    await stores.pool.query("truncate events, event_history, attempts, schedules, destinations");
    return stores;
  };

  it("is not there at the start are told so, and work once it is", async () => {
    await server.halt();
    const stores = openStores(server.url, PATIENCE);

    expect(await refusals(stores)).to.deep.equal(new Set(["The database cannot be reached"]));
    const migrating = await refusalOf(migrateUp(stores.config));
    await server.start();

    expect(migrating.message).to.equal("The database cannot be reached");
    await allWork(stores);
  });

  it("listens on no port are told so", async () => {
    const url = new URL(server.url);
    url.port = `${await freePort(url.hostname)}`;
    const { message, cause } = await refusalOf(checkSchema(openStores(url.href).pool));
    expect(message).to.equal("The database cannot be reached");
    expect(cause).to.have.property("code", "ECONNREFUSED");
  });

  it("crashes while nobody asks go on when it is there again", async () => {
    const stores = await setup();
    await allWork(stores);
    await server.crash();

    expect(await refusals(stores)).to.deep.equal(new Set(["The database cannot be reached"]));
    await server.start();

    await allWork(stores);
  });

  it("crashes in the middle of everything have nothing half done, and lose nothing that was answered", async () => {
    const stores = await setup();
    const { scheduleIds } = await seed(stores.pool, { schedules: 2, events: 60 });
    const done = await stores.claim(20);
    const begun = await stores.events.begin(done, 60_000);
    const finish = async () => stores.events.finish(done.map((claim) => ({ claim, outcome: { state: "COMPLETED" } })));
    const edit = async () =>
      stores.change(async ({ schedules, events }) => {
        const schedule = await schedules.get(scheduleIds[0] ?? "");
        if (schedule === null) throw new Error("It is not there");
        await schedules.save({ ...schedule, status: "paused", revision: schedule.revision + 1 });
        await events.park(schedule.id);
        await crashes;
      });
    expect(begun.begun).to.have.length(20);
    const before = await wholeTables(stores.pool);

    const { promise: crashes, resolve: crashed } = Promise.withResolvers<void>();
    const reached = Promise.all(
      (["claim.before_commit", "finish.before_commit"] as const).map((place) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        stores.failpoints.arm(place, async () => (resolve(), crashes));
        return promise;
      }),
    );
    const calls = [stores.claim(20), finish(), edit()].map(async (call) => refusalOf(call));
    await reached;
    await server.crash();
    crashed();
    await Promise.all(calls);
    await server.start();
    for (const place of ["claim.before_commit", "finish.before_commit"] as const) stores.failpoints.disarm(place);

    expect(await wholeTables(stores.pool)).to.deep.equal(before);
    expect(await finish()).to.deep.equal({ lost: [] });
    expect(await stores.claim()).to.have.length(40);
    expect(await states(stores.pool)).to.deep.equal({ COMPLETED: 20, PROCESSING: 40 });
  });

  it("refuses their password are told so", async () => {
    const url = new URL(server.url);
    url.password = "guess";
    const stores = openStores(url.href);
    expect(await refusals(stores)).to.deep.equal(new Set(["The database refused the user or the password"]));
    expect((await refusalOf(migrateUp(stores.config))).message).not.to.contain("guess");
  });

  it("has no database of that name are told so, and work once it is made", async () => {
    const url = new URL(server.url);
    url.pathname = "/later";
    const stores = openStores(url.href);
    expect(await refusals(stores)).to.deep.equal(new Set(["The database does not exist"]));

    await openAdmin(server.url).query("create database later");

    expect(await checkSchema(stores.pool).catch((error: unknown) => error)).to.be.instanceOf(Conflict);
    await migrateUp(stores.config);
    await allWork(stores);
  });

  it("has no connection left are told so, and work when some are free", async () => {
    const stores = openStores(server.url);
    const clients = await takeAll(server.url);

    expect(await refusals(stores)).to.deep.equal(new Set(["The database has no connection left"]));
    for (const client of clients) await client.end();

    await until("a connection is free", async () => stores.pool.query("select").then(Boolean, () => false));
    await allWork(stores);
  });
});

async function takeAll(url: string): Promise<Client[]> {
  const clients: Client[] = [];
  afterwards(async () => Promise.all(clients.map(async (client) => client.end())));
  for (;;) {
    const client = new Client({ connectionString: url });
    client.on("error", () => undefined);
    try {
      await client.connect();
    } catch {
      return clients;
    }
    clients.push(client);
  }
}
