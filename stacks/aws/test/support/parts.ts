import * as aws from "@pulumi/aws";
import { blueprintOf, type Blueprint, type EnvironmentName, type Raw, readSettings } from "@punctual/stack-blueprint";
import { type Graph, record, type World } from "@punctual/stack-testkit";
import type { Database, Functions, Keys, Network, Plan, QueuePart, Queues, Services } from "../../src/parts.js";
import { readAwsSettings } from "../../src/settings.js";

export const REGION = "eu-west-1";
export const ACCOUNT = "111111111111";

const common = {
  tokens: { kind: "secret", issuer: "https://accounts.example.com/", audience: "punctual" },
  alertEmail: "alerts@example.com",
  pagerUrl: "https://pager.example.com/acme",
  corsOrigins: ["https://console.punctual.example.com"],
};
const named = { domain: "punctual.example.com", zone: "Z0123456789ABCDEFGHIJ" };

/** An environment with a name outside dev, and without one in it. */
export function planFor(environment: EnvironmentName, raw: Raw = {}): Plan {
  const all = { ...common, environment, ...(environment !== "dev" && named), ...raw };
  const { ok, wrong } = readSettings(all, { cloud: "aws", environment });
  if (ok === undefined) throw new RangeError(wrong.join("\n"));
  const own = readAwsSettings({ accountId: ACCOUNT, region: REGION });
  if (own.ok === undefined) throw new RangeError(own.wrong.join("\n"));
  return { blueprint: blueprintOf("punctual", "aws", ok), own: own.ok };
}

export interface Parts {
  readonly network: Pick<Network, "natGateways">;
  readonly keys: Keys;
  readonly database: Database;
  readonly queues: Queues;
  readonly functions: Functions;
  readonly services: Services;
}

/** What the other components make, as much of it as is looked at. */
export function partsOf({ blueprint }: Plan): Parts {
  const key = () => new aws.kms.Key(`key-${String((keys += 1))}`, {});
  let keys = 0;
  return {
    network: { natGateways: [0, 1].map((at) => new aws.ec2.NatGateway(`nat-${String(at)}`, { subnetId: "subnet" })) },
    keys: { data: key(), messages: key(), secrets: key(), logs: key() },
    database: databaseOf(blueprint),
    queues: Object.fromEntries(blueprint.queues.map(({ name }) => [name, queueOf(blueprint, name)])),
    ...(blueprint.settings.shape.runtime === "serverless"
      ? { functions: functionsOf(blueprint), services: {} }
      : { functions: {}, services: servicesOf(blueprint) }),
  };
}

function servicesOf({ names, workloads }: Blueprint): Services {
  const running = workloads.filter(({ trigger }) => trigger.kind !== "manual");
  return Object.fromEntries(
    running.map((workload) => [
      workload.name,
      { workload, physicalName: names.of(workload.name), cluster: names.prefix, logs: `/tasks/${workload.name}` },
    ]),
  );
}

function queueOf({ names }: Blueprint, name: string): QueuePart {
  const physicalName = names.of(name, 80);
  return { physicalName, queue: new aws.sqs.Queue(`queue-${name}`, { name: physicalName }) };
}

function databaseOf({ names, settings }: Blueprint): Database {
  const identifier = names.of("database");
  const proxyName = settings.shape.runtime === "serverless" ? names.of("proxy") : undefined;
  const instance = new aws.rds.Instance("database", {
    identifier,
    instanceClass: "db.t4g.micro",
    allocatedStorage: 20,
  });
  return {
    ...{ identifier, instance, proxyName },
    clients: new aws.ec2.SecurityGroup("clients", {}),
    loginOf: () => ({ url: instance.endpoint, arn: instance.arn }),
  };
}

function functionsOf({ names, workloads }: Blueprint): Functions {
  return Object.fromEntries(
    workloads.map((workload) => {
      const physicalName = names.of(workload.name, 64);
      const role = new aws.iam.Role(`role-${workload.name}`, { assumeRolePolicy: "{}" });
      const fn = new aws.lambda.Function(`function-${workload.name}`, { name: physicalName, role: role.arn });
      const alias = new aws.lambda.Alias(`alias-${workload.name}`, {
        ...{ name: "live", functionName: fn.name, functionVersion: fn.version },
      });
      const logGroup = new aws.cloudwatch.LogGroup(`log-${workload.name}`, { name: `/aws/lambda/${physicalName}` });
      return [workload.name, { workload, physicalName, function: fn, alias, role, logGroup }];
    }),
  );
}

/** What AWS would say, where something is made of it. */
export const WORLD: World = {
  outputs: ({ type, name, inputs }) => ({ arn: `arn:${type}:${name}`, ...(OUTPUTS[type]?.(name, inputs) ?? {}) }),
  call: () => ({}),
};

type Outputs = Readonly<Record<string, unknown>>;

const OUTPUTS: Readonly<Record<string, (name: string, inputs: Outputs) => Outputs>> = {
  "aws:lambda/alias:Alias": (name) => ({ invokeArn: `invoke:${name}` }),
  "aws:lambda/function:Function": () => ({ version: "7" }),
  "aws:apigateway/restApi:RestApi": () => ({ executionArn: "arn:execute-api:rest" }),
  "aws:apigateway/stage:Stage": () => ({ invokeUrl: "https://rest.example.com/live" }),
  "aws:apigateway/domainName:DomainName": () => ({ regionalDomainName: "d.example.com", regionalZoneId: "ZDOOR" }),
  "aws:acm/certificate:Certificate": (_, { domainName }) => ({
    domainValidationOptions: [
      {
        resourceRecordName: `_proof.${String(domainName)}`,
        resourceRecordType: "CNAME",
        resourceRecordValue: "_proof.acm.example.com",
      },
    ],
  }),
  "aws:route53/record:Record": (_, { name }) => ({ fqdn: name }),
  "aws:s3/bucket:Bucket": (name) => ({ bucketRegionalDomainName: `${name}.s3.example.com` }),
  "aws:cloudfront/distribution:Distribution": () => ({ domainName: "pages.example.com", hostedZoneId: "ZPAGES" }),
};

/** Both where everything is known and where nothing is: what they register must be the same. */
export async function planned(program: () => unknown): Promise<{ readonly graph: Graph; readonly unknown: Graph }> {
  return {
    graph: await record({ world: WORLD }, program),
    unknown: await record({ world: WORLD, preview: true }, program),
  };
}

/** What was asked for in the same words is not made again. */
export function remembered<A extends readonly unknown[], T>(make: (...args: A) => T): (...args: A) => T {
  const known = new Map<string, T>();
  return (...args) => {
    const key = JSON.stringify(args);
    const made = known.has(key) ? (known.get(key) as T) : make(...args);
    known.set(key, made);
    return made;
  };
}

/** A text that is JSON. */
export function json(text: unknown): Readonly<Record<string, unknown>> {
  return JSON.parse(String(text)) as Readonly<Record<string, unknown>>;
}
