import { expect } from "chai";
import { Refused } from "../src/refusals.js";
import { Release } from "../src/release.js";
import { type Fate, installation, order } from "./support/fixture.js";
import { type Fault, faulty, Gone } from "./support/faults.js";

const OLD = [{ 1: 100 }, { 1: 100 }];
const NEW = [{ 2: 100 }, { 2: 100 }];

describe("Release", () => {
  const fates: readonly { readonly name: string; readonly fate: Fate; readonly because?: RegExp }[] = [
    { name: "all is well", fate: {} },
    { name: "a canary fails", fate: { failsAfter: 5 }, because: /errors are above/ },
    { name: "it fails at the first look", fate: { failsAfter: 0 }, because: /errors are above/ },
    { name: "the cloud gives a move up", fate: { givesUpAfter: 2 }, because: /worker: an alarm of its own/ },
    { name: "the smoke test fails", fate: { smokes: false }, because: /smoke/ },
    { name: "it fails when all has moved", fate: { failsAfter: 12 }, because: /errors are above/ },
    { name: "a move does not arrive", fate: { stuck: true }, because: /api did not arrive in time/ },
  ];

  for (const { name, fate, because } of fates) {
    it(`ends with all traffic on one version where ${name}`, async () => {
      const { world, standing } = installation(fate);
      const outcome = await new Release(order, world).run();
      expect(outcome.kind).to.equal(because === undefined ? "released" : "taken-back");
      if (outcome.kind === "taken-back") expect(outcome.because).to.match(because ?? /never/);
      expect(await standing()).to.deep.equal(because === undefined ? NEW : OLD);
    });

    it(`can be gone on with after any call, before and after its effect, where ${name}`, async () => {
      const whole = faulty(installation(fate).world);
      await new Release(order, whole.world).run();
      let resumed = 0;
      for (const when of ["before", "after"] as const) {
        for (let at = 1; at <= whole.calls(); at++) {
          const { world, standing } = installation(fate);
          const outcome = await resuming(world, { at, when });
          expect(outcome.kind, `${when} call ${at}`).to.equal(because === undefined ? "released" : "taken-back");
          expect(await standing(), `${when} call ${at}`).to.deep.equal(because === undefined ? NEW : OLD);
          resumed++;
        }
      }
      expect(resumed).to.be.greaterThan(30);
    });
  }

  /** The first run is gone in its middle; another goes on, with nothing but the journal and what is there. */
  async function resuming(world: Parameters<typeof faulty>[0], fault: Fault) {
    const failure: unknown = await new Release(order, faulty(world, fault).world)
      .run()
      .catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Gone);
    return new Release(order, world).run();
  }

  it("migrates before any traffic moves, and moves one target after the other", async () => {
    const lines: string[] = [];
    await new Release(order, installation().world, (line) => lines.push(line)).run();
    expect(lines).to.deep.equal([
      "infrastructure",
      "migration",
      "shifting",
      "worker from 1 to 2",
      "api from 1 to 2",
      "proving",
    ]);
  });

  it("gives no more to a canary that fails", async () => {
    const lines: string[] = [];
    await new Release(order, installation({ failsAfter: 5 }).world, (line) => lines.push(line)).run();
    expect(lines).to.include("api from 1 to 2").and.not.include("proving");
    expect(lines.slice(-3)).to.deep.equal(["taking-back", "api back to 1", "worker back to 1"]);
  });

  it("keeps the first part alone for as long as it is told, and looks on once all has moved", async () => {
    const { world, now } = installation();
    await new Release(order, world).run();
    expect(now()).to.be.at.least(order.timing.canaryMs + order.timing.provingMs);
  });

  it("moves nothing that is there already", async () => {
    const { world } = installation();
    await new Release(order, world).run();
    const again = { ...order, release: "r-3" };
    expect(await new Release(again, world).run()).to.deep.equal({ kind: "released" });
    const { entries } = await world.journal.read(order.stack);
    expect(entries.map(({ release, moves }) => [release, moves.length])).to.deep.equal([
      ["r-2", 2],
      ["r-3", 0],
    ]);
  });

  it("does nothing a second time", async () => {
    const { world, counts } = installation();
    await new Release(order, world).run();
    expect(await new Release(order, world).run()).to.deep.equal({ kind: "released" });
    expect(counts()).to.deep.equal({ ups: 1, migrations: 1 });
  });

  it("is not asked for alarms by what mends them", async () => {
    const { world, standing } = installation({ failsAfter: 0 });
    expect(await new Release({ ...order, despiteAlarms: true }, world).run()).to.deep.equal({ kind: "released" });
    expect(await standing()).to.deep.equal(NEW);
  });

  describe("refuses", () => {
    const contract = { name: "0004-drop", kind: "contract" } as const;
    const refused: readonly {
      readonly name: string;
      readonly fate?: Fate;
      readonly asked?: object;
      readonly reason: RegExp;
    }[] = [
      { name: "production that nobody approved", asked: { stack: "aws-production" }, reason: /nobody has approved/ },
      { name: "a stale plan", fate: { stale: ["the plan is of c1"] }, reason: /the plan is of c1/ },
      { name: "an artefact of another hash", fate: { wrong: ["worker.zip is not"] }, reason: /worker.zip is not/ },
      { name: "a migration that takes away", fate: { pending: [contract] }, reason: /0004-drop takes away/ },
    ];
    for (const { name, fate, asked, reason } of refused) {
      it(`${name}, before anything moves`, async () => {
        const { world, counts, standing } = installation(fate);
        const failure: unknown = await new Release({ ...order, ...asked }, world)
          .run()
          .catch((error: unknown) => error);
        expect(failure).to.be.instanceOf(Refused).with.property("message").that.matches(reason);
        expect([counts(), await standing()]).to.deep.equal([{ ups: 0, migrations: 0 }, OLD]);
        expect((await world.journal.read(order.stack)).entries).to.be.empty;
      });
    }

    it("all of it at once", async () => {
      const { world } = installation({ stale: ["one"], wrong: ["two"], pending: [contract] });
      const failure: unknown = await new Release({ ...order, stack: "gcp-production" }, world)
        .run()
        .catch((e: unknown) => e);
      expect(failure).to.be.instanceOf(Refused).with.property("reasons").that.has.length(4);
    });

    it("nothing that was approved, and meant", async () => {
      const { world } = installation({ pending: [contract] });
      const asked = { ...order, stack: "aws-production", approvedBy: "operations", contract: true };
      expect(await new Release(asked, world).run()).to.deep.equal({ kind: "released" });
    });

    it("another release while one is under way", async () => {
      const { world } = installation();
      const gone = faulty(world, { at: 12, when: "after" });
      await new Release(order, gone.world).run().catch(() => undefined);
      const failure: unknown = await new Release({ ...order, release: "r-9" }, world).run().catch((e: unknown) => e);
      expect(failure)
        .to.be.instanceOf(Refused)
        .with.property("message")
        .that.matches(/r-2 of c2 stands at/);
    });

    it("where alarms stand already", async () => {
      const { world } = installation();
      const judge = { verdict: async () => ({ ok: false, because: "an alarm stands" }) as const };
      const failure: unknown = await new Release(order, { ...world, judge }).run().catch((e: unknown) => e);
      expect(failure)
        .to.be.instanceOf(Refused)
        .with.property("message")
        .that.matches(/an alarm stands: --despite-alarms/);
    });
  });
});
