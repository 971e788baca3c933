import { deadLetterHandler } from "@punctual/adapter-aws/wiring";
import { type Environment, read } from "../config.js";
import { burying } from "../container.js";
import { baseOf } from "./base.js";
import { groundOf, sqsOf } from "./parts.js";
import { ANY, DATABASE, KEYS, KNOWN, SERVICES, TRANSPORT } from "./variables.js";

/** Looks after what the queue gave up on: an event is seen to by its row, and what nobody can read is set aside. */
export function deadLettersFor(environment: Environment) {
  const config = read(environment, { ...ANY, ...DATABASE, ...SERVICES, ...TRANSPORT, ...KEYS }, KNOWN);
  const base = baseOf(config);
  const { transport } = sqsOf(config, base);
  return deadLetterHandler({ transport, bury: burying(groundOf(config, base)), around: base.around() });
}
