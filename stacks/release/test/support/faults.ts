import type { World } from "../../src/world.js";

/** The program died, or the line did: whoever called does not know whether it was done. */
export class Gone extends Error {
  override readonly name = "Gone";
}

export interface Fault {
  /** Which call of all, from 1 on. */
  readonly at: number;
  /** Whether the call had its effect. */
  readonly when: "before" | "after";
}

/** The same world, whose every call is counted, and one of which fails. Looking at the clock is no call. */
export function faulty(world: World, fault?: Fault, each: (name: string) => void = () => undefined) {
  let calls = 0;
  const wrap = <T extends object>(part: T, called: string): T =>
    new Proxy(part, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return async (...given: unknown[]) => {
          const mine = ++calls;
          each(`${called}.${String(name)}`);
          if (fault?.at === mine && fault.when === "before") throw new Gone();
          const answer: unknown = await Reflect.apply(method, target, given);
          if (fault?.at === mine && fault.when === "after") throw new Gone();
          return answer;
        };
      },
    });
  const { pace, movers, ...parts } = world;
  const wrapped = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, wrap(part, name)]));
  const moved = Object.fromEntries(Object.entries(movers).map(([kind, mover]) => [kind, wrap(mover, kind)]));
  return { world: { ...wrapped, movers: moved, pace } as unknown as World, calls: () => calls };
}
