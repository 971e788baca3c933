import { keysFor } from "@punctual/adapter-local/wiring";
import { authenticatorFor, Cursors, Door, makeApi, RateLimit, routesOf } from "@punctual/api";
import { apiConfigOf, contradictionsIn } from "@punctual/api/variables";
import { Unavailable } from "@punctual/core";
import { type Environment, read } from "../config.js";
import { answering } from "../container.js";
import { baseOf, type Running, running } from "./base.js";
import { groundOf, sendingOf } from "./parts.js";
import { SHAPES } from "./shapes.js";
import { KNOWN } from "./variables.js";

const VERSION = "0.0.0";
const ANYWHERE = "0.0.0.0";

/** The whole API in one service. */
export async function apiFor(environment: Environment): Promise<Running> {
  const config = read(environment, SHAPES.api, KNOWN, contradictionsIn);
  const base = await baseOf(config);
  const { clock, telemetry } = base;
  const { auth, greetings, origins, ratePerMinute } = apiConfigOf(config);
  const ground = groundOf(config, base);
  const { sender, useCases } = answering(ground, sendingOf(config), { greetings });
  const [cursorKey] = keysFor("cursors", config.PUNCTUAL_SECRET_KEYS);
  const door = await Door.open({ host: ANYWHERE, port: config.PORT, opsPort: null });
  const check = async () => ground.stores.check();
  const ready = async () => {
    if (door.closing.aborted) throw new Unavailable("It is being stopped");
    await check();
  };
  const api = makeApi({
    ...{ useCases, telemetry, origins },
    authenticator: authenticatorFor(auth, ANYWHERE, { clock }),
    ...(ratePerMinute !== null && { rate: new RateLimit(ratePerMinute, () => clock.monotonic()) }),
    routes: routesOf({
      cursors: new Cursors(cursorKey),
      version: VERSION,
      ready,
      stopping: door.closing,
      parts: { database: check },
    }),
  });
  const answer = api.callback();
  door.answer((request, response) => void answer(request, response));
  const service = { port: Number(new URL(door.url).port), close: async (ms: number) => door.close(ms, clock) };
  return running(service, base, async () => Promise.allSettled([sender.close(), ground.stores.close()]));
}
