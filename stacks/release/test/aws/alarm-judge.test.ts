import type { ReleaseTarget } from "@punctual/stack-blueprint";
import { expect } from "chai";
import { AlarmJudge } from "../../src/aws/index.js";
import { Cloud, Fault } from "./support/cloud.js";
import { type FakeAlarm, FakeCloudWatch } from "./support/cloud-watch.js";
import { API, WORKER } from "./support/targets.js";

const ofFunctions = (...names: readonly string[]) =>
  names.map((Value) => ({ MetricStat: { Metric: { Dimensions: [{ Name: "FunctionName", Value }] } } }));

describe("AlarmJudge", () => {
  let cloud: Cloud;
  let alarms: FakeAlarm[];
  const verdict = async (...targets: readonly ReleaseTarget[]) =>
    new AlarmJudge(cloud.account, "punctual-dev").verdict(targets);
  beforeEach(async () => {
    cloud = await Cloud.start();
    ({ alarms } = cloud.add(new FakeCloudWatch()));
  });
  afterEach(async () => cloud.stop());

  it("finds nothing wrong where alarms are quiet, or have too little to look at", async () => {
    alarms.push({ AlarmName: "punctual-dev-api-errors", StateValue: "OK" });
    alarms.push({ AlarmName: "punctual-dev-api-latency", StateValue: "INSUFFICIENT_DATA" });
    expect(await verdict()).to.deep.equal({ ok: true });
  });

  it("names each that rings, page by page, and composite ones", async () => {
    for (const name of ["c", "b", "a"]) alarms.push({ AlarmName: `punctual-dev-${name}`, StateValue: "ALARM" });
    alarms.push({ AlarmName: "punctual-dev-z", StateValue: "ALARM", composite: true });
    expect(await verdict()).to.deep.equal({
      ok: false,
      because: "alarms ring: punctual-dev-a, punctual-dev-b, punctual-dev-c, punctual-dev-z",
    });
  });

  it("hears no alarm of a stack whose name goes on", async () => {
    alarms.push({ AlarmName: "punctual-development-api-errors", StateValue: "ALARM" });
    expect(await verdict()).to.deep.equal({ ok: true });
  });

  it("hears no alarm that tells nobody, and by which workers come and go", async () => {
    const policy =
      "arn:aws:autoscaling:eu-central-1:111122223333:scalingPolicy:1:resource/ecs/service/a/b:policyName/c";
    const topic = "arn:aws:sns:eu-central-1:111122223333:alerts";
    alarms.push({ AlarmName: "punctual-dev-worker-idle", StateValue: "ALARM", AlarmActions: [policy] });
    expect(await verdict()).to.deep.equal({ ok: true });
    alarms.push({ AlarmName: "punctual-dev-worker-behind", StateValue: "ALARM", AlarmActions: [policy, topic] });
    expect(await verdict()).to.deep.equal({ ok: false, because: "an alarm rings: punctual-dev-worker-behind" });
  });

  const concerns: readonly (readonly [string, Omit<FakeAlarm, "AlarmName" | "StateValue">, readonly string[]])[] = [
    ["of nobody in particular", {}, ["worker", "api"]],
    ["of a function", { Dimensions: [{ Name: "FunctionName", Value: WORKER.function }] }, ["worker"]],
    ["of several functions together", { Metrics: ofFunctions("punctual-dev-scheduler", WORKER.function) }, ["worker"]],
    ["of other functions", { Metrics: ofFunctions("punctual-dev-scheduler") }, []],
    ["of a service", { Dimensions: [{ Name: "ServiceName", Value: API.service }] }, ["api"]],
    ["of a service that measures itself", { Dimensions: [{ Name: "Service", Value: API.service }] }, ["api"]],
    ["of a queue", { Dimensions: [{ Name: "QueueName", Value: "punctual-dev-events" }] }, ["worker", "api"]],
  ];
  for (const [whose, alarm, concerned] of concerns) {
    it(`takes an alarm ${whose} for one that concerns ${concerned.join(" and ") || "neither"}`, async () => {
      alarms.push({ AlarmName: "punctual-dev-one", StateValue: "ALARM", ...alarm });
      const found = [];
      for (const target of [WORKER, API]) if (!(await verdict(target)).ok) found.push(target.workload);
      expect(found).to.deep.equal(concerned);
      expect(await verdict()).to.deep.equal({ ok: false, because: "an alarm rings: punctual-dev-one" });
    });
  }

  it("does not take it for good that it may not look", async () => {
    cloud.refuses = () => new Fault("AccessDeniedException", "not authorized to perform: cloudwatch:DescribeAlarms");
    const failure: unknown = await verdict().catch((error: unknown) => error);
    expect(failure)
      .to.be.instanceOf(Error)
      .with.property("message")
      .that.matches(/DescribeAlarms/);
  });
});
