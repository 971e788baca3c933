import { pushHandler, taskRoute } from "@punctual/adapter-gcp/wiring";
import { type Environment, read } from "../config.js";
import { delivering } from "../container.js";
import { LONGEST_SEND_MS } from "../settings.js";
import { afterRest } from "./after-rest.js";
import { baseOf, type Running, running, serving } from "./base.js";
import { groundOf, pushed, sendingOf, tasksOf } from "./parts.js";
import { pushRoute } from "./push-route.js";
import { SHAPES } from "./shapes.js";
import { isOnTasks, KNOWN } from "./variables.js";

/** Where a subscription waits for less than the longest request may take, a message may come again while it is sent. */
const LEAST_MS = 5_000;

/** Delivers what is pushed, a message a request. */
export async function workerFor(environment: Environment): Promise<Running> {
  return isOnTasks(environment) ? ofTasks(environment) : ofPubsub(environment);
}

async function ofPubsub(environment: Environment): Promise<Running> {
  const config = read(environment, SHAPES.worker, KNOWN);
  const base = await baseOf(config);
  const ground = groundOf(config, base);
  const carried = pushed(config, base);
  const { deliver, sender } = delivering(ground, sendingOf(config));
  const beginMs = config.PUNCTUAL_TRANSPORT_ACK_DEADLINE_SECONDS * 1_000 - LONGEST_SEND_MS;
  const { clock } = base;
  const push = pushHandler({ transport: carried.transport, deliver, clock, beginMs: Math.max(beginMs, LEAST_MS) });
  const rested = afterRest(clock, () => sender.renew());
  const answer = pushRoute(push);
  const service = await serving(config, base, { "POST /push": async (asked) => rested(async () => answer(asked)) });
  return running(service, base, async () =>
    Promise.allSettled([carried.close(), sender.close(), ground.stores.close()]),
  );
}

async function ofTasks(environment: Environment): Promise<Running> {
  const config = read(environment, SHAPES["worker, tasks"], KNOWN);
  const base = await baseOf(config);
  const ground = groundOf(config, base);
  const tasks = tasksOf(config, base);
  const { deliver, sender } = delivering(ground, sendingOf(config));
  const rested = afterRest(base.clock, () => sender.renew());
  const answer = taskRoute({ tasks, deliver });
  const service = await serving(config, base, { "POST /push": async (asked) => rested(async () => answer(asked)) });
  return running(service, base, async () => Promise.allSettled([tasks.close(), sender.close(), ground.stores.close()]));
}
