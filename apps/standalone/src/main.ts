import type { Telemetry } from "@punctual/core";
import { BadConfig, loadConfig, type StandaloneConfig } from "./config.js";
import { type Platform, startPlatform } from "./platform.js";
import { welcome } from "./welcome.js";

const VERSION = "0.0.0";

const say = (line: string) => console.log(line);

/** What goes wrong, as one line of JSON each; what goes well is seen where it arrives. */
const telemetry: Telemetry = {
  note: (fact) => {
    if (fact.kind !== "trouble") return;
    const error = fact.error instanceof Error ? fact.error.message : String(fact.error);
    console.error(JSON.stringify({ level: "error", time: new Date().toISOString(), where: fact.where, error }));
  },
};

async function start(config: StandaloneConfig): Promise<Platform> {
  const began = performance.now();
  const platform = await startPlatform(config, { version: VERSION, telemetry, say });
  say(welcome({ url: platform.url, dataDir: config.dataDir, tookMs: performance.now() - began }));
  return platform;
}

function onceTold(platform: Platform): void {
  let told = false;
  const end = () => {
    if (told) return;
    told = true;
    say("Stopping: what is under way ends first.");
    platform.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on("SIGTERM", end).on("SIGINT", end);
}

function fail(error: unknown): never {
  console.error(error instanceof BadConfig || error instanceof Error ? error.message : error);
  process.exit(error instanceof BadConfig ? 2 : 1);
}

try {
  onceTold(await start(loadConfig(process.env, process.argv.slice(2))));
} catch (error) {
  fail(error);
}
