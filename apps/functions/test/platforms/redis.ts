import { lookInto, startRedis } from "@punctual/adapter-redis/testing";
import { openInstallation } from "../support/installation.js";
import { LongRunning } from "../support/long-running.js";
import { sleep } from "../support/sleep.js";
import { askAt } from "./ask-at.js";
import type { Platform, PlatformOptions } from "./platform.js";

const QUEUE = "punctual";
/** A worker that runs on has as many requests under way as its connections to receivers allow. */
const PLACES = 1_000;

/** Redis, and processes that run on: one is the API, the others claim and deliver. */
export async function onRedis(options: PlatformOptions): Promise<Platform> {
  const { workers, hiddenSeconds, maxReceives, scheduler } = options;
  const installation = await openInstallation();
  const redis = await startRedis("--appendonly", "yes", "--appendfsync", "everysec");
  const queue = await lookInto(redis.url, QUEUE);
  const lines: string[] = [];
  const env = {
    ...installation.env,
    PUNCTUAL_PORT: "0",
    PUNCTUAL_TRANSPORT: "@punctual/adapter-redis",
    PUNCTUAL_TRANSPORT_REDIS_URL: redis.url,
    PUNCTUAL_TRANSPORT_QUEUE: QUEUE,
    PUNCTUAL_TRANSPORT_VISIBILITY_SECONDS: String(hiddenSeconds),
    PUNCTUAL_TRANSPORT_MAX_RECEIVES: String(maxReceives),
    PUNCTUAL_TRANSPORT_WAIT_SECONDS: "1",
    PUNCTUAL_SCHEDULER_LOOK_AHEAD_SECONDS: scheduler["PUNCTUAL_SCHEDULER_LOOK_AHEAD_SECONDS"] ?? "0",
    PUNCTUAL_DATABASE_POOL: "5",
  };
  const onLine = (line: string) => void lines.push(line);
  const program = (roles: string, more: Readonly<Record<string, string>> = {}) =>
    new LongRunning({ env: { ...env, PUNCTUAL_ROLES: roles, ...more }, onLine });
  const api = program("api", { PUNCTUAL_MIGRATE: "true" });
  const ask = askAt(await api.url, installation.token);
  // As many as the machine can do with: each has many more places than a function.
  const processes = Array.from({ length: Math.min(workers, 2) }, () => program("worker"));
  let turn = 0;
  return {
    ...{ name: "redis", lines, places: PLACES, carrier: redis, ask },
    ...{ rows: installation.rows, envelopes: installation.envelopes },
    put: async (text) => queue.put(text),
    work: async () => void (await Promise.all(processes.map(async (one) => one.url))),
    turn: () => sleep(250),
    killWorker: () => {
      const place = turn++ % processes.length;
      processes[place]?.kill();
      processes[place] = program("worker");
      return true;
    },
    killScheduler: () => false,
    aside: async () => queue.lying("unreadable"),
    deadLetters: async () => (await queue.lying("deadLetters")).length,
    demands: async () => [],
    close: async () => {
      await Promise.all([api, ...processes].map((one) => one.end()));
      queue.close();
      await Promise.all([redis.stop(), installation.close()]);
    },
  };
}
