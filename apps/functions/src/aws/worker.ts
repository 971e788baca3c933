import { workerHandler } from "@punctual/adapter-aws/wiring";
import { type Environment, read } from "../config.js";
import { delivering } from "../container.js";
import { LONGEST_SEND_MS } from "../settings.js";
import { baseOf } from "./base.js";
import { groundOf, sendingOf, sqsOf } from "./parts.js";
import { SHAPES } from "./shapes.js";
import { contradictionsInLogin, KNOWN } from "./variables.js";

/** Delivers what the queue hands over, a batch an invocation. */
export function workerFor(environment: Environment) {
  const config = read(environment, SHAPES.worker, KNOWN, contradictionsInLogin);
  const base = baseOf(config);
  const { transport } = sqsOf(config, base);
  const { deliver, sender } = delivering(groundOf(config, base), sendingOf(config));
  const around = base.around(() => sender.renew());
  const { clock, telemetry } = base;
  return workerHandler({ transport, deliver, clock, telemetry, around, leastMs: LONGEST_SEND_MS });
}
