import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, realpathSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { delimiter, dirname, join } from "node:path";

const LIBRARY = "platform/pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar";

const jar = jarIn(process.env["PUBSUB_EMULATOR_JAR"], process.env["PATH"] ?? "");

/** Why Google's emulator is not asked here, or null if it is; it stands in the titles of what is skipped. */
export const NO_EMULATOR =
  jar === null
    ? "no PUBSUB_EMULATOR_JAR, and none beside gcloud"
    : spawnSync("java", ["-version"], { stdio: "ignore" }).status === 0
      ? null
      : "no java on the PATH";

let running: Promise<string> | null = null;

/** Where the one emulator of this process listens; it is started for the first who asks. */
export async function endpointOfEmulator(): Promise<string> {
  running ??= start();
  return running;
}

/** The jar itself: `gcloud`, when it is killed, leaves its java behind. */
async function start(): Promise<string> {
  const port = await freePort();
  const options = ["-Xmx512m", "-jar", jar ?? "", "--host=127.0.0.1", `--port=${port}`];
  const child = spawn("java", options, { stdio: ["ignore", "pipe", "pipe"] });
  // It ends with whoever ran the tests, however they end; and keeps nobody from ending.
  process.once("exit", () => child.kill("SIGKILL"));
  const exited = once(child, "exit").then(() => {
    throw new Error("The emulator ended before it listened");
  });
  exited.catch(() => undefined);
  const started = Promise.withResolvers<void>();
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      if (said.includes("Server started")) return;
      said += chunk.toString();
      if (said.includes("Server started")) started.resolve();
    });
  }
  await Promise.race([started.promise, exited]);
  child.unref();
  for (const stream of [child.stdout, child.stderr]) (stream as Socket).unref();
  return `127.0.0.1:${port}`;
}

function jarIn(given: string | undefined, path: string): string | null {
  if (given !== undefined && given !== "") return existsSync(given) ? given : null;
  const sdks = path
    .split(delimiter)
    .map((folder) => join(folder, "gcloud"))
    .filter((gcloud) => existsSync(gcloud))
    .map((gcloud) => dirname(dirname(realpathSync(gcloud))));
  const found = [...sdks, "/usr/lib/google-cloud-sdk"].flatMap((sdk) => globSync(join(sdk, LIBRARY)));
  return found[0] ?? null;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
