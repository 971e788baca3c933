import { type Graph, record, type World } from "@punctual/stack-testkit";
import { expect } from "chai";
import { provisionAccount } from "../src/account.js";
import { readAccountSettings } from "../src/settings.js";

const good = {
  accountId: "111111111111",
  region: "eu-west-1",
  otherRegions: ["eu-central-1"],
  repository: "acme/punctual",
  environments: ["dev", "production"],
  alertEmail: "alerts@example.com",
  monthlyBudgetUsd: 600,
};
const world: World = {
  outputs: ({ type, name }) => ({ arn: `arn:aws:${type.split("/")[0]?.slice(4) ?? ""}:::${name}`, bucket: name }),
  call: () => ({}),
};

async function recorded(given: object = {}, preview = false): Promise<Graph> {
  const { ok, wrong } = readAccountSettings({ ...good, ...given });
  if (ok === undefined) throw new RangeError(wrong.join("\n"));
  return record({ project: "punctual-bootstrap-aws", stack: "acme", world, preview }, () => provisionAccount(ok));
}

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}
function statementsIn(policy: unknown): readonly Statement[] {
  return (JSON.parse(String(policy)) as { readonly Statement: readonly Statement[] }).Statement;
}
const named = (statements: readonly Statement[], sid: string) => statements.find(({ Sid }) => Sid === sid);

describe("An account of AWS", () => {
  it("has each of its parts once, whether or not anything is known", async () => {
    const graph = await recorded();

    expect(graph.types()).to.deep.equal({
      "aws:accessanalyzer/analyzer:Analyzer": 1,
      "aws:apigateway/account:Account": 1,
      "aws:budgets/budget:Budget": 1,
      "aws:cloudtrail/trail:Trail": 1,
      "aws:ecr/lifecyclePolicy:LifecyclePolicy": 2,
      "aws:ecr/repository:Repository": 2,
      "aws:guardduty/detector:Detector": 1,
      "aws:iam/openIdConnectProvider:OpenIdConnectProvider": 1,
      "aws:iam/policy:Policy": 5,
      "aws:iam/role:Role": 3,
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment": 3,
      "aws:kms/alias:Alias": 1,
      "aws:kms/key:Key": 3,
      "aws:s3/bucket:Bucket": 3,
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": 3,
      "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": 1,
      "aws:s3/bucketOwnershipControls:BucketOwnershipControls": 3,
      "aws:s3/bucketPolicy:BucketPolicy": 3,
      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": 3,
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": 3,
      "aws:s3/bucketVersioning:BucketVersioning": 3,
      "aws:securityhub/account:Account": 1,
      "pulumi:providers:aws": 1,
      "pulumi:pulumi:Stack": 1,
      "punctual:aws:Account": 1,
      "punctual:aws:Artifacts": 1,
      "punctual:aws:Audit": 1,
      "punctual:aws:Deployers": 1,
      "punctual:aws:GatewayLogs": 1,
      "punctual:aws:Posture": 1,
      "punctual:aws:SealedBucket": 3,
      "punctual:aws:Spend": 1,
      "punctual:aws:StateStore": 1,
    });
    expect((await recorded({}, true)).types()).to.deep.equal(graph.types());
  });

  it("makes nothing by a provider that is nobody's, nor in another account", async () => {
    const graph = await recorded();

    const provider = graph.one("pulumi:providers:aws");
    // A provider's inputs are texts.
    expect(provider.inputs["allowedAccountIds"]).to.equal('["111111111111"]');
    const others = graph.resources.filter((one) => one.custom && !one.type.startsWith("pulumi:"));
    expect(others.filter((one) => one.provider?.startsWith(`${provider.urn}::`) !== true)).to.be.empty;
  });

  it("does without what looks after it where an organization does", async () => {
    const types = (await recorded({ posture: false })).types();

    expect(types["aws:guardduty/detector:Detector"]).to.equal(undefined);
    expect(types["aws:securityhub/account:Account"]).to.equal(undefined);
  });

  it("tells whoever deploys where things are", async () => {
    const { outputs } = await recorded();

    expect(outputs).to.deep.include({
      backend: "s3://punctual-state-store-bucket?region=eu-west-1&awssdk=v2",
      secretsProvider: "awskms://alias/punctual-pulumi-state?region=eu-west-1",
    });
    expect(Object.keys(outputs["deployers"] as object)).to.deep.equal(["dev", "production"]);
  });

  it("pushes the logs of all APIs by one role", async () => {
    const graph = await recorded();

    const [role] = graph.sourcesOf(graph.one("aws:apigateway/account:Account"), "cloudwatchRoleArn");
    expect(statementsIn(role?.inputs["assumeRolePolicy"])).to.deep.equal([
      { Effect: "Allow", Principal: { Service: "apigateway.amazonaws.com" }, Action: "sts:AssumeRole" },
    ]);
  });

  it("says by e-mail what it will cost, and what it has", async () => {
    const budget = (await recorded()).one("aws:budgets/budget:Budget");

    expect(budget.inputs).to.deep.include({ limitAmount: "600", limitUnit: "USD", timeUnit: "MONTHLY" });
    expect(budget.inputs["notifications"]).to.deep.equal(
      [
        { notificationType: "FORECASTED", threshold: 80 },
        { notificationType: "ACTUAL", threshold: 100 },
      ].map((one) => ({
        ...one,
        thresholdType: "PERCENTAGE",
        comparisonOperator: "GREATER_THAN",
        subscriberEmailAddresses: ["alerts@example.com"],
      })),
    );
  });
});

