import type { Pace } from "../world.js";

/** How often it is asked before whoever asked is told. */
const MOST = 8;
const PAUSE_MS = 2_000;

/**
 * For what must not be asked twice: its client makes one attempt, since nobody knows what became of a request whose answer was lost.
 * What was refused unread for coming too often may be asked again.
 */
export async function unlessThrottled<T>(pace: Pace, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isThrottling(error) || tries === MOST) throw error;
    }
    await pace.wait(tries * PAUSE_MS);
  }
}

export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}

function isThrottling(error: unknown): boolean {
  return isNamed(error, "Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded");
}
