import { Client } from "pg";

const POLLS = 10;

/**
 * Waits until no other client is connected, for some 100 ms at most: a pool's `end()` resolves before the server has
 * noticed, and whom it then throws out gets an `error` event, which ends a process that does not listen.
 */
export async function othersGone(client: Client, database?: string): Promise<void> {
  for (let poll = 0; poll < POLLS; poll += 1) {
    const others = await client.query(
      `SELECT FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND datname = coalesce($1, datname)`,
      [database ?? null],
    );
    if (others.rowCount === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A connection for the length of one piece of work. */
export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  let broken: unknown;
  // Without a listener a server that dies meanwhile would end the process; the query at hand rejects anyway.
  client.on("error", (error) => (broken ??= error));
  try {
    await client.connect();
    return await work(client);
  } finally {
    if (broken === undefined) await client.end();
  }
}
