import type { Move, Mover, Progress, Version } from "../mover.js";
import type { Timing } from "../order.js";
import { GOOD, type Installed, type World } from "../world.js";

/** Nothing is waited for: what would be waited for is told. */
export const AT_ONCE: Timing = { canaryMs: 0, provingMs: 0, pollMs: 0, mostMs: Number.MAX_SAFE_INTEGER };

/** Nobody knows what the next version is called until it is made. */
const NEXT: Version = "the version that is planned";

export type Up = (commit: string) => Promise<Installed>;

/** An update that is told, and what it would leave: nothing of a stack that was never made. */
export function toldUpdate(outputs: () => Promise<Installed | undefined>, tell: (line: string) => void): Up {
  return async (commit) => {
    tell(`would: update the stack, as the plan of ${commit} says`);
    const { api = "", targets = [] } = (await outputs()) ?? {};
    return { api, targets: targets.map((target) => ({ ...target, version: NEXT })) };
  };
}

/** The same world, of which one may look at everything; what would change something is told, in order, and not done. */
export function dryRunOf(world: World, up: Up, tell: (line: string) => void): World {
  const page = { written: undefined as Awaited<ReturnType<World["journal"]["read"]>> | undefined };
  return {
    ...world,
    platform: { objections: async (commit) => world.platform.objections(commit), up },
    migrator: {
      pending: async (commit) => world.migrator.pending(commit),
      async migrate(commit) {
        const pending = await world.migrator.pending(commit);
        const names = pending.map(({ name, kind }) => `${name} (${kind})`).join(", ");
        tell(`would: migrate, ${names === "" ? "and nothing is to be run" : names}`);
      },
    },
    movers: Object.fromEntries(Object.entries(world.movers).map(([kind, mover]) => [kind, stillMover(mover, tell)])),
    smoke: {
      async run(api) {
        tell(`would: ask ${api === "" ? "it" : api} whether it works`);
        return GOOD;
      },
    },
    journal: {
      read: async (stack) => page.written ?? (await world.journal.read(stack)),
      async write(_stack, { entries }) {
        const revision = "not written";
        page.written = { entries, revision };
        return revision;
      },
    },
    pace: { now: () => world.pace.now(), wait: async () => undefined },
  };
}

function stillMover(mover: Mover, tell: (line: string) => void): Mover {
  const told = new Map<string, Progress>();
  const of = ({ release, target }: Move) => `${release} ${target.workload}`;
  return {
    standing: async (target) => mover.standing(target),
    async begin(move) {
      tell(`would: give a first part of ${move.target.workload} to ${move.to}, and wait`);
      told.set(of(move), { kind: "waiting" });
    },
    progress: async (move) => told.get(of(move)) ?? { kind: "not-begun" },
    async advance(move) {
      tell(`would: give all of ${move.target.workload} to ${move.to}`);
      told.set(of(move), { kind: "arrived" });
    },
    async back(move) {
      const { shares } = await mover.standing(move.target);
      tell(`would: give all of ${move.target.workload} back to ${move.from}, and ${sharesIn(shares)} now`);
    },
  };
}

function sharesIn(shares: Readonly<Record<Version, number>>): string {
  const each = Object.entries(shares).map(([version, percent]) => `${version} has ${String(percent)} %`);
  return each.length === 0 ? "nobody has any" : each.join(", ");
}
