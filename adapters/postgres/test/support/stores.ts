import { randomUUID } from "node:crypto";
import { type ClaimRef, type PlanClaim, type Transaction, Unavailable } from "@punctual/core";
import { MemoryFailpoints, SeededRng } from "@punctual/core/memory";
import { expect } from "chai";
import { POSTGRES_DEFAULTS, type PostgresConfig } from "../../src/config.js";
import { HotPath } from "../../src/hot-path.js";
import { migrateUp } from "../../src/migrate.js";
import { makePool } from "../../src/pool.js";
import { checkSchema } from "../../src/schema-version.js";
import { PostgresEventStore } from "../../src/stores/event-store.js";
import { PostgresUnitOfWork } from "../../src/stores/unit-of-work.js";
import { realClock } from "./clock.js";
import { type Database, freshDatabase } from "./database.js";

export const TENANT = "main";
/** Long beside what a case takes. */
export const LEASE_MS = 600_000;

export const take: PlanClaim = () => ({ verdict: { kind: "take" }, successors: [] });

export type Stores = ReturnType<typeof openStores>;

const opened: (() => Promise<unknown>)[] = [];

/** Has this done after the case, the last first. */
export function afterwards(clean: () => Promise<unknown>): void {
  opened.unshift(clean);
}

afterEach("ends what the case opened", async () => {
  for (const clean of opened.splice(0)) await clean();
});

/** The real stores on a pool of their own. */
export function openStores(url: string, changes: Partial<PostgresConfig> = {}) {
  const config: PostgresConfig = { ...POSTGRES_DEFAULTS, ...changes, url };
  const pool = makePool(config);
  // One that was never given back would let this wait for ever; `allGivenBack` finds it.
  afterwards(async () => (pool.ending ? undefined : Promise.race([pool.end(), realClock.sleep(500)])));
  const failpoints = new MemoryFailpoints();
  const events = new PostgresEventStore(new HotPath(pool, config), failpoints);
  const unitOfWork = new PostgresUnitOfWork({ pool, config, clock: realClock, rng: new SeededRng(1) });
  return {
    ...{ config, pool, failpoints, events, unitOfWork },
    change: async <T>(work: (transaction: Transaction) => Promise<T>) => unitOfWork.run(TENANT, work),
    claim: async (limit = 1_000) => (await events.claimDue({ limit, leaseMs: LEASE_MS }, take)).claims.map(refOf),
  };
}

/** What names a claim, and nothing else of it. */
export function refOf({ eventId, tenant, fence }: ClaimRef): ClaimRef {
  return { eventId, tenant, fence };
}

let template: Promise<Database> | undefined;

/** A migrated database for one case. */
export async function migratedDatabase(): Promise<Database> {
  const { name } = await (template ??= migrated());
  const database = await freshDatabase({ template: name });
  afterwards(async () => database.drop());
  return database;
}

async function migrated(): Promise<Database> {
  const database = await freshDatabase();
  await migrateUp({ ...POSTGRES_DEFAULTS, url: database.url });
  return database;
}

/** Stores on a migrated database, and a pool that nothing happens to, to look and to meddle with. */
export async function migratedStores(changes: Partial<PostgresConfig> = {}) {
  const database = await migratedDatabase();
  return { ...openStores(database.url, changes), database, admin: openAdmin(database.url) };
}

export function openAdmin(url: string) {
  const admin = makePool({ ...POSTGRES_DEFAULTS, url, poolSize: 3, applicationName: "admin" });
  afterwards(async () => admin.end());
  return admin;
}

/** Every way into the database, harmless to an empty one. */
export function everyCall({ events, pool, change }: Pick<Stores, "events" | "pool" | "change">) {
  const nobody = [{ eventId: randomUUID(), tenant: TENANT, fence: 1 }];
  return {
    claimDue: async () => events.claimDue({ limit: 5, leaseMs: LEASE_MS }, take),
    begin: async () => events.begin(nobody, LEASE_MS),
    finish: async () => events.finish(nobody.map((claim) => ({ claim, outcome: { state: "COMPLETED" } }))),
    release: async () => events.release(nobody),
    giveUp: async () => events.giveUp(nobody, 1),
    extend: async () => events.extend(nobody, LEASE_MS),
    nextWake: async () => events.nextWake(),
    backlog: async () => events.backlog(),
    "a unit of work": async () => change(async (transaction) => transaction.events.leader(randomUUID())),
    "a unit of work by the ORM": async () => change(async (transaction) => transaction.schedules.list({ limit: 1 })),
    checkSchema: async () => checkSchema(pool),
  };
}

/** The `Unavailable` in which `call` ends, with its cause. */
export async function refusalOf(call: Promise<unknown>, name = "the call"): Promise<Unavailable> {
  const error = await call.then(
    () => expect.fail(`${name} went through`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Unavailable)) throw new Error(`${name} ends in something else`, { cause: error });
  expect(error).to.include({ family: "unavailable", code: "unavailable" });
  expect(error.cause, name).to.be.instanceOf(Error);
  return error;
}

/** Makes every call, all at once, and tells what they are refused with. */
export async function refusals(stores: Stores, { but = [] }: { but?: readonly string[] } = {}): Promise<Set<string>> {
  const calls = Object.entries(everyCall(stores)).filter(([name]) => !but.includes(name));
  return new Set(await Promise.all(calls.map(async ([name, call]) => (await refusalOf(call(), name)).message)));
}

/** Makes every call, and fails where one does not go through, or keeps a connection. */
export async function allWork(stores: Stores): Promise<void> {
  for (const call of Object.values(everyCall(stores))) await call();
  allGivenBack(stores);
}

export function allGivenBack({ pool }: Pick<Stores, "pool">): void {
  expect(pool.totalCount - pool.idleCount, "connections that were never given back").to.equal(0);
}

/** Asks again and again, for seconds at most. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let polls = 0; polls < 500; polls++) {
    if (await holds()) return;
    await realClock.sleep(10);
  }
  expect.fail(`${what}: not within seconds`);
}
