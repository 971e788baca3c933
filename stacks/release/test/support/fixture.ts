import type { ReleaseTarget } from "@punctual/stack-blueprint";
import type { Order } from "../../src/order.js";
import { MemoryJournal, MemoryMover } from "../../src/memory/index.js";
import { GOOD, type Installed, type Migration, type Verdict, type World } from "../../src/world.js";

export const order: Order = {
  ...{ stack: "aws-dev", commit: "c2", release: "r-2" },
  timing: { canaryMs: 60_000, provingMs: 30_000, pollMs: 10_000, mostMs: 600_000 },
};

/** One that moves by itself, and one that waits to be told. */
export const TARGETS = [
  { workload: "worker", kind: "by-itself", version: "2" },
  { workload: "api", kind: "by-hand", version: "2" },
] as const satisfies Installed["targets"];

/** What goes wrong in an installation, and when. */
export interface Fate {
  /** The judge says so from its nth look on. */
  readonly failsAfter?: number;
  /** The cloud gives the worker's move up at the nth look of the judge. */
  readonly givesUpAfter?: number;
  readonly smokes?: boolean;
  readonly pending?: readonly Migration[];
  readonly stale?: readonly string[];
  readonly wrong?: readonly string[];
  /** Nothing arrives. */
  readonly stuck?: boolean;
}

/** An installation in memory, at version 1, with a clock that goes when somebody waits. */
export function installation(fate: Fate = {}) {
  const movers = { "by-itself": new MemoryMover("by-itself"), "by-hand": new MemoryMover("by-hand") };
  for (const target of TARGETS) movers[target.kind].serve(target, "1");
  let [now, looks, ups, migrations] = [0, 0, 0, 0];
  const waits: number[] = [];
  const shares = async (target: ReleaseTarget & { readonly kind: keyof typeof movers }) =>
    (await movers[target.kind].standing(target)).shares;
  const judged = async (targets: readonly ReleaseTarget[]): Promise<Verdict> => {
    if (targets.length === 0) return GOOD;
    looks++;
    if (looks === fate.givesUpAfter) movers["by-itself"].giveUp(TARGETS[0], "an alarm of its own");
    return looks > (fate.failsAfter ?? Infinity) ? { ok: false, because: "errors are above 5 %" } : GOOD;
  };
  const world: World = {
    platform: {
      objections: async () => fate.stale ?? [],
      up: async () => (ups++, { api: "https://punctual.example.com", targets: TARGETS }),
    },
    migrator: { pending: async () => fate.pending ?? [], migrate: async () => void migrations++ },
    artifacts: { objections: async () => fate.wrong ?? [] },
    movers: fate.stuck === true ? { ...movers, "by-hand": stuck(movers["by-hand"]) } : movers,
    judge: { verdict: judged },
    smoke: { run: async () => (fate.smokes === false ? { ok: false, because: "a smoke test failed" } : GOOD) },
    journal: new MemoryJournal(),
    pace: { now: () => now, wait: async (ms) => void ((now += ms), waits.push(ms)) },
  };
  return {
    world,
    standing: async () => Promise.all(TARGETS.map(shares)),
    counts: () => ({ ups, migrations }),
    now: () => now,
  };
}

/** One whose first part stays alone for ever. */
function stuck(mover: MemoryMover): World["movers"][string] {
  return {
    standing: async (target) => mover.standing(target),
    begin: async (move) => mover.begin(move),
    progress: async (move) => mover.progress(move),
    advance: async () => undefined,
    back: async (move) => mover.back(move),
  };
}
