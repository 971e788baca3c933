import { createHmac, randomBytes } from "node:crypto";
import { migrateUp } from "@punctual/adapter-postgres/migrate";
import { POSTGRES_DEFAULTS } from "@punctual/adapter-postgres/config";
import { alternate, ratios, type Side } from "./database/rounds.js";
import { onServer, SERVER_SETTINGS } from "./database/server.js";
import { median, whole } from "./figures.js";
import type { Options } from "./options.js";
import type { ApiBare, ApiBareOrders } from "./processes/api-bare.js";
import type { ApiClient, ApiClientOrders, Deed, Latencies } from "./processes/api-client.js";
import type { ApiOrders, ApiPunctual } from "./processes/api-punctual.js";
import { Child } from "./processes/child.js";
import { printTable, publish } from "./report.js";
import { judge, rounded, type Verdict } from "./verdict.js";

const TARGET = 0.5;
const CONNECTIONS = 32;
const POOL_SIZE = 10;
const WHO = { issuer: "https://issuer.example/", audience: "punctual" };
const DEEDS = ["create", "read", "list"] as const;
/** A page of fifty costs as much as many single reads. */
const SHARE: Readonly<Record<Deed, number>> = { create: 1, read: 1, list: 0.2 };

const SCHEDULE = {
  type: "report.due",
  timeZone: "Europe/Berlin",
  when: { cron: "0 9 * * MON-FRI" },
  payload: { report: "sales" },
};

interface Place {
  readonly name: string;
  readonly url: string;
  readonly body: string;
}

/** How many schedules are made, read and listed through the API, against a route with one statement each. */
export async function api({ rounds = 5, events = 3_000 }: Options): Promise<Verdict> {
  return onServer(async (server) => {
    const secret = randomBytes(32).toString("base64");
    const client = new Child<ApiClient>("api-client", {
      connections: CONNECTIONS,
      token: tokenOf(secret),
    } satisfies ApiClientOrders);
    const [database, other] = [await server.database("ours"), await server.database("bare")];
    await migrateUp({ ...POSTGRES_DEFAULTS, url: database });
    const settings = { places: 10, limit: 10, flushMs: 5, poolSize: POOL_SIZE, connections: 1, semiSpaceMb: 16 };
    const key = randomBytes(32).toString("base64");
    const ours = new Child<ApiPunctual>("api-punctual", {
      ...settings,
      ...WHO,
      database,
      key,
      secret,
    } satisfies ApiOrders);
    const bare = new Child<ApiBare>("api-bare", { database: other, poolSize: POOL_SIZE } satisfies ApiBareOrders);
    try {
      const url = await ours.ask("listen");
      const destinationId = await client.ask("make", url, "/v1/destinations", '{"url":"http://127.0.0.1/"}');
      const places: readonly Place[] = [
        { name: "ours", url, body: JSON.stringify({ ...SCHEDULE, destinationId }) },
        { name: "bare Koa", url: await bare.ask("listen"), body: JSON.stringify({ ...SCHEDULE, destinationId }) },
      ];
      const found: Record<string, number> = {};
      const rows: string[][] = [];
      const rates: Record<string, object> = {};
      for (const deed of DEEDS) {
        const count = Math.max(CONNECTIONS, Math.round(events * SHARE[deed]));
        const sides = places.map((place) => sideOf(place, { client, deed, count }));
        const reached = await alternate(sides, rounds, count);
        found[deed] = median(ratios(reached, sides[0]!.name, sides[1]!.name));
        rates[deed] = Object.fromEntries(reached);
        for (const { name, latencies } of sides) {
          const times = (which: keyof Latencies) => `${rounded(median(latencies.map((one) => one[which])))}`;
          rows.push([name, whole(median(reached.get(name)!)), times("p50"), times("p99")]);
        }
      }
      printTable([["side", "requests/s", "p50 ms", "p99 ms"], ...rows]);
      const targets = Object.fromEntries(DEEDS.map((deed) => [deed, { atLeast: TARGET }]));
      return publish(judge("api", found, targets), { rounds, events, settings: SERVER_SETTINGS, rates });
    } finally {
      for (const child of [client, ours, bare]) await child.end();
    }
  });
}

interface ApiSide extends Side {
  /** Of the rounds that count. */
  readonly latencies: readonly Latencies[];
}

function sideOf(
  { name, url, body }: Place,
  { client, deed, count }: { readonly client: Child<ApiClient>; readonly deed: Deed; readonly count: number },
): ApiSide {
  const latencies: Latencies[] = [];
  return {
    name: `${deed}: ${name}`,
    latencies,
    prepare: async () => {
      if ((await client.ask("look", url)) === 0 && deed !== "create") throw new Error("There is nothing to read");
    },
    run: async () => void latencies.push(await client.ask("work", { url, deed, count, body })),
    check: async () => undefined,
  };
}

/** A token of a shared secret, good for an hour. */
function tokenOf(secret: string): string {
  const part = (json: object) => Buffer.from(JSON.stringify(json)).toString("base64url");
  const exp = Math.floor(Date.now() / 1_000) + 3_600;
  const claims = { iss: WHO.issuer, aud: WHO.audience, exp, sub: "bench", tenant: "main", roles: ["admin"] };
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}
