import { startEmbedded } from "@punctual/adapter-postgres/server";
import pg from "pg";

/** The same for all sides: everything is durable, and no checkpoint falls into a round. */
export const SERVER_SETTINGS: Readonly<Record<string, string>> = {
  synchronous_commit: "on",
  shared_buffers: "1GB",
  effective_cache_size: "4GB",
  maintenance_work_mem: "512MB",
  work_mem: "32MB",
  max_wal_size: "8GB",
  min_wal_size: "2GB",
  checkpoint_timeout: "30min",
  max_connections: "100",
};

export interface BenchServer {
  /** Makes an empty database and answers its URL. */
  database(name: string): Promise<string>;
}

/** Runs `work` on a server of its own, which is discarded afterwards. */
export async function onServer<T>(
  work: (server: BenchServer) => Promise<T>,
  settings: Readonly<Record<string, string>> = {},
): Promise<T> {
  const all = { ...SERVER_SETTINGS, ...settings };
  const server = await startEmbedded({ durable: true, settings: all });
  try {
    const version = await once(server.url, "show server_version");
    const stated = Object.entries(all).map(([name, value]) => `${name}=${value}`);
    console.log(`PostgreSQL ${version}, embedded, durable, the same for all sides: ${stated.join(", ")}`);
    return await work({
      database: async (name) => {
        await once(server.url, `create database ${name}`);
        const url = new URL(server.url);
        url.pathname = name;
        return url.href;
      },
    });
  } finally {
    await server.stop();
  }
}

async function once(url: string, text: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, string>>(text);
    return Object.values(rows[0] ?? {})[0] ?? "";
  } finally {
    await client.end();
  }
}
