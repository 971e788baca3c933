import { EcsMover } from "../../src/aws/index.js";
import { describeMover } from "../../src/conformance/index.js";
import { Cloud } from "./support/cloud.js";
import { FakeEcs } from "./support/ecs.js";
import { API, definition } from "./support/targets.js";

for (const strategy of ["ROLLING", "CANARY"] as const) {
  let cloud: Cloud;
  describeMover(`EcsMover, ${strategy}`, {
    open: async () => {
      cloud = await Cloud.start();
      const ecs = cloud.add(new FakeEcs(cloud.now));
      ecs.serve(API, strategy, definition(1));
      return {
        mover: new EcsMover(cloud.account, cloud.pace),
        move: { release: "r-1", target: API, from: definition(1), to: definition(2) },
        giveUp: async () => {
          cloud.pass(6_000);
          ecs.alarm("punctual-dev-api-release-errors");
        },
        later: async () => cloud.pass(4_000),
      };
    },
    close: async () => cloud.stop(),
  });
}
