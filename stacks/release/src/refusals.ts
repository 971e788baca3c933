import { isOver, type Page } from "./journal.js";
import type { Order } from "./order.js";
import { GOOD, type World } from "./world.js";

/** Nothing was moved, and this is all that stands against it. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly reasons: readonly string[];

  constructor(stack: string, reasons: readonly string[]) {
    super([`${stack} is not released:`, ...reasons].join("\n  - "));
    this.reasons = reasons;
  }
}

/** Everything that forbids a release, before anything moves. */
export async function refusalsOf(order: Order, page: Page, world: World): Promise<readonly string[]> {
  const { stack, commit, approvedBy, contract = false } = order;
  const last = page.entries.at(-1);
  if (last !== undefined && !isOver(last) && last.release !== order.release) {
    return [`release ${last.release} of ${last.commit} stands at ${last.phase}: resume it, or roll it back`];
  }
  const [stale, wrong, pending, verdict] = await Promise.all([
    world.platform.objections(commit),
    world.artifacts.objections(commit),
    world.migrator.pending(commit),
    order.despiteAlarms === true ? GOOD : world.judge.verdict([]),
  ]);
  const cutting = contract ? [] : pending.filter(({ kind }) => kind === "contract");
  return [
    ...(isProduction(stack) && approvedBy === undefined ? ["nobody has approved it: --approved-by says who did"] : []),
    ...stale,
    ...wrong,
    ...cutting.map(
      ({ name }) => `migration ${name} takes away what the version before reads: --contract says that it is meant`,
    ),
    ...(verdict.ok ? [] : [`${verdict.because}: --despite-alarms releases what mends it`]),
  ];
}

function isProduction(stack: string): boolean {
  return stack.endsWith("-production");
}
