import { expect } from "chai";
import type { Move, Mover } from "../../src/mover.js";
import { EcsMover, LambdaMover } from "../../src/aws/index.js";
import { Cloud, Fault } from "./support/cloud.js";
import { FakeCodeDeploy } from "./support/code-deploy.js";
import { FakeEcs } from "./support/ecs.js";
import { FakeLambda } from "./support/lambda.js";
import { API, definition, WORKER } from "./support/targets.js";

interface Opened {
  readonly cloud: Cloud;
  readonly make: () => Mover;
  readonly move: Move;
  /** How often the new version was begun. */
  readonly begun: () => number;
}

const kinds: Readonly<Record<string, { open: () => Promise<Opened>; begins: string }>> = {
  LambdaMover: {
    begins: "CodeDeploy_20141006.CreateDeployment",
    open: async () => {
      const cloud = await Cloud.start();
      const lambda = cloud.add(new FakeLambda());
      const deployments = cloud.add(new FakeCodeDeploy(lambda, cloud.now));
      lambda.serve(WORKER.function, WORKER.alias, "1");
      return {
        cloud,
        make: () => new LambdaMover(cloud.account, cloud.pace),
        move: { release: "r-1", target: WORKER, from: "1", to: "2" },
        begun: () => deployments.made.filter(({ shift }) => shift.TargetVersion === "2").length,
      };
    },
  },
  EcsMover: {
    begins: "AmazonEC2ContainerServiceV20141113.UpdateService",
    open: async () => {
      const cloud = await Cloud.start();
      const ecs = cloud.add(new FakeEcs(cloud.now));
      ecs.serve(API, "CANARY", definition(1));
      return {
        cloud,
        make: () => new EcsMover(cloud.account, cloud.pace),
        move: { release: "r-1", target: API, from: definition(1), to: definition(2) },
        begun: () => ecs.made.filter(({ to }) => to === definition(2)).length,
      };
    },
  },
};

for (const [name, { open, begins }] of Object.entries(kinds)) {
  describe(`${name} where AWS is not as it should be`, () => {
    let opened: Opened;
    beforeEach(async () => (opened = await open()));
    afterEach(async () => opened.cloud.stop());

    async function arrived({ cloud, make, move }: Opened): Promise<void> {
      const mover = make();
      await mover.begin(move);
      for (let looks = 0; (await mover.progress(move)).kind !== "arrived"; looks++) {
        expect(looks).to.be.lessThan(20);
        cloud.pass(10_000);
      }
    }

    const taken = async ({ cloud, make, move }: Opened) => {
      await make().begin(move);
      cloud.pass(10_000);
      await make().back(move);
    };

    const works: readonly (readonly [string, (opened: Opened) => Promise<void>, (opened: Opened) => string])[] = [
      ["arrives", arrived, ({ move }) => move.to],
      ["is taken back", taken, ({ move }) => move.from],
    ];
    for (const [title, work, end] of works) {
      for (const when of ["before", "after"] as const) {
        it(`${title} when it is run again, whichever request was lost ${when} its effect`, async () => {
          await work(opened);
          const { asked } = opened.cloud;
          expect(asked).to.be.greaterThan(10);
          for (let at = 1; at <= asked; at++) {
            const again = await open();
            again.cloud.lost = { at, when };
            await work(again).catch(async () => work(again));
            const { shares } = await again.make().standing(again.move.target);
            expect(shares, `request ${at}`).to.deep.equal({ [end(again)]: 100 });
            expect(again.begun(), `request ${at}`).to.equal(1);
            await again.cloud.stop();
          }
        });
      }
    }

    it("asks again where it asked too often", async () => {
      const { cloud, make, move, begun } = opened;
      const refused = new Map<string, number>();
      cloud.refuses = (operation) => {
        const times = refused.get(operation) ?? 0;
        refused.set(operation, times + 1);
        return times < 2 ? new Fault("ThrottlingException", "Rate exceeded") : undefined;
      };
      await make().begin(move);
      expect(begun()).to.equal(1);
      expect(refused.get(begins)).to.equal(3);
    });

    it("tells what it may not do, and has done nothing", async () => {
      const { cloud, make, move, begun } = opened;
      const message = `User is not authorized to perform ${begins}`;
      cloud.refuses = (operation) =>
        operation === begins ? new Fault("AccessDeniedException", message, 400) : undefined;
      const failure: unknown = await make()
        .begin(move)
        .catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(Error).with.property("message", message);
      expect(begun()).to.equal(0);
      expect((await make().standing(move.target)).shares).to.deep.equal({ [move.from]: 100 });
      expect((await make().progress(move)).kind).to.equal("not-begun");
    });
  });
}
