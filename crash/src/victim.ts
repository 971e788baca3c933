import { writeSync } from "node:fs";
import { type Clock, RunScheduler, RunWorker, Tick } from "@punctual/core";
import { ports } from "@punctual/core/wiring";
import { victimContainer, type VictimParts } from "./container.js";
import { HeldTransport } from "./held-transport.js";
import { type Orders, type Saying, TIMES } from "./orders.js";

const TICK_MS = 1_000;

const orders = JSON.parse(process.argv[2] ?? "") as Orders;
// Written before anything else happens: what is only on its way dies with the process.
const say = (saying: Saying) => void writeSync(1, `${JSON.stringify(saying)}\n`);
const stopping = new AbortController();

/** From its start to a SIGTERM, or to its place. */
export async function live(): Promise<void> {
  process.on("SIGTERM", () => stopping.abort());
  // Who has lost the parent, however that ended, has nobody to kill it.
  process.stdin.once("end", () => process.exit(1)).resume();
  process.stdin.unref();
  const parts = victimContainer(orders, say);
  say({ say: "ready" });
  await work(parts, stopping.signal);
  await giveBack(parts);
  await parts.stores.close();
  parts.sender.close();
  say({ say: "drained" });
}

/** Until it is told to stop, and what it does then is done. */
async function work({ container }: VictimParts, signal: AbortSignal): Promise<void> {
  const worker = container.get(RunWorker);
  switch (orders.shape) {
    case "long-running":
      await Promise.all([container.get(RunScheduler).run(signal), worker.run(signal)]);
      return;
    case "two-stage":
      await Promise.all([ticks(container.get(Tick), container.get(ports.clock), signal), worker.run(signal)]);
      return;
    case "single-stage":
      await ticks(container.get(Tick), container.get(ports.clock), signal);
  }
}

async function ticks(tick: Tick, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await tick.run(TICK_MS, signal);
    } catch (error) {
      say({ say: "trouble", where: "tick", error: String(error) });
    }
    await clock.sleep(TIMES.pollMs / 2, signal);
  }
}

/** A queue that outlives its process keeps its messages; this one does not. */
async function giveBack({ container }: VictimParts): Promise<void> {
  const transport = container.get(ports.transport);
  if (!(transport instanceof HeldTransport) || transport.held.length === 0) return;
  try {
    await container.get(ports.events).release(transport.held);
  } catch (error) {
    say({ say: "trouble", where: "release", error: String(error) });
  }
}