describe("A sealed bucket", () => {
  it("is closed to the public, sealed by its key, versioned, and speaks TLS alone", async () => {
    const graph = await recorded();

    for (const block of graph.all("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")) {
      const { bucket: _bucket, ...blocks } = block.inputs;
      expect(Object.values(blocks)).to.deep.equal([true, true, true, true]);
    }
    for (const policy of graph.all("aws:s3/bucketPolicy:BucketPolicy")) {
      expect(named(statementsIn(policy.inputs["policy"]), "TlsAlone")).to.deep.include({
        Effect: "Deny",
        Principal: "*",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      });
    }
    const keys = graph
      .all("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration")
      .map((one) => graph.sourcesOf(one, "rules").map(({ name }) => name));
    expect(keys).to.deep.equal([["punctual-artifacts-key"], ["punctual-audit-key"], ["punctual-state-key"]]);
    expect(graph.all("aws:s3/bucket:Bucket").every((one) => one.protect)).to.be.true;
    expect(graph.all("aws:kms/key:Key").every((one) => one.protect && one.inputs["enableKeyRotation"] === true)).to.be
      .true;
  });
});

describe("The audit of an account", () => {
  it("notes everything in all regions, and each touch of state and artifacts", async () => {
    const trail = (await recorded()).one("aws:cloudtrail/trail:Trail");

    expect(trail.inputs).to.deep.include({ isMultiRegionTrail: true, enableLogFileValidation: true });
    expect(JSON.stringify(trail.inputs["advancedEventSelectors"])).to.contain(
      '{"field":"resources.ARN","startsWiths":["arn:aws:s3:::punctual-state-store-bucket/","arn:aws:s3:::punctual-artifacts-archives-bucket/"]}',
    );
  });

  it("is written by its own trail alone, and by nobody changed for a year, and then forgotten", async () => {
    const graph = await recorded();

    const arn = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/punctual-audit";
    const policy = graph.one("aws:s3/bucketPolicy:BucketPolicy", "punctual-audit-store-policy");
    const statements = statementsIn(policy.inputs["policy"]);
    expect(named(statements, "TrailWrites")?.Condition).to.deep.equal({
      StringEquals: { "aws:SourceArn": arn, "s3:x-amz-acl": "bucket-owner-full-control" },
    });
    expect(named(statements, "TrailLooks")?.Condition).to.deep.equal({ StringEquals: { "aws:SourceArn": arn } });
    expect(
      graph.one("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration").inputs["rule"],
    ).to.deep.equal({
      defaultRetention: { mode: "GOVERNANCE", days: 365 },
    });
    expect(graph.one("aws:s3/bucket:Bucket", "punctual-audit-store-bucket").inputs["objectLockEnabled"]).to.be.true;
    expect(graph.dependsOn(graph.one("aws:cloudtrail/trail:Trail"), policy)).to.be.true;
    const lifecycle = graph.one(
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
      "punctual-audit-store-lifecycle",
    );
    expect(JSON.stringify(lifecycle.inputs["rules"])).to.contain('"expiration":{"days":365}');
  });
});

