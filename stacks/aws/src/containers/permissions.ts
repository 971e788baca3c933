import * as aws from "@pulumi/aws";
import { type ComponentResource, type Input, interpolate, jsonStringify } from "@pulumi/pulumi";
import type { AwsSettings } from "../settings.js";

export interface Statement {
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: Input<string> | readonly Input<string>[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, Input<string>>>>>;
}

const allow = (Action: readonly string[], Resource: Statement["Resource"], Condition?: Statement["Condition"]) =>
  ({ Effect: "Allow", Action, Resource, ...(Condition !== undefined && { Condition }) }) as const satisfies Statement;

/** A role for one service of AWS on behalf of this account alone; it may do what `statements` say. */
export function roleFor(
  name: string,
  principal: "ecs-tasks.amazonaws.com" | "ecs.amazonaws.com",
  { accountId }: Pick<AwsSettings, "accountId">,
  parent: ComponentResource,
): aws.iam.Role {
  const trust = {
    Effect: "Allow",
    Action: "sts:AssumeRole",
    Principal: { Service: principal },
    Condition: { StringEquals: { "aws:SourceAccount": accountId } },
  };
  return new aws.iam.Role(
    name,
    { assumeRolePolicy: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }) },
    { parent },
  );
}

export function permit(
  name: string,
  role: aws.iam.Role,
  statements: readonly Statement[],
  parent: ComponentResource,
): aws.iam.RolePolicy {
  const policy = jsonStringify({ Version: "2012-10-17", Statement: statements });
  return new aws.iam.RolePolicy(name, { role: role.id, policy }, { parent });
}

export interface StartOptions {
  readonly own: Pick<AwsSettings, "region">;
  readonly images: readonly string[];
  readonly logGroup: aws.cloudwatch.LogGroup;
  readonly secrets: readonly Input<string>[];
  readonly secretsKey: Input<string>;
}

/** What ECS must do before a program runs: fetch images and secrets, and write what is said. */
export function toStart({ own, images, logGroup, secrets, secretsKey }: StartOptions): readonly Statement[] {
  const repositories = [...new Set(images.flatMap((image) => repositoryOf(image) ?? []))];
  const viaSecrets = { StringEquals: { "kms:ViaService": `secretsmanager.${own.region}.amazonaws.com` } };
  return [
    allow(["logs:CreateLogStream", "logs:PutLogEvents"], interpolate`${logGroup.arn}:*`),
    ...(repositories.length === 0
      ? []
      : [
          allow(["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], repositories),
          // It is of the registry and not of a repository: AWS knows no narrower one.
          allow(["ecr:GetAuthorizationToken"], "*"),
        ]),
    ...(secrets.length === 0
      ? []
      : [allow(["secretsmanager:GetSecretValue"], secrets), allow(["kms:Decrypt"], secretsKey, viaSecrets)]),
  ];
}

/** The repository of an image in ECR; images of others need no permission. */
export function repositoryOf(image: string): string | undefined {
  const [, account, region, name] = /^(\d{12})\.dkr\.ecr\.([a-z\d-]+)\.amazonaws\.com\/([^@:]+)/.exec(image) ?? [];
  if (account === undefined || region === undefined || name === undefined) return undefined;
  return `arn:aws:ecr:${region}:${account}:repository/${name}`;
}

export interface RunOptions {
  /** The user of the database, as IAM knows it. */
  readonly login: Input<string>;
  /** Where metrics go; undefined where nothing is measured. */
  readonly metrics: aws.cloudwatch.LogGroup | undefined;
}

/** What a program does by itself, and the collector beside it. */
export function toRun({ login, metrics }: RunOptions): readonly Statement[] {
  return [
    allow(["rds-db:connect"], login),
    ...(metrics === undefined
      ? []
      : [
          allow(["logs:CreateLogStream", "logs:PutLogEvents"], interpolate`${metrics.arn}:*`),
          // Traces belong to no resource.
          allow(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"),
        ]),
  ];
}
