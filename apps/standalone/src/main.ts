import { telemetryFor, type ProcessTelemetry } from "@punctual/adapter-telemetry/wiring";
import { BadConfig, loadConfig, type StandaloneConfig } from "./config.js";
import { startPlatform } from "./platform.js";
import { withFiles } from "./read-files.js";
import { welcome } from "./welcome.js";

const VERSION = "0.0.0";

async function start(config: StandaloneConfig): Promise<void> {
  const began = performance.now();
  const { logLevel, otlpUrl } = config;
  // Who sits before it reads what it says; what machines read goes beside.
  const say = (line: string) => void (config.local && console.log(line));
  const logs = config.local ? process.stderr : process.stdout;
  const observed = await telemetryFor({ logLevel, otlpUrl, service: "punctual", version: VERSION }, logs);
  const platform = await startPlatform(config, { version: VERSION, observed, say });
  onceTold(async () => {
    say("Stopping: what is under way ends first.");
    observed.log("stopping", { withinMs: config.drainMs });
    const ended = await platform.close();
    if (!ended) noteLate(observed);
    await observed.close();
    return ended ? 0 : 1;
  });
  observed.log("ready", { url: platform.url, roles: config.roles.join() });
  say(welcome({ url: platform.url, stores: config.stores, tookMs: performance.now() - began }));
}

function noteLate({ telemetry }: ProcessTelemetry): void {
  telemetry.note({ kind: "trouble", where: "stop", error: new Error("Not all that was under way ended in time") });
}

/** Told a second time it ends at once: whoever asks twice will not wait. */
function onceTold(stop: () => Promise<number>): void {
  let told = false;
  const end = () => {
    if (told) process.exit(130);
    told = true;
    stop().then((code) => process.exit(code), fail);
  };
  process.on("SIGTERM", end).on("SIGINT", end);
}

function fail(error: unknown): never {
  console.error(error instanceof Error ? error.message : error);
  process.exit(error instanceof BadConfig ? 2 : 1);
}

try {
  await start(loadConfig(await withFiles(process.env), process.argv.slice(2)));
} catch (error) {
  fail(error);
}
