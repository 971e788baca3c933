import { failuresOf, promisesIn } from "@punctual/core/testing";
import { expect } from "chai";
import { describeJournal, describeMover } from "../src/conformance/index.js";
import { type Journal, Overtaken, type Page } from "../src/journal.js";
import { MemoryJournal, MemoryMover } from "../src/memory/index.js";
import type { Move } from "../src/mover.js";

const target = { workload: "worker", kind: "memory" } as const;

describe("the conformance suite of Mover", () => {
  class Restless extends MemoryMover {
    override async progress(move: Move) {
      await super.begin(move);
      return super.progress(move);
    }
  }
  class Forgetful extends MemoryMover {
    override async begin(move: Move) {
      this.serve(target, move.from);
      await super.begin({ ...move, release: `${move.release}?` });
    }
  }
  class Hopeful extends MemoryMover {
    override async progress(move: Move) {
      const progress = await super.progress(move);
      return progress.kind === "under-way" ? ({ kind: "arrived" } as const) : progress;
    }
  }
  class Lazy extends MemoryMover {
    override async back(move: Move) {
      if ((await this.progress(move)).kind !== "arrived") await super.back(move);
    }
  }
  class Hasty extends MemoryMover {
    override async advance(move: Move) {
      this.serve(target, move.to);
    }
  }
  class Silent extends MemoryMover {
    override giveUp() {
      super.giveUp(target, "");
    }
  }

  const wrongs = [
    ["begins where it should look", "M1", Restless],
    ["does not know what it has begun", "M2", Forgetful],
    ["says that all has arrived when a part has", "M3", Hopeful],
    ["does not say why it gave up", "M3", Silent],
    ["leaves what has arrived", "M4", Lazy],
    ["goes on with what has not begun", "M5", Hasty],
  ] as const;
  for (const [title, promise, Wrong] of wrongs) {
    it(`catches one that ${title} (${promise})`, async () => {
      const failures = await failuresOf(() =>
        describeMover("Wrong", {
          open: async () => {
            const mover = new Wrong("by-itself");
            mover.serve(target, "1");
            const move = { release: "r-1", target, from: "1", to: "2" };
            return { mover, move, giveUp: async () => mover.giveUp(target, "an alarm"), later: async () => undefined };
          },
          close: async () => undefined,
        }),
      );
      expect(promisesIn(failures)).to.include(promise);
    });
  }
});

describe("the conformance suite of Journal", () => {
  class Careless extends MemoryJournal {
    override async write(stack: string, { entries }: Page) {
      const { revision } = await this.read(stack);
      return super.write(stack, { entries, revision });
    }
  }
  class OneForAll extends MemoryJournal {
    override async read() {
      return super.read("aws-dev");
    }
  }
  class Late extends MemoryJournal {
    override async write(stack: string, { entries, revision }: Page) {
      const { revision: seen } = await this.read(stack);
      if (seen !== revision) throw new Overtaken(stack);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return super.write(stack, { entries, revision: (await this.read(stack)).revision });
    }
  }

  const wrongs: readonly (readonly [string, string, () => Journal])[] = [
    ["writes over anything", "J3", () => new Careless()],
    ["keeps one page for all stacks", "J1", () => new OneForAll()],
    ["looks first and writes later", "J3", () => new Late()],
  ];
  for (const [title, promise, open] of wrongs) {
    it(`catches one that ${title} (${promise})`, async () => {
      const failures = await failuresOf(() =>
        describeJournal("Wrong", { open: async () => open(), close: async () => undefined }),
      );
      expect(promisesIn(failures)).to.include(promise);
    });
  }
});