describe("Artifacts", () => {
  it("are images that keep their tags, are looked through, and are forgotten in the end", async () => {
    const graph = await recorded();

    const repositories = graph.all("aws:ecr/repository:Repository");
    expect(repositories.map(({ inputs }) => inputs["name"])).to.deep.equal(["punctual/collector", "punctual/punctual"]);
    for (const { inputs } of repositories) {
      expect(inputs).to.deep.include({
        imageTagMutability: "IMMUTABLE",
        imageScanningConfiguration: { scanOnPush: true },
      });
      expect(JSON.stringify(inputs["encryptionConfigurations"])).to.contain('"encryptionType":"KMS"');
    }
    const [{ inputs } = { inputs: {} as Readonly<Record<string, unknown>> }] = graph.all(
      "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    );
    const { rules } = JSON.parse(String(inputs["policy"])) as { rules: { selection: { countNumber: number } }[] };
    expect(rules.map(({ selection }) => selection.countNumber)).to.deep.equal([14, 50]);
  });
});

describe("A deployer", () => {
  it("is a workflow of its own environment, in the repository that was named, and nobody else", async () => {
    const graph = await recorded({ repository: "acme/clock" });

    for (const environment of ["dev", "production"]) {
      const role = graph.one("aws:iam/role:Role", `punctual-deploy-${environment}-role`);
      expect(role.inputs["name"]).to.equal(`punctual-deploy-${environment}`);
      expect(statementsIn(role.inputs["assumeRolePolicy"])).to.deep.equal([
        {
          Effect: "Allow",
          Principal: { Federated: "arn:aws:iam:::punctual-deploy-github" },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: {
              "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
              "token.actions.githubusercontent.com:sub": `repo:acme/clock:environment:${environment}`,
            },
          },
        },
      ]);
      expect(graph.sourcesOf(role, "permissionsBoundary").map(({ name }) => name)).to.deep.equal([
        "punctual-deploy-limits",
      ]);
    }
  });

  it("takes GitHub for known where the account has been told of it", async () => {
    const graph = await recorded({ githubKnown: true });

    expect(graph.all("aws:iam/openIdConnectProvider:OpenIdConnectProvider")).to.be.empty;
    const role = graph.one("aws:iam/role:Role", "punctual-deploy-dev-role");
    expect(statementsIn(role.inputs["assumeRolePolicy"])[0]?.Principal).to.deep.equal({
      Federated: "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com",
    });
  });

  it("writes the state of its own stacks alone", async () => {
    const policy = (await recorded()).one("aws:iam/policy:Policy", "punctual-deploy-dev-policy");
    const statements = statementsIn(policy.inputs["policy"]);

    const bucket = "arn:aws:s3:::punctual-state-store-bucket";
    expect(named(statements, "StateWritten")?.Resource).to.equal(`${bucket}/.pulumi/*/punctual/aws-dev*`);
    const touches = statements.filter(({ Resource }) => JSON.stringify(Resource).includes(bucket));
    expect(touches.map(({ Sid }) => Sid)).to.deep.equal(["StateListed", "StateRead", "StateWritten"]);
  });

  it("makes and hands over roles of its own environment alone, and works in its regions alone", async () => {
    const policy = (await recorded()).one("aws:iam/policy:Policy", "punctual-deploy-dev-policy");
    const statements = statementsIn(policy.inputs["policy"]);

    const mine = "arn:aws:iam::111111111111:role/punctual-dev-*";
    for (const sid of ["Roles", "BoundedRoles", "HandsRolesOver"])
      expect(named(statements, sid)?.Resource).to.equal(mine);
    const identity = statements.filter(({ Action }) => [Action].flat().some((action) => action.startsWith("iam:")));
    expect(identity.map(({ Sid }) => Sid)).to.deep.equal([
      "Roles",
      "BoundedRoles",
      "HandsRolesOver",
      "RolesOfServices",
    ]);
    const everywhere = statements.filter(({ Resource }) => Resource === "*").map(({ Sid }) => Sid);
    expect(everywhere).to.deep.equal(["Services", "ImagesToken"]);
    expect(named(statements, "Services")?.Condition).to.deep.equal({
      StringEquals: { "aws:RequestedRegion": ["eu-west-1", "eu-central-1", "us-east-1"] },
    });
    const wide = [named(statements, "Services")?.Action ?? []].flat();
    for (const service of ["iam", "s3", "secretsmanager", "sts"]) expect(wide).not.to.include(`${service}:*`);
  });

  it("cannot make itself or others more powerful, nor blind who looks, whatever its policy says", async () => {
    const limits = (await recorded()).one("aws:iam/policy:Policy", "punctual-deploy-limits");
    const denied = statementsIn(limits.inputs["policy"]).filter(({ Effect }) => Effect === "Deny");

    expect(named(denied, "ButDeployers")?.Resource).to.deep.equal([
      "arn:aws:iam::111111111111:role/punctual-deploy-*",
      "arn:aws:iam::111111111111:policy/punctual-deploy-*",
    ]);
    expect(named(denied, "ButPeople")?.Action).to.include.members(["iam:CreateUser", "iam:CreateAccessKey"]);
    expect(named(denied, "ButGuards")?.Action).to.include.members(["cloudtrail:StopLogging", "guardduty:Delete*"]);
    expect(named(denied, "ButKeys")?.Resource).to.have.length(3);
  });

  it("has policies that AWS has room for", async () => {
    const graph = await recorded({
      otherRegions: ["eu-central-1", "eu-north-1"],
      environments: ["staging", "production"],
    });

    for (const { name, inputs } of graph.all("aws:iam/policy:Policy")) {
      expect(String(inputs["policy"]).replaceAll(/\s/g, ""), name).to.have.length.below(6_144);
    }
  });
});

describe("The settings of an account", () => {
  it("are all told at once where they are wrong", () => {
    const { wrong } = readAccountSettings({
      ...good,
      accountId: "12",
      repository: "punctual",
      environments: [],
      colour: "red",
    });

    expect(wrong?.join("\n")).to.match(/account\.accountId: must be the twelve digits/);
    expect(wrong?.join("\n")).to.match(/account\.repository: must be an owner and a name/);
    expect(wrong?.join("\n")).to.match(/account\.environments/);
    expect(wrong?.join("\n")).to.match(/account\.colour is no setting/);
  });

  it("must be there", () => {
    expect(readAccountSettings(undefined).wrong).to.have.length.above(4);
  });

  it("name an environment once, and other regions besides its own", () => {
    expect(
      readAccountSettings({ ...good, environments: ["dev", "dev"], otherRegions: ["eu-west-1"] }).wrong,
    ).to.deep.equal(["account.environments: names one of them twice", "account.otherRegions: has the region itself"]);
  });
});
