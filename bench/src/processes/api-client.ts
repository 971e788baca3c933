import { Pool } from "undici";
import { loops } from "../database/parallel.js";
import { percentile } from "../figures.js";
import { ordersOf } from "./orders.js";
import { serve } from "./serve.js";

export type Deed = "create" | "read" | "list";

export interface ApiClientOrders {
  readonly connections: number;
  readonly token: string;
}

export interface ApiWork {
  readonly url: string;
  readonly deed: Deed;
  readonly count: number;
  /** What is made. */
  readonly body: string;
}

export interface Latencies {
  readonly p50: number;
  readonly p99: number;
}

const { connections, token } = ordersOf<ApiClientOrders>();
const pools = new Map<string, Pool>();
const known = new Map<string, readonly string[]>();

async function ask(pool: Pool, method: "GET" | "POST", path: string, body?: string): Promise<string> {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body !== undefined && { "content-type": "application/json" }),
  };
  const answer = await pool.request({ method, path, headers, ...(body !== undefined && { body }) });
  const text = await answer.body.text();
  if (answer.statusCode < 300) return text;
  throw new Error(`${method} ${path} was answered ${answer.statusCode}: ${text}`);
}

function poolOf(url: string): Pool {
  const pool = pools.get(url) ?? new Pool(url, { connections, pipelining: 1 });
  pools.set(url, pool);
  return pool;
}

/** Asks an API over so many connections, each of them for one thing after the other. */
const skills = {
  make: async (url: string, path: string, body: string): Promise<string> => {
    return (JSON.parse(await ask(poolOf(url), "POST", path, body)) as { readonly id: string }).id;
  },
  /** Looks up what there is to be read. */
  look: async (url: string): Promise<number> => {
    const { items } = JSON.parse(await ask(poolOf(url), "GET", "/v1/schedules?limit=200")) as {
      readonly items: readonly { readonly id: string }[];
    };
    known.set(
      url,
      items.map(({ id }) => id),
    );
    return items.length;
  },
  work: async ({ url, deed, count, body }: ApiWork): Promise<Latencies> => {
    const pool = poolOf(url);
    const ids = known.get(url) ?? [];
    const times: number[] = [];
    let left = count;
    await loops(connections, async () => {
      while (left-- > 0) {
        const from = performance.now();
        if (deed === "create") await ask(pool, "POST", "/v1/schedules", body);
        else if (deed === "list") await ask(pool, "GET", "/v1/schedules?limit=50");
        else await ask(pool, "GET", `/v1/schedules/${ids[left % ids.length]}`);
        times.push(performance.now() - from);
      }
    });
    return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
  },
};
export type ApiClient = typeof skills;

serve(skills);
