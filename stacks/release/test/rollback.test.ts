import { expect } from "chai";
import { Overtaken } from "../src/journal.js";
import { Refused } from "../src/refusals.js";
import { Release } from "../src/release.js";
import { rollBack } from "../src/rollback.js";
import { installation, order } from "./support/fixture.js";
import { faulty } from "./support/faults.js";

const OLD = [{ 1: 100 }, { 1: 100 }];

describe("rollBack", () => {
  it("brings back what ran before the last release", async () => {
    const { world, standing } = installation();
    await new Release(order, world).run();
    const outcome = await rollBack(order, "by hand", world);
    expect(outcome).to.deep.equal({ kind: "taken-back", because: "by hand" });
    expect(await standing()).to.deep.equal(OLD);
  });

  it("ends a release after any call of it, and whoever was at it lets go", async () => {
    const whole = faulty(installation().world);
    await new Release(order, whole.world).run();
    let overtaken = 0;
    for (let at = 1; at <= whole.calls(); at++) {
      const { world, standing } = installation();
      let calls = 0;
      let rolled: Promise<unknown> | undefined;
      const released = new Release(
        order,
        pausing(world, async () => {
          if (++calls === at) rolled = rollBack(order, "by hand", world).catch((error: unknown) => error);
          await rolled;
        }),
      )
        .run()
        .catch((error: unknown) => error);
      const [ended, rolledBack] = [await released, await rolled];
      // Before the journal has anything there is nothing to roll back, and the release goes on.
      if (rolledBack === undefined || rolledBack instanceof Refused) continue;
      expect(rolledBack, `call ${at}`).to.have.property("kind", "taken-back");
      expect(await standing(), `call ${at}`).to.deep.equal(OLD);
      if (ended instanceof Overtaken) overtaken++;
    }
    expect(overtaken).to.be.greaterThan(15);
  });

  /**
   * After each call of the first one something else may happen; but between its look at the journal and what follows no poll
   * passes: that is what a rollback waits for (docs/releases.md).
   */
  function pausing(world: Parameters<typeof faulty>[0], after: () => Promise<void>): typeof world {
    const { pace, ...parts } = world;
    const wrap = <T extends object>(part: T): T =>
      new Proxy(part, {
        get: (target, name) => {
          const method: unknown = Reflect.get(target, name);
          if (typeof method !== "function") return method;
          return async (...given: unknown[]) => {
            const answer: unknown = await Reflect.apply(method, target, given);
            if (name !== "read") await after();
            return answer;
          };
        },
      });
    const { movers, ...others } = parts;
    const moved = Object.fromEntries(Object.entries(movers).map(([kind, mover]) => [kind, wrap(mover)]));
    const wrapped = Object.fromEntries(Object.entries(others).map(([name, part]) => [name, wrap(part)]));
    return { ...wrapped, movers: moved, pace } as unknown as typeof world;
  }

  it("is gone on with after any call", async () => {
    const first = installation();
    await new Release(order, first.world).run();
    const whole = faulty(first.world);
    await rollBack(order, "by hand", whole.world);
    for (const when of ["before", "after"] as const) {
      for (let at = 2; at <= whole.calls(); at++) {
        const { world, standing } = installation();
        await new Release(order, world).run();
        const gone = faulty(world, { at, when });
        await rollBack(order, "by hand", gone.world).catch(() => undefined);
        const again: unknown = await rollBack(order, "again", world).catch((error: unknown) => error);
        // It may have been over when it was gone.
        if (!(again instanceof Refused)) expect(again).to.have.property("kind", "taken-back");
        expect(await standing(), `${when} call ${at}`).to.deep.equal(OLD);
      }
    }
  });

  it("refuses where there is nothing to go back to", async () => {
    const { world } = installation();
    const refusal = async () => {
      const failure: unknown = await rollBack(order, "by hand", world).catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(Refused);
      return (failure as Refused).message;
    };
    expect(await refusal()).to.match(/no version to go back to/);
    await new Release(order, world).run();
    await rollBack(order, "by hand", world);
    expect(await refusal()).to.match(/was taken back already/);
  });
});
