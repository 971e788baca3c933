import type { Clock } from "@punctual/core";
import type { Pass } from "@punctual/core/conformance";

export interface MachineTime {
  readonly clock: Clock;
  readonly pass: Pass;
  readonly now: () => Date;
}

/** The time of this machine, for the harness of a transport that cannot be given another one. */
export function machineTime(): MachineTime {
  const clock: Clock = { now: () => new Date(), monotonic: () => performance.now(), sleep };
  const pass: Pass = async (ms) => {
    await sleep(ms);
    await new Promise((resolve) => setImmediate(resolve)); // what is ready to run, runs
  };
  return { clock, pass, now: () => clock.now() };
}

/** In steps, since a timer takes no delay as long as a clock must. */
async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  const end = performance.now() + ms;
  for (let left = ms; left > 0 && signal?.aborted !== true; left = end - performance.now()) {
    await new Promise<void>((resolve) => {
      const stop = () => {
        clearTimeout(timer);
        resolve();
      };
      const done = () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      };
      const timer = left > 60 ? setTimeout(done, 50) : setTimeout(done, 1);
      signal?.addEventListener("abort", stop, { once: true });
    });
  }
}
