import { deadLetterHandler } from "@punctual/adapter-aws/wiring";
import { type Environment, read } from "../config.js";
import { burying } from "../container.js";
import { baseOf } from "./base.js";
import { groundOf, sqsOf } from "./parts.js";
import { SHAPES } from "./shapes.js";
import { contradictionsInLogin, KNOWN } from "./variables.js";

/** Looks after what the queue gave up on: an event is seen to by its row, and what nobody can read is set aside. */
export function deadLettersFor(environment: Environment) {
  const config = read(environment, SHAPES["dead-letters"], KNOWN, contradictionsInLogin);
  const base = baseOf(config);
  const { transport } = sqsOf(config, base);
  return deadLetterHandler({ transport, bury: burying(groundOf(config, base)), around: base.around() });
}
