import * as aws from "@pulumi/aws";
import { output } from "@pulumi/pulumi";
import { type Blueprint, blueprintOf, type EnvironmentName, type Raw, readSettings } from "@punctual/stack-blueprint";
import { type Graph, record, type World } from "@punctual/stack-testkit";
import { AwsContainers, type ContainersArgs } from "../../../src/containers/index.js";
import { directUrl } from "../../../src/database-users.js";
import { type AwsSettings, readAwsSettings } from "../../../src/settings.js";

export const ACCOUNT = "111111111111";
export const REGION = "eu-west-1";
const DIGEST = `sha256:${"0".repeat(64)}`;
export const IMAGES = {
  punctual: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/acme/punctual@${DIGEST}`,
  collector: `public.ecr.aws/aws-observability/aws-otel-collector@${DIGEST}`,
};

const HOST = "punctual.abc.eu-west-1.rds.amazonaws.com";
export const loginArn = (workload: string) => `arn:aws:rds-db:${REGION}:${ACCOUNT}:dbuser:db-0123/punctual_${workload}`;

export const arnOf = (name: string) => `arn:aws:test:${REGION}:${ACCOUNT}:${name}`;

const OF_TYPE: Readonly<Record<string, (name: string) => object>> = {
  "aws:lb/loadBalancer:LoadBalancer": (name) => ({ arnSuffix: `app/${name}/1`, dnsName: "api.elb.test", zoneId: "Z1" }),
  "aws:acm/certificate:Certificate": () => ({
    domainValidationOptions: [
      {
        domainName: "punctual.example.com",
        resourceRecordName: "_1.example.com",
        resourceRecordType: "CNAME",
        resourceRecordValue: "_2.acm.test",
      },
    ],
  }),
  "aws:route53/record:Record": (name) => ({ fqdn: `${name}.example.com` }),
};

export const world: World = {
  outputs: ({ type, name, inputs }) => ({ arn: arnOf(name), name: inputs["name"] ?? name, ...OF_TYPE[type]?.(name) }),
  call: () => ({}),
};

/** What others make, as little of it as containers ask for. */
function partsOf(): Omit<ContainersArgs, "blueprint" | "own"> {
  const vpc = new aws.ec2.Vpc("vpc", { cidrBlock: "10.20.0.0/16" });
  const subnet = (tier: string) => (at: number) =>
    new aws.ec2.Subnet(`${tier}-${String(at)}`, { vpcId: vpc.id, cidrBlock: `10.20.${String(at)}.0/24` });
  const key = new aws.kms.Key("key", { enableKeyRotation: true });
  return {
    network: {
      vpc,
      publicSubnets: [0, 1].map(subnet("public")),
      privateSubnets: [0, 1].map(subnet("private")),
      isolatedSubnets: [],
      natGateways: [],
      workloads: new aws.ec2.SecurityGroup("workloads", { vpcId: vpc.id }),
      senders: new aws.ec2.SecurityGroup("senders", { vpcId: vpc.id }),
    },
    database: {
      clients: new aws.ec2.SecurityGroup("clients", { vpcId: vpc.id }),
      loginOf: (workload) => ({ url: output(directUrl(HOST, 5_432, workload)), arn: output(loginArn(workload.name)) }),
    },
    keys: { data: key, messages: key, secrets: key, logs: key },
    secrets: { keys: arnOf("keys"), auth: arnOf("auth") },
    zoneId: "Z2",
    alarmTopic: arnOf("alarms"),
  };
}

export const TOKENS = {
  secret: { kind: "secret", issuer: "https://accounts.example.com/", audience: "punctual" },
  jwks: {
    kind: "jwks",
    issuer: "https://accounts.example.com/",
    audience: "punctual",
    jwksUrl: "https://accounts.example.com/keys",
  },
};

export function blueprintFor(environment: EnvironmentName, more: Raw = {}): Blueprint {
  const raw = {
    environment,
    runtime: "containers",
    alertEmail: "alerts@example.com",
    domain: "punctual.example.com",
    zone: "example.com",
    tokens: TOKENS.secret,
    ...more,
  };
  const { ok, wrong } = readSettings(raw, { cloud: "aws", environment });
  if (ok === undefined) throw new RangeError(wrong.join("\n"));
  return blueprintOf("punctual", "aws", ok);
}

export function ownSettings(more: Raw = {}): AwsSettings {
  const { ok, wrong } = readAwsSettings({ accountId: ACCOUNT, region: REGION, images: IMAGES, ...more });
  if (ok === undefined) throw new RangeError(wrong.join("\n"));
  return ok;
}

/** Everything that the containers of an environment register, and what they answer as outputs. */
export async function containersIn(
  environment: EnvironmentName,
  { preview = false, ...more }: Raw = {},
): Promise<Graph> {
  return record({ stack: `aws-${environment}`, world, preview: preview === true }, () => {
    const blueprint = blueprintFor(environment, more);
    const made = new AwsContainers(blueprint.names.prefix, { blueprint, own: ownSettings(), ...partsOf() });
    const { frontDoor, releases, migration } = made;
    return { url: frontDoor.url, metrics: frontDoor.metrics, releases, migration };
  });
}
