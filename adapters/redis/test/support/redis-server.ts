import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { machineTime } from "@punctual/adapter-sdk/conformance";

export interface RedisServer {
  readonly url: string;
  /** As if the power went. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it, and removes what it kept. */
  stop(): Promise<void>;
}

export type SomeRedis = Pick<RedisServer, "url" | "stop">;

const PROGRAM = ["redis-server", "valkey-server"].find(
  (name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0,
);
const PATIENCE_MS = 20_000;

/** Why there is no server to be started by a test; null if there is. */
export const NO_SERVER = PROGRAM === undefined ? "neither redis-server nor valkey-server is on the PATH" : null;
/** Why there is none at all. */
export const NO_REDIS =
  NO_SERVER === null || process.env["TEST_REDIS_URL"] !== undefined ? null : `no TEST_REDIS_URL, and ${NO_SERVER}`;

/** The one at `TEST_REDIS_URL`, else one of its own. */
export async function someRedis(): Promise<SomeRedis> {
  const url = process.env["TEST_REDIS_URL"];
  return url === undefined ? startRedis() : { url, stop: async () => undefined };
}

/** A server on a port of its own, that keeps nothing unless it is told to. */
export async function startRedis(...settings: readonly string[]): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), "punctual-redis-"));
  const port = await freePort();
  const kept = settings.length > 0 ? settings : ["--appendonly", "no"];
  const args = ["--bind", "127.0.0.1", "--port", String(port), "--dir", folder, "--save", "", ...kept];
  const launch = () => spawn(PROGRAM ?? "redis-server", args, { stdio: "ignore" });
  let running = launch();
  const end = async () => {
    if (running.exitCode !== null || running.signalCode !== null) return;
    running.kill("SIGKILL");
    await once(running, "exit");
  };
  const stop = async () => {
    await end();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await listening(port);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: end,
    start: async () => {
      running = launch();
      await listening(port);
    },
    stop,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function listening(port: number): Promise<void> {
  const { pass } = machineTime();
  for (let left = PATIENCE_MS; left > 0; left -= 50) {
    if (await answers(port)) return;
    await pass(50);
  }
  throw new Error(`No Redis began to listen within ${PATIENCE_MS} ms`);
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    return await new Promise((resolve) => {
      socket.on("error", () => resolve(false));
      socket.on("data", (answer) => resolve(!answer.toString().startsWith("-LOADING")));
      socket.write("PING\r\n");
    });
  } finally {
    socket.destroy();
  }
}
