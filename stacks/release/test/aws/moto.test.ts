import { randomUUID } from "node:crypto";
import { CodeDeployClient, CreateApplicationCommand, CreateDeploymentGroupCommand } from "@aws-sdk/client-codedeploy";
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  GetAliasCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
} from "@aws-sdk/client-lambda";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { describeWithMoto } from "@punctual/adapter-aws/testing";
import { expect } from "chai";
import { zipSync } from "fflate";
import { LambdaMover, S3Journal } from "../../src/aws/index.js";
import { describeJournal } from "../../src/conformance/index.js";
import type { Pace } from "../../src/world.js";
import { NOBODY } from "./support/cloud.js";
import { WORKER } from "./support/targets.js";

const PACE: Pace = { now: () => Date.now(), wait: async () => undefined };

describeWithMoto("On moto", (endpoint) => {
  describeJournal("S3Journal", {
    open: async () => {
      const account = { ...NOBODY, endpoint: await endpoint() };
      const bucket = `journal-${randomUUID()}`;
      const CreateBucketConfiguration = { LocationConstraint: "eu-central-1" } as const;
      const s3 = new S3Client({ ...account, forcePathStyle: true });
      await s3.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration }));
      return new S3Journal(account, { bucket, prefix: "releases/" }, PACE);
    },
    close: async () => undefined,
  });

  it("LambdaMover reads the weights of an alias, and sets it back (M1, M4)", async () => {
    const account = { ...NOBODY, endpoint: await endpoint() };
    const lambda = new LambdaClient(account);
    const alias = { FunctionName: WORKER.function, Name: WORKER.alias };
    await functionOf(account.endpoint, lambda);
    await groupOf(new CodeDeployClient(account));
    await lambda.send(new CreateAliasCommand({ ...alias, FunctionVersion: "1" }));
    const RoutingConfig = { AdditionalVersionWeights: { 2: 0.1 } };
    await lambda.send(new UpdateAliasCommand({ ...alias, RoutingConfig }));
    const mover = new LambdaMover(account, PACE);

    expect(await mover.standing(WORKER)).to.deep.equal({ shares: { 1: 90, 2: 10 } });
    await mover.back({ release: "r-1", target: WORKER, from: "1", to: "2" });

    expect(await mover.standing(WORKER)).to.deep.equal({ shares: { 1: 100 } });
    const { RoutingConfig: left } = await lambda.send(new GetAliasCommand(alias));
    expect(left?.AdditionalVersionWeights ?? {}).to.deep.equal({});
  });
});

/** With two versions. */
async function functionOf(endpoint: string, lambda: LambdaClient): Promise<void> {
  const Role = await roleOf(endpoint);
  const zip = (text: string) => zipSync({ "index.mjs": new TextEncoder().encode(text) });
  const FunctionName = WORKER.function;
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Role,
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Code: { ZipFile: zip("1") },
    }),
  );
  await lambda.send(new PublishVersionCommand({ FunctionName }));
  await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: zip("2"), Publish: true }));
}

async function groupOf(codeDeploy: CodeDeployClient): Promise<void> {
  const applicationName = WORKER.application;
  await codeDeploy.send(new CreateApplicationCommand({ applicationName, computePlatform: "Lambda" }));
  const serviceRoleArn = "arn:aws:iam::123456789012:role/shifts";
  await codeDeploy.send(
    new CreateDeploymentGroupCommand({ applicationName, deploymentGroupName: WORKER.group, serviceRoleArn }),
  );
}

/** As whom a function runs; asked for by hand, as nothing else here speaks to IAM. */
async function roleOf(endpoint: string): Promise<string> {
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [] });
  const body = new URLSearchParams({ Action: "CreateRole", RoleName: "worker", AssumeRolePolicyDocument });
  const authorization = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20300101/us-east-1/iam/aws4_request, Signature=none";
  const answer = await fetch(endpoint, { method: "POST", body, headers: { authorization } });
  expect(answer.status).to.equal(200);
  return "arn:aws:iam::123456789012:role/worker";
}
