import type { Graph, Planned } from "@punctual/stack-testkit";
import { expect } from "chai";
import { AwsKeys } from "../src/keys.js";
import { AwsQueues } from "../src/queues.js";
import { planOf, recorded, type Told, typesIn } from "./support/plans.js";
import { statementsIn } from "./support/policies.js";

async function queuesOf(told: Told, preview = false): Promise<Graph> {
  const plan = planOf(told);
  return recorded(
    (provider) => {
      const keys = new AwsKeys("keys", plan, { providers: [provider] }).atRest;
      new AwsQueues("queues", { ...plan, keys }, { providers: [provider] });
    },
    { preview },
  );
}

const DAY = 86_400;
const queueIn = (graph: Graph, name: string): Planned => graph.one("aws:sqs/queue:Queue", `queues-${name}-queue`);
const json = ({ inputs }: Planned, input: string): unknown => JSON.parse(inputs[input] as string);
const arn = (name: string) => `arn:aws:sqs:eu-west-1:111111111111:punctual-dev-${name}`;

describe("Queues", () => {
  for (const environment of ["dev", "staging", "production"] as const) {
    it(`are three in ${environment}, whether or not anything is known`, async () => {
      const keys = environment === "dev" ? 1 : 5;
      const types = {
        "aws:kms/alias:Alias": keys,
        "aws:kms/key:Key": keys,
        "aws:sqs/queue:Queue": 3,
        "aws:sqs/queuePolicy:QueuePolicy": 3,
        "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": 1,
        "punctual:aws:Keys": 1,
        "punctual:aws:Queue": 3,
        "punctual:aws:Queues": 1,
      };
      expect(typesIn(await queuesOf({ environment }))).to.deep.equal(types);
      expect(typesIn(await queuesOf({ environment }, true))).to.deep.equal(types);
    });
  }

  it("are none where the scheduler delivers by itself", async () => {
    const graph = await queuesOf({ settings: { scheduler: "single-stage" } });

    expect(graph.all("aws:sqs/queue:Queue")).to.be.empty;
  });

  it("keep a message so long, and out of sight for six times what its consumer may take", async () => {
    const graph = await queuesOf({});
    const times = ["events", "dead-letters", "unreadable"].map((name) => {
      const { inputs } = queueIn(graph, name);
      return [inputs["name"], inputs["messageRetentionSeconds"], inputs["visibilityTimeoutSeconds"]];
    });

    expect(times).to.deep.equal([
      ["punctual-dev-events", 4 * DAY, 720],
      ["punctual-dev-dead-letters", 14 * DAY, 180],
      ["punctual-dev-unreadable", 14 * DAY, undefined],
    ]);
  });

  it("give to the dead letters what was taken three times, and only that queue may", async () => {
    const graph = await queuesOf({});

    expect(json(queueIn(graph, "events"), "redrivePolicy")).to.deep.equal({
      deadLetterTargetArn: arn("dead-letters"),
      maxReceiveCount: 3,
    });
    for (const name of ["dead-letters", "unreadable"]) {
      expect(queueIn(graph, name).inputs["redrivePolicy"]).to.equal(undefined);
    }
    const allowed = graph.one("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy");
    expect(allowed.inputs["queueUrl"]).to.equal(
      "https://sqs.eu-west-1.amazonaws.com/111111111111/punctual-dev-dead-letters",
    );
    expect(json(allowed, "redriveAllowPolicy")).to.deep.equal({
      redrivePermission: "byQueue",
      sourceQueueArns: [arn("events")],
    });
    for (const name of ["events", "unreadable"]) {
      expect(json(queueIn(graph, name), "redriveAllowPolicy")).to.deep.equal({ redrivePermission: "denyAll" });
    }
  });

  it("are sealed by SQS in dev, and elsewhere by the key of messages", async () => {
    for (const { inputs } of (await queuesOf({})).all("aws:sqs/queue:Queue")) {
      expect(inputs).to.include({ sqsManagedSseEnabled: true }).and.not.have.any.keys("kmsMasterKeyId");
    }
    for (const environment of ["staging", "production"] as const) {
      for (const { inputs, protect } of (await queuesOf({ environment })).all("aws:sqs/queue:Queue")) {
        expect(inputs["kmsMasterKeyId"]).to.equal("arn:aws:kms:eu-west-1:111111111111:key/keys-messages");
        expect(inputs["sqsManagedSseEnabled"]).to.equal(undefined);
        expect(protect).to.be.true;
      }
    }
  });

  it("take nothing in clear, and nothing from another account", async () => {
    const policies = (await queuesOf({})).all("aws:sqs/queuePolicy:QueuePolicy");

    expect(policies.map(({ inputs }) => inputs["queueUrl"])).to.have.length(3);
    expect(policies.flatMap((one) => statementsIn(one)).map(({ Effect }) => Effect)).to.deep.equal(
      Array(6).fill("Deny"),
    );
    expect(statementsIn(policies[1] as Planned)).to.deep.equal([
      {
        Sid: "InClear",
        Effect: "Deny",
        Principal: "*",
        Action: ["sqs:*"],
        Resource: [arn("events")],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      {
        Sid: "Foreign",
        Effect: "Deny",
        Principal: "*",
        Action: ["sqs:*"],
        Resource: [arn("events")],
        Condition: {
          StringNotEquals: { "aws:PrincipalAccount": "111111111111" },
          BoolIfExists: { "aws:PrincipalIsAWSService": "false" },
        },
      },
    ]);
  });
});
