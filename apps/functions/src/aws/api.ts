import { type ApiHandler, apiHandler, within } from "@punctual/adapter-aws/wiring";
import { keysFor } from "@punctual/adapter-local/wiring";
import { authenticatorFor, Cursors, makeApi, RateLimit, routesOf } from "@punctual/api";
import { apiConfigOf, contradictionsIn } from "@punctual/api/variables";
import { type Environment, read } from "../config.js";
import { answering } from "../container.js";
import { baseOf } from "./base.js";
import { groundOf, sendingOf } from "./parts.js";
import { SHAPES } from "./shapes.js";
import { contradictionsInLogin, KNOWN } from "./variables.js";

const VERSION = "0.0.0";
const ANYWHERE = "0.0.0.0";
/** The gateway waits for 29 s at most, and an answer goes through it when it is whole. */
const LONGEST_STREAM_MS = 15_000;

/** The whole API in one function. */
export function apiFor(environment: Environment): ApiHandler {
  const config = read(environment, SHAPES.api, KNOWN, (given) => [
    ...contradictionsIn(given),
    ...contradictionsInLogin(given),
  ]);
  const base = baseOf(config);
  const { clock, telemetry } = base;
  const { auth, greetings, origins, ratePerMinute } = apiConfigOf(config);
  const ground = groundOf(config, base);
  const { sender, useCases } = answering(ground, sendingOf(config), { greetings });
  const [cursorKey] = keysFor("cursors", config.PUNCTUAL_SECRET_KEYS);
  const check = async () => ground.stores.check();
  const api = makeApi({
    ...{ useCases, telemetry, origins },
    authenticator: authenticatorFor(auth, ANYWHERE, { clock }),
    ...(ratePerMinute !== null && { rate: new RateLimit(ratePerMinute, () => clock.monotonic()) }),
    routes: routesOf({
      ...{ cursors: new Cursors(cursorKey), version: VERSION, ready: check, parts: { database: check } },
      ...{ withoutReference: true, longestStreamMs: LONGEST_STREAM_MS },
    }),
  });
  const handle = apiHandler(api.callback(), { telemetry });
  const around = base.around(() => sender.renew());
  return async (event, context) => within(around, () => handle(event, context));
}
