import * as aws from "@pulumi/aws";
import * as random from "@pulumi/random";
import { type Graph, record } from "@punctual/stack-testkit";
import { expect } from "chai";
import { AwsKeys } from "../src/keys.js";
import { AwsSecrets } from "../src/secrets.js";
import { planOf, type Told, typesIn } from "./support/plans.js";
import { AWS } from "./support/world.js";

async function secretsOf(told: Told, preview = false): Promise<Graph> {
  const plan = planOf(told);
  return record({ world: AWS, preview }, () => {
    const providers = [new aws.Provider("aws", {}), new random.Provider("random", {})];
    const keys = new AwsKeys("keys", plan, { providers });
    new AwsSecrets("secrets", { ...plan, keys: keys.atRest }, { providers });
  });
}

const jwks = {
  kind: "jwks",
  issuer: "https://accounts.example.com/",
  audience: "punctual",
  jwksUrl: "https://accounts.example.com/keys",
};
const TYPES = {
  "aws:kms/alias:Alias": 1,
  "aws:kms/key:Key": 1,
  "aws:secretsmanager/secret:Secret": 2,
  "aws:secretsmanager/secretVersion:SecretVersion": 2,
  "punctual:aws:Keys": 1,
  "punctual:aws:Secrets": 1,
  "random:index/randomBytes:RandomBytes": 2,
};

describe("Secrets", () => {
  it("are what signs messages and what tokens are signed with", async () => {
    expect(typesIn(await secretsOf({}))).to.deep.equal(TYPES);
    expect(typesIn(await secretsOf({}, true))).to.deep.equal(TYPES);
  });

  it("are without that of tokens where an issuer publishes keys", async () => {
    const graph = await secretsOf({ settings: { tokens: jwks } });

    expect(graph.all("aws:secretsmanager/secret:Secret").map(({ name }) => name)).to.deep.equal(["secrets-keys"]);
  });

  it("begin with 32 bytes of chance in Base64, which are secret, and stay what they are changed to", async () => {
    const graph = await secretsOf({});
    const first = graph.one("aws:secretsmanager/secretVersion:SecretVersion", "secrets-keys-first");

    expect(graph.one("random:index/randomBytes:RandomBytes", "secrets-keys-bytes").inputs).to.deep.equal({
      length: 32,
    });
    expect(first.inputs).to.deep.include({ secretId: "secrets-keys-id", secretString: `${"A".repeat(43)}=` });
    expect(first.secrets).to.deep.equal(["secretString"]);
    expect(first.ignoreChanges).to.deep.equal(["secretString", "versionStages"]);
  });

  it("are sealed by a key of their own, and can be saved for thirty days where they are precious", async () => {
    const [dev, production] = [await secretsOf({}), await secretsOf({ environment: "production" })];

    const of = (graph: Graph) => graph.one("aws:secretsmanager/secret:Secret", "secrets-keys");
    expect(of(dev).inputs).to.deep.include({
      kmsKeyId: "arn:aws:kms:eu-west-1:111111111111:key/keys-shared",
      recoveryWindowInDays: 0,
    });
    expect(of(dev).protect).to.be.false;
    expect(of(production).inputs).to.deep.include({
      kmsKeyId: "arn:aws:kms:eu-west-1:111111111111:key/keys-secrets",
      recoveryWindowInDays: 30,
    });
    expect(of(production).protect).to.be.true;
  });
});
