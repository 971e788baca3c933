import { DRAIN_MS } from "@punctual/adapter-gcp/wiring";
import { BadConfig } from "../config.js";
import type { Running } from "./base.js";

/** Runs a service until Cloud Run ends it, or says why it cannot. */
export async function run(start: () => Promise<Running>): Promise<void> {
  try {
    const service = await start();
    console.log(JSON.stringify({ severity: "INFO", message: "ready", port: service.port }));
    const end = () => {
      service.close(DRAIN_MS).then((ended) => process.exit(ended ? 0 : 1), fail);
    };
    process.once("SIGTERM", end).once("SIGINT", end);
  } catch (error) {
    fail(error);
  }
}

/** A job: it ends by itself. */
export async function runOnce(work: () => Promise<void>): Promise<void> {
  await work().catch(fail);
}

/** Configuration is told in full and by itself, as everything else is to whoever reads logs. */
function fail(error: unknown): never {
  const message = error instanceof BadConfig ? error.message : String(error instanceof Error ? error.stack : error);
  console.error(JSON.stringify({ severity: "ERROR", message }));
  process.exit(error instanceof BadConfig ? 2 : 1);
}
