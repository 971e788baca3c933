import { expect } from "chai";
import { MemoryClock } from "../../src/memory/clock.js";
import { MemoryTransport } from "../../src/memory/transport.js";
import type { DeadLetter, MessageVerdict } from "../../src/ports/transport.js";
import { RunBurial } from "../../src/usecases/run-burial.js";

describe("RunBurial", () => {
  function setup(verdict: MessageVerdict) {
    const transport = new MemoryTransport(new MemoryClock(new Date("2030-01-01T00:00:00Z")));
    const seen: DeadLetter[] = [];
    const handled = Promise.withResolvers<void>();
    const bury = {
      handle: (letters: readonly DeadLetter[]) => {
        seen.push(...letters);
        handled.resolve();
        return letters.map(async () => verdict);
      },
    };
    const stop = new AbortController();
    return {
      transport,
      seen,
      handled: handled.promise,
      stop,
      running: new RunBurial({ transport, bury }).run(stop.signal),
    };
  }
  const letter: DeadLetter = { message: null, reason: "garbage" };

  it("gives dead letters to who buries them, whenever they come, and heeds what becomes of each", async () => {
    for (const [verdict, kept] of [
      [{ kind: "ack" }, []],
      [{ kind: "reject", reason: "garbage" }, [letter]],
    ] as const) {
      const { transport, seen, handled, stop, running } = setup(verdict);
      transport.giveUp(letter);
      await handled;
      stop.abort();
      await running;
      expect(seen).to.deep.equal([letter]);
      expect([transport.deadLetters, transport.kept]).to.deep.equal([[], kept]);
    }
  });

  it("ends when it is aborted, with nothing to bury", async () => {
    const { seen, stop, running } = setup({ kind: "ack" });
    stop.abort();
    await running;
    expect(seen).to.deep.equal([]);
  });
});
