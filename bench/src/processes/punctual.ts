import { RunScheduler } from "@punctual/core";
import { ports } from "@punctual/core/wiring";
import { type PunctualOrders, punctualContainer } from "./container.js";
import type { Noted } from "./counting-telemetry.js";
import { ordersOf } from "./orders.js";
import { serve } from "./serve.js";

const { container, stores, telemetry } = punctualContainer(ordersOf<PunctualOrders>());
let running = { stop: () => {}, stopped: Promise.resolve() };

/** Ours, as a long-running process, with what looks after its tables. */
const skills = {
  /** Makes a signing secret that this process can open. */
  seal: async (owner: string): Promise<string> => (await container.get(ports.vault).make(owner)).sealed,
  /** Runs until so many events have ended. */
  deliver: async (count: number): Promise<void> => {
    const { promise: troubled, reject } = Promise.withResolvers<never>();
    const stopping = new AbortController();
    const finished = telemetry.finished(count);
    const maintained = stores.maintain(container.get(ports.clock), telemetry, stopping.signal);
    const scheduled = container.get(RunScheduler).run(stopping.signal);
    const stopped = Promise.all([maintained, scheduled]).then(() => undefined);
    stopped.catch(reject);
    running = { stop: () => stopping.abort(), stopped };
    await Promise.race([finished, troubled]);
  },
  /** Ends what `deliver` began, and tells what was noted meanwhile. */
  rest: async (): Promise<Noted> => {
    running.stop();
    await running.stopped;
    return telemetry.noted;
  },
};
export type Punctual = typeof skills;

serve(skills);
