import { pushHandler } from "@punctual/adapter-gcp/wiring";
import { type Environment, read } from "../config.js";
import { delivering } from "../container.js";
import { LONGEST_SEND_MS } from "../settings.js";
import { baseOf, type Running, running, serving } from "./base.js";
import { afterRest } from "./after-rest.js";
import { groundOf, pushed, sendingOf } from "./parts.js";
import { pushRoute } from "./push-route.js";
import { ANY, CALLERS, DATABASE, KEYS, KNOWN, SENDING, SERVICES, TRANSPORT } from "./variables.js";

const SHAPE = { ...ANY, ...DATABASE, ...TRANSPORT, ...KEYS, ...SENDING, ...SERVICES, ...CALLERS };

/** Delivers what Pub/Sub pushes, a message a request. */
export async function workerFor(environment: Environment): Promise<Running> {
  const config = read(environment, SHAPE, KNOWN);
  const base = await baseOf(config);
  const ground = groundOf(config, base);
  const carried = pushed(config, base);
  const { deliver, sender } = delivering(ground, sendingOf(config));
  const beginMs = config.PUNCTUAL_TRANSPORT_ACK_DEADLINE_SECONDS * 1_000 - LONGEST_SEND_MS;
  const push = pushHandler({
    transport: carried.transport,
    deliver,
    clock: base.clock,
    beginMs: Math.max(beginMs, LEAST_MS),
  });
  const rested = afterRest(base.clock, () => sender.renew());
  const answer = pushRoute(push);
  const service = await serving(config, base, { "POST /push": async (asked) => rested(async () => answer(asked)) });
  return running(service, base, async () =>
    Promise.allSettled([carried.close(), sender.close(), ground.stores.close()]),
  );
}

/** Where a subscription waits for less than the longest request may take, a message may come again while it is sent. */
const LEAST_MS = 5_000;
