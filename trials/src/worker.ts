import { monitorEventLoopDelay } from "node:perf_hooks";
import { RunScheduler, RunWorker } from "@punctual/core";
import { ports } from "@punctual/core/wiring";
import { workerContainer } from "./container.js";
import type { WorkerOrders, WorkerReport } from "./orders.js";
import type { Part } from "./perform.js";

/** Claims and delivers from now on. */
export async function work(orders: WorkerOrders): Promise<Part<null, WorkerReport>> {
  const parts = workerContainer(orders);
  const { container, stores, telemetry } = parts;
  await stores.check();
  const stopping = new AbortController();
  const { signal } = stopping;
  const stalls = monitorEventLoopDelay();
  stalls.enable();
  const loops = [
    container.get(RunScheduler).run(signal),
    stores.maintain(container.get(ports.clock), telemetry, signal),
  ];
  if (orders.shape === "two stages") loops.push(container.get(RunWorker).run(signal));
  const running = Promise.all(loops);
  return {
    ready: null,
    end: async () => {
      stopping.abort();
      await running;
      await parts.close();
      const { noted, troubles } = telemetry;
      return { noted, troubles, stalledMs: stalls.max / 1e6 };
    },
  };
}
