import { type Entry, isOver } from "./journal.js";
import type { Order } from "./order.js";
import { Refused } from "./refusals.js";
import { type Outcome, Release } from "./release.js";
import type { World } from "./world.js";

/** Back to what ran before the last release, or before the one that is under way: by hand, for whatever reason. */
export async function rollBack(
  order: Pick<Order, "stack" | "timing">,
  because: string,
  world: World,
  tell?: (line: string) => void,
): Promise<Outcome> {
  const { stack, timing } = order;
  const { entries, revision } = await world.journal.read(stack);
  const last = entries.at(-1);
  const reason = objectionTo(last);
  if (last === undefined || reason !== undefined) throw new Refused(stack, [reason ?? NOTHING]);
  if (last.phase !== "taking-back") {
    const turned: Entry = { ...last, phase: "taking-back", because };
    await world.journal.write(stack, { entries: [...entries.slice(0, -1), turned], revision });
    // Whoever was at it sees that within a poll, and lets go; what it was just doing has happened by then.
    if (!isOver(last)) await world.pace.wait(2 * timing.pollMs);
  }
  const { release, commit } = last;
  return new Release({ stack, release, commit, timing }, world, tell).run();
}

const NOTHING = "nothing was released by this tool: there is no version to go back to";

function objectionTo(last: Entry | undefined): string | undefined {
  if (last === undefined) return NOTHING;
  if (last.phase === "taken-back") return `release ${last.release} was taken back already`;
  if (isOver(last) && last.moves.length === 0) return `release ${last.release} moved nothing`;
  return undefined;
}
