import { expect } from "chai";
import { AwsKeys, keyPolicyOf, type KeyUse } from "../src/keys.js";
import { planOf, recorded, type Told, typesIn } from "./support/plans.js";
import { statementsIn } from "./support/policies.js";
import { ACCOUNT, REGION } from "./support/world.js";

const ROOT = { AWS: "arn:aws:iam::111111111111:root" };
const PLACE = { accountId: ACCOUNT, region: REGION };

async function keysOf(told: Told, preview = false) {
  const plan = planOf(told);
  return recorded((provider) => new AwsKeys("keys", plan, { providers: [provider] }), { preview });
}

describe("Keys", () => {
  it("are one for all in dev, that may be lost", async () => {
    const graph = await keysOf({});
    const key = graph.one("aws:kms/key:Key");

    expect(key.inputs).to.deep.include({ enableKeyRotation: true, deletionWindowInDays: 7 });
    expect(key.protect).to.be.false;
    expect(statementsIn(key).map(({ Sid }) => Sid)).to.deep.equal([
      ...["Administer", "UseForData", "UseForMessages", "UseForAlarms", "UseForSecrets", "UseForLogs", "UseForSealing"],
    ]);
    expect(graph.one("aws:kms/alias:Alias").inputs).to.deep.equal({
      name: "alias/punctual-dev-shared",
      targetKeyId: "keys-shared",
    });
  });

  for (const [environment, days] of [
    ["staging", 7],
    ["production", 30],
  ] as const) {
    it(`are one for each domain in ${environment}, and one more that seals; none can be removed by mistake`, async () => {
      for (const preview of [false, true]) {
        const graph = await keysOf({ environment }, preview);
        expect(typesIn(graph)).to.deep.equal({
          "aws:kms/alias:Alias": 5,
          "aws:kms/key:Key": 5,
          "punctual:aws:Keys": 1,
        });
        for (const key of graph.all("aws:kms/key:Key")) {
          expect(key.inputs).to.deep.include({ enableKeyRotation: true, deletionWindowInDays: days });
          expect(key.protect).to.be.true;
        }
      }
    });
  }

  it("are without the one that seals where nobody asks KMS directly", async () => {
    const graph = await keysOf({ environment: "staging", settings: { runtime: "containers" } });

    expect(graph.all("aws:kms/key:Key").map(({ name }) => name)).to.deep.equal([
      ...["keys-data", "keys-logs", "keys-messages", "keys-secrets"],
    ]);
  });
});

describe("The policy of a key", () => {
  const via = (...services: readonly string[]) => ({
    StringEquals: { "kms:ViaService": services.map((service) => `${service}.eu-west-1.amazonaws.com`) },
  });
  const context = { StringEquals: { "kms:EncryptionContext:punctual": "data-key" } };
  const own = { StringEquals: { "aws:SourceAccount": ACCOUNT } };
  const table: readonly (readonly [KeyUse, readonly (readonly [object, object])[]])[] = [
    ["data", [[ROOT, via("rds", "backup")]]],
    [
      "messages",
      [
        [ROOT, via("sqs", "sns")],
        [{ Service: ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"] }, own],
      ],
    ],
    ["secrets", [[ROOT, via("secretsmanager", "rds")]]],
    [
      "logs",
      [
        [
          { Service: "logs.eu-west-1.amazonaws.com" },
          { ArnLike: { "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:111111111111:log-group:*" } },
        ],
      ],
    ],
    ["sealing", [[ROOT, context]]],
  ];
  for (const [use, uses] of table) {
    it(`lets it be used for ${use} through its services alone`, () => {
      const [administer, ...others] = keyPolicyOf([use], PLACE);

      expect(administer?.Principal).to.deep.equal(ROOT);
      expect(others.map(({ Principal, Condition }) => [Principal, Condition])).to.deep.equal(uses);
    });
  }

  it("lets AWS Backup make a vault, with a grant that it gives back", () => {
    const [, used] = keyPolicyOf(["data"], PLACE);

    expect(used?.Action).to.include.members(["kms:CreateGrant", "kms:DescribeKey", "kms:Decrypt", "kms:RetireGrant"]);
  });

  it("lets who administers it neither seal nor open, and give it to nobody", () => {
    const actions = keyPolicyOf([], PLACE).flatMap(({ Action }) => Action);

    expect(actions.filter((one) => /crypt|DataKey|CreateGrant|\*/.test(one))).to.be.empty;
    // AWS refuses a policy that could not be changed any more.
    expect(actions).to.include("kms:PutKeyPolicy");
  });
});
