import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

let running: Promise<{ readonly endpoint: string; readonly process: ChildProcess }> | null = null;

/** Why there is no `moto_server` here, or null if there is one; it stands in the titles of what is skipped. */
export const NO_MOTO =
  spawnSync("moto_server", ["--help"], { stdio: "ignore" }).status === 0 ? null : "no moto_server on the PATH";

/** `describe`, or a skip whose title has the reason. What it describes gets a server that is there once tests run. */
export function describeWithMoto(title: string, build: (endpoint: () => Promise<string>) => void): void {
  if (NO_MOTO !== null) return void describe.skip(`${title} (skipped: ${NO_MOTO})`, () => build(endpointOfMoto));
  describe(title, () => build(endpointOfMoto));
}

/** Where the one moto of this process listens; it is started for the first who asks. */
export async function endpointOfMoto(): Promise<string> {
  running ??= start();
  return (await running).endpoint;
}

async function start() {
  const port = await freePort();
  const child = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], { stdio: ["ignore", "ignore", "pipe"] });
  // It ends with whoever ran the tests, however they end; and keeps nobody from ending.
  process.once("exit", () => child.kill("SIGKILL"));
  const endpoint = `http://127.0.0.1:${port}`;
  const exited = once(child, "exit").then(() => {
    throw new Error("moto_server ended before it listened");
  });
  exited.catch(() => undefined);
  await Promise.race([listening(child), exited]);
  child.unref();
  (child.stderr as Socket).unref();
  return { endpoint, process: child };
}

/** It says where it runs once it does. What it says later is read, too, or it would wait for somebody to do so. */
function listening(child: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    if (said.includes("Running on")) return;
    said += chunk.toString();
    if (said.includes("Running on")) resolve();
  });
  return promise;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
