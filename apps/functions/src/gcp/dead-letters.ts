import { deadLetterPushHandler } from "@punctual/adapter-gcp/wiring";
import { type Environment, read } from "../config.js";
import { burying } from "../container.js";
import { baseOf, type Running, running, serving } from "./base.js";
import { groundOf, pushed } from "./parts.js";
import { pushRoute } from "./push-route.js";
import { SHAPES } from "./shapes.js";
import { KNOWN } from "./variables.js";

/** Looks after what Pub/Sub gave up on: an event is seen to by its row, and what nobody can read is set aside. */
export async function deadLettersFor(environment: Environment): Promise<Running> {
  const config = read(environment, SHAPES["dead-letters"], KNOWN);
  const base = await baseOf(config);
  const ground = groundOf(config, base);
  const carried = pushed(config, base);
  const push = deadLetterPushHandler({ transport: carried.transport, bury: burying(ground) });
  const service = await serving(config, base, { "POST /push": pushRoute(push) });
  return running(service, base, async () => Promise.allSettled([carried.close(), ground.stores.close()]));
}
