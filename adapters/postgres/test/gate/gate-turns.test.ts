import { expect } from "chai";
import { GateTurns } from "../../src/stores/gate-turns.js";

describe("GateTurns", () => {
  /** Work that waits to be let go, and doubles numbers. */
  function setup() {
    const calls: (readonly number[])[] = [];
    const gates: PromiseWithResolvers<void>[] = [];
    const turns = new GateTurns(async (items: readonly number[]) => {
      calls.push(items);
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      return items.map((item) => 2 * item);
    });
    const next = async () => {
      gates.shift()?.resolve();
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { turns, calls, gates, next };
  }

  it("lets one go at a time, and all who ask meanwhile with the next", async () => {
    const { turns, calls, next } = setup();
    const asked = [turns.ask([1]), turns.ask([2, 3]), turns.ask([4])];
    expect(calls).to.deep.equal([[1]]);
    await next();
    expect(calls).to.deep.equal([[1], [2, 3, 4]]);
    await next();

    expect(await Promise.all(asked)).to.deep.equal([[2], [4, 6], [8]]);
  });

  it("tells all of a turn that failed, and goes on", async () => {
    const { turns, gates, next } = setup();
    const first = turns.ask([1]).catch((error: unknown) => error);
    const second = turns.ask([2]);
    const broken = new Error("away");
    gates.shift()?.reject(broken);
    expect(await first).to.equal(broken);
    await next();

    expect(await second).to.deep.equal([4]);
  });
});
