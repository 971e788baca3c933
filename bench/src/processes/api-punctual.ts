import { authenticatorFor, Cursors, makeApi, routesOf } from "@punctual/api";
import { telemetryFor } from "@punctual/adapter-telemetry/wiring";
import { IntlZoneRules, Recurrence } from "@punctual/core";
import { ports } from "@punctual/core/wiring";
import { type PunctualOrders, punctualContainer } from "./container.js";
import { listening } from "./listening.js";
import { ordersOf } from "./orders.js";
import { serve } from "./serve.js";

export interface ApiOrders extends PunctualOrders {
  readonly secret: string;
  readonly issuer: string;
  readonly audience: string;
}

const { secret, issuer, audience, ...orders } = ordersOf<ApiOrders>();
const { container } = punctualContainer(orders);
const clock = container.get(ports.clock);
const limits = { ratePerSecond: null, concurrency: null, ackWithinMs: null };
const greeted = { kind: "http", url: "http://127.0.0.1/", method: "POST", headers: {}, timeoutMs: 10_000, ...limits };

/** Every request is a line and a number, as where it runs; what goes wrong is shown. */
const shown = { write: (line: string) => void (line.includes('"trouble"') && process.stderr.write(line)) };
const config = { logLevel: "info", otlpUrl: null, service: "punctual", version: "0.0.0" } as const;
const { telemetry } = await telemetryFor(config, shown);

/** The API as an app makes it, without what delivers. */
const app = makeApi({
  routes: routesOf({ cursors: new Cursors(Buffer.alloc(32, 7)), version: "0.0.0", ready: async () => undefined }),
  useCases: {
    unitOfWork: container.get(ports.unitOfWork),
    recurrence: new Recurrence(new IntlZoneRules({ version: process.versions.tz ?? "unknown" })),
    ids: container.get(ports.ids),
    senders: container.get(ports.senders),
    vault: container.get(ports.vault),
    gate: container.get(ports.gate),
    clock,
    rng: container.get(ports.rng),
    signatures: container.get(ports.signatures),
    greetings: { inline: greeted },
  },
  authenticator: authenticatorFor({ kind: "secret", secret, issuer, audience }, "127.0.0.1", { clock }),
  telemetry,
});

const skills = { listen: async (): Promise<string> => listening(app) };
export type ApiPunctual = typeof skills;

serve(skills);
