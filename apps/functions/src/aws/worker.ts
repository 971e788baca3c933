import { workerHandler } from "@punctual/adapter-aws/wiring";
import { type Environment, read } from "../config.js";
import { LONGEST_SEND_MS } from "../settings.js";
import { baseOf } from "./base.js";
import { delivering } from "./container.js";
import { ANY, DATABASE, KEYS, KNOWN, SENDING, SERVICES, TRANSPORT } from "./variables.js";

/** Delivers what the queue hands over, a batch an invocation. */
export function workerFor(environment: Environment) {
  const config = read(environment, { ...ANY, ...DATABASE, ...SERVICES, ...TRANSPORT, ...KEYS, ...SENDING }, KNOWN);
  const base = baseOf(config);
  const { transport, deliver, sender } = delivering(config, base);
  const around = base.around(() => sender.renew());
  const { clock, telemetry } = base;
  return workerHandler({ transport, deliver, clock, telemetry, around, leastMs: LONGEST_SEND_MS });
}
