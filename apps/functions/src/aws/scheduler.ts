import { tickHandler } from "@punctual/adapter-aws/wiring";
import { type Environment, read } from "../config.js";
import { coreSettings, leastLeftMs, settingsOf } from "../settings.js";
import { handingOver, inPlace } from "../container.js";
import { baseOf } from "./base.js";
import { groundOf, sendingOf, sqsOf } from "./parts.js";
import { SHAPES } from "./shapes.js";
import { contradictionsInLogin, KNOWN } from "./variables.js";

/** A tick each minute: hands over what is due, or will be soon; in a single stage it delivers by itself. */
export function schedulerFor(environment: Environment) {
  if (environment["PUNCTUAL_SCHEDULER"] !== "single-stage") {
    const config = read(environment, SHAPES.scheduler, KNOWN, contradictionsInLogin);
    const base = baseOf(config);
    const settings = settingsOf(config);
    const ground = groundOf(config, base);
    const tick = handingOver(ground, sqsOf(config, base).transport, coreSettings(settings));
    const maintain = ground.stores.maintenance(base.clock, base.telemetry);
    return tickHandler({
      tick,
      maintain,
      clock: base.clock,
      around: base.around(),
      leastMs: leastLeftMs(settings.shape),
    });
  }
  const config = read(environment, SHAPES["single-stage"], KNOWN, contradictionsInLogin);
  const base = baseOf(config);
  const settings = settingsOf(config);
  const ground = groundOf(config, base);
  const { tick, sender } = inPlace(ground, sendingOf(config), coreSettings(settings));
  const maintain = ground.stores.maintenance(base.clock, base.telemetry);
  const around = base.around(() => sender.renew());
  return tickHandler({ tick, maintain, clock: base.clock, around, leastMs: leastLeftMs(settings.shape) });
}
