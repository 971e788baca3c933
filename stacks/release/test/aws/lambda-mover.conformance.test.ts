import { describeMover } from "../../src/conformance/index.js";
import { LambdaMover } from "../../src/aws/index.js";
import { Cloud } from "./support/cloud.js";
import { FakeCodeDeploy } from "./support/code-deploy.js";
import { FakeLambda } from "./support/lambda.js";
import { WORKER } from "./support/targets.js";

for (const canary of [true, false]) {
  let cloud: Cloud;
  describeMover(`LambdaMover ${canary ? "by a part first" : "at once"}`, {
    open: async () => {
      cloud = await Cloud.start();
      const lambda = cloud.add(new FakeLambda());
      const deployments = cloud.add(new FakeCodeDeploy(lambda, cloud.now));
      deployments.canary = canary;
      lambda.serve(WORKER.function, WORKER.alias, "1");
      return {
        mover: new LambdaMover(cloud.account, cloud.pace),
        move: { release: "r-1", target: WORKER, from: "1", to: "2" },
        giveUp: async () => {
          cloud.pass(canary ? 4_000 : 1_000);
          deployments.alarm("punctual-dev-worker-canary");
        },
        later: async () => cloud.pass(4_000),
      };
    },
    close: async () => cloud.stop(),
  });
}
