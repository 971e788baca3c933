import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Client } from "pg";
import { withClient } from "../../src/server/connections.js";

/** The one value that a query answers. */
export function ask<T = string | number>(url: string, sql: string): Promise<T> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: "array" });
    return rows[0]?.[0] as T;
  });
}

/** A client that stays connected. */
export async function connected(url: string) {
  const client = new Client({ connectionString: url });
  const errors: Error[] = [];
  client.on("error", (error) => errors.push(error)); // a break is told twice
  await client.connect();
  return { client, errors, broken: once(client, "error") };
}

/** A process with an embedded server, between two pieces of script: `then` knows it as `server`. */
export async function startChild(options: { dataDir?: string; first?: string; then?: string }): Promise<{
  child: ChildProcess;
  url: string;
  data: string;
  /** What the process wrote after that, once it has ended. */
  rest: Promise<string[]>;
}> {
  const { then = "setInterval(() => {}, 1_000)", first = "", ...given } = options;
  const script = `
    import { startEmbedded } from ${JSON.stringify(new URL("../../src/server/index.js", import.meta.url))};
    import { ask } from ${JSON.stringify(import.meta.url)};
    ${first}
    const server = await startEmbedded(${JSON.stringify({ durable: false, ...given })});
    console.log(JSON.stringify({ url: server.url, data: await ask(server.url, "SHOW data_directory") }));
    ${then};`;
  const child = spawn(process.execPath, [...process.execArgv, "--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ready = await lines.next();
  if (ready.done) throw new Error("The child ended before its server was ready");
  const rest = async () => {
    const all: string[] = [];
    for (let line = await lines.next(); !line.done; line = await lines.next()) all.push(line.value);
    return all;
  };
  return { child, ...(JSON.parse(ready.value) as { url: string; data: string }), rest: rest() };
}
