import { describeJournal, describeMover } from "../src/conformance/index.js";
import { MemoryJournal, MemoryMover, type Way } from "../src/memory/index.js";

const target = { workload: "worker", kind: "memory" } as const;

describeJournal("MemoryJournal", { open: async () => new MemoryJournal(), close: async () => undefined });

for (const way of ["by-itself", "by-hand"] satisfies Way[]) {
  describeMover(`MemoryMover ${way}`, {
    open: async () => {
      const mover = new MemoryMover(way);
      mover.serve(target, "1");
      return {
        mover,
        move: { release: "r-1", target, from: "1", to: "2" },
        giveUp: async () => mover.giveUp(target, "an alarm"),
        later: async () => undefined,
      };
    },
    close: async () => undefined,
  });
}
