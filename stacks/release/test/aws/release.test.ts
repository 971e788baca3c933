import { expect } from "chai";
import { Release } from "../../src/release.js";
import { rollBack } from "../../src/rollback.js";
import { type Fault, faulty, Gone } from "../support/faults.js";
import type { Cloud } from "./support/cloud.js";
import { type Fate, installation, order } from "./support/installation.js";
import { definition } from "./support/targets.js";

const OLD = [{ 1: 100 }, { [definition(1)]: 100 }];
const NEW = [{ 2: 100 }, { [definition(2)]: 100 }];

describe("Release on AWS", function () {
  this.timeout(180_000);
  let clouds: Cloud[];
  beforeEach(() => (clouds = []));
  afterEach(async () => Promise.all(clouds.map(async (cloud) => cloud.stop())));

  async function installed(fate: Fate) {
    const made = await installation(fate);
    clouds.push(made.cloud);
    return made;
  }

  const fates: readonly { readonly name: string; readonly fate: Fate; readonly because?: RegExp }[] = [
    { name: "all is well", fate: {} },
    { name: "an alarm of the function rings in mid-shift", fate: { workerRingsAt: 30_000 }, because: /worker-canary/ },
    { name: "an alarm of the service rings in mid-shift", fate: { apiRingsAt: 30_000 }, because: /api-release-errors/ },
    { name: "an alarm rings that the judge alone hears", fate: { ringsAt: 90_000 }, because: /dead-letters/ },
  ];

  for (const { name, fate, because } of fates) {
    const kind = because === undefined ? "released" : "taken-back";
    const end = because === undefined ? NEW : OLD;

    it(`ends with all traffic on one version where ${name}`, async () => {
      const { world, standing, run } = await installed(fate);
      const outcome = await new Release(order, world).run();
      expect(outcome.kind).to.equal(kind);
      if (outcome.kind === "taken-back") expect(outcome.because).to.match(because ?? /never/);
      expect(await standing()).to.deep.equal(end);
      expect(run).to.deep.equal(["0001-tables", "0002-more"]);
    });

    it(`can be gone on with after any call, before and after its effect, where ${name}`, async () => {
      const whole = faulty((await installed(fate)).world);
      await new Release(order, whole.world).run();
      expect(whole.calls()).to.be.greaterThan(20);
      for (const when of ["before", "after"] as const) {
        for (let at = 1; at <= whole.calls(); at++) {
          const { cloud, world, standing, deployed } = await installation(fate);
          const outcome = await resuming(world, { at, when });
          expect(outcome.kind, `${when} call ${at}`).to.equal(kind);
          expect(await standing(), `${when} call ${at}`).to.deep.equal(end);
          expect(deployed(), `${when} call ${at}`).to.be.at.most(1);
          await cloud.stop();
        }
      }
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

  it("is rolled back by hand", async () => {
    const { world, standing } = await installed({});
    await new Release(order, world).run();
    expect(await rollBack(order, "by hand", world)).to.deep.equal({ kind: "taken-back", because: "by hand" });
    expect(await standing()).to.deep.equal(OLD);
  });
});
