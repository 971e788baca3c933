import { localClock } from "@punctual/adapter-local/wiring";

const clock = localClock();

export async function sleep(ms: number): Promise<void> {
  await clock.sleep(Math.max(0, ms));
}
