import { AlarmJudge, EcsMover, LambdaMigrator, LambdaMover, S3Journal } from "../../../src/aws/index.js";
import type { Order } from "../../../src/order.js";
import type { Migration, World } from "../../../src/world.js";
import { Cloud } from "./cloud.js";
import { type FakeAlarm, FakeCloudWatch } from "./cloud-watch.js";
import { FakeCodeDeploy } from "./code-deploy.js";
import { FakeEcs } from "./ecs.js";
import { FakeLambda } from "./lambda.js";
import { FakeS3 } from "./s3.js";
import { API, definition, WORKER } from "./targets.js";

export const order: Order = {
  stack: "aws-dev",
  commit: "c2",
  release: "r-2",
  timing: { canaryMs: 60_000, provingMs: 20_000, pollMs: 20_000, mostMs: 600_000 },
};

export interface Fate {
  /** So long after the worker's move began its alarm rings, and CodeDeploy hears of it, too. */
  readonly workerRingsAt?: number;
  /** The same of the API; ECS hears of it. */
  readonly apiRingsAt?: number;
  /** An alarm that nobody but the judge listens to rings so long after the first move began. */
  readonly ringsAt?: number;
}

const MIGRATIONS: readonly Migration[] = [
  { name: "0001-tables", kind: "expand" },
  { name: "0002-more", kind: "expand" },
];

/** An installation on AWS at version 1, of a function and a service, with all that a release asks there. */
export async function installation(fate: Fate = {}) {
  const cloud = await Cloud.start();
  const lambda = cloud.add(new FakeLambda());
  const codeDeploy = cloud.add(new FakeCodeDeploy(lambda, cloud.now));
  const ecs = cloud.add(new FakeEcs(cloud.now));
  const cloudWatch = cloud.add(new FakeCloudWatch());
  cloud.add(new FakeS3());
  lambda.serve(WORKER.function, WORKER.alias, "1");
  ecs.serve(API, "CANARY", definition(1));
  const run = ["0001-tables"];
  lambda.answer("punctual-dev-migrate", (event) => {
    if ((event as { action: string }).action === "up") run.splice(0, run.length, ...MIGRATIONS.map(({ name }) => name));
    return { migrations: run.map((name) => ({ name, at: "2030-01-01T00:00:00.000Z" })) };
  });
  const alarms = alarmsOf(cloudWatch);
  cloud.add({ tick: ringing(fate, { cloud, codeDeploy, ecs, alarms }) });

  const { account, pace } = cloud;
  const targets = [
    { ...WORKER, version: "2" },
    { ...API, version: definition(2) },
  ];
  const movers = { lambda: new LambdaMover(account, pace), ecs: new EcsMover(account, pace) };
  const world: World = {
    platform: { objections: async () => [], up: async () => ({ api: "https://punctual.example.com", targets }) },
    migrator: new LambdaMigrator(account, "punctual-dev-migrate", async () => MIGRATIONS),
    artifacts: { objections: async () => [] },
    movers,
    judge: new AlarmJudge(account, "punctual-dev"),
    smoke: { run: async () => ({ ok: true }) },
    journal: new S3Journal(account, { bucket: "journal", prefix: "releases/" }, pace),
    pace,
  };
  const standing = async () => [(await movers.lambda.standing(WORKER)).shares, (await movers.ecs.standing(API)).shares];
  return {
    cloud,
    world,
    standing,
    run,
    deployed: () => codeDeploy.made.filter(({ creator }) => creator === "user").length,
  };
}

type Alarms = ReturnType<typeof alarmsOf>;

function alarmsOf(cloudWatch: FakeCloudWatch) {
  const worker: FakeAlarm = {
    AlarmName: "punctual-dev-worker-canary",
    StateValue: "OK",
    Dimensions: [{ Name: "FunctionName", Value: WORKER.function }],
  };
  const api: FakeAlarm = { AlarmName: "punctual-dev-api-release-errors", StateValue: "OK" };
  const queue: FakeAlarm = { AlarmName: "punctual-dev-dead-letters", StateValue: "OK" };
  cloudWatch.alarms.push(worker, api, queue);
  return { worker, api, queue };
}

/** What rings hears the release that it is about, and stops once that is taken back. */
function ringing(
  fate: Fate,
  { cloud, codeDeploy, ecs, alarms }: { cloud: Cloud; codeDeploy: FakeCodeDeploy; ecs: FakeEcs; alarms: Alarms },
): () => void {
  return () => {
    const now = cloud.now();
    const worker = codeDeploy.made.find(({ creator }) => creator === "user")?.createdAt ?? Infinity;
    const api = ecs.made.find(({ to }) => to === definition(2))?.createdAt ?? Infinity;
    if (alarms.worker.StateValue === "OK" && now - worker >= (fate.workerRingsAt ?? Infinity)) {
      alarms.worker.StateValue = "ALARM";
      codeDeploy.alarm(alarms.worker.AlarmName);
    }
    if (alarms.api.StateValue === "OK" && now - api >= (fate.apiRingsAt ?? Infinity)) {
      alarms.api.StateValue = "ALARM";
      ecs.alarm(alarms.api.AlarmName);
    }
    if (now - worker >= (fate.ringsAt ?? Infinity)) alarms.queue.StateValue = "ALARM";
  };
}
