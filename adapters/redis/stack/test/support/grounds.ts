import * as aws from "@pulumi/aws";
import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ProviderResource } from "@pulumi/pulumi";
import { type AwsGround, type AwsTransportPart, type MakeAwsTransport, readAwsSettings } from "@punctual/stack-aws";
import {
  type Blueprint,
  blueprintOf,
  type EnvironmentName,
  loadTransport,
  type Reading,
  readSettings,
  transportBindings,
} from "@punctual/stack-blueprint";
import { type GcpGround, type GcpTransportPart, type MakeGcpTransport, readGcpSettings } from "@punctual/stack-gcp";
import { type Graph, record } from "@punctual/stack-testkit";
import { awsWorld, gcpWorld } from "@punctual/stack-testkit/worlds";
import * as random from "@pulumi/random";

export const NAME = "@punctual/adapter-redis";

/** What `RedisOf` made, beside the ground that it was made on. */
export interface Recorded {
  readonly graph: Graph;
  /** The resources of the transport alone. */
  readonly own: Graph["resources"];
}

/** A platform's parts, as far as a transport looks at them, with the transport upon them. */
export async function onAws(environment: EnvironmentName, preview = false): Promise<Recorded> {
  const { ok: make } = await loadTransport(NAME, { cloud: "aws" });
  const graph = await record({ stack: `aws-${environment}`, world: awsWorld(), preview }, () => {
    const own = good(readAwsSettings({ accountId: "111111111111", region: "eu-west-1" }));
    const blueprint = blueprintFor("aws", environment);
    const tags = { tags: blueprint.tags };
    const here = new aws.Provider("aws", { region: own.region, allowedAccountIds: [own.accountId], defaultTags: tags });
    const platform = new Platform("aws", [here, new random.Provider("random")]);
    const part = (make as MakeAwsTransport)("punctual-transport", awsGround({ own, blueprint }, platform), {
      parent: platform,
    });
    return told(blueprint, part);
  });
  return ofTransport(graph);
}

export async function onGcp(environment: EnvironmentName, preview = false): Promise<Recorded> {
  const { ok: make } = await loadTransport(NAME, { cloud: "gcp" });
  const graph = await record({ stack: `gcp-${environment}`, world: gcpWorld(), preview }, () => {
    const own = good(readGcpSettings(GCP));
    const blueprint = blueprintFor("gcp", environment);
    const { project, region } = own;
    const here = new gcp.Provider("gcp", { project, region, defaultLabels: blueprint.tags });
    const platform = new Platform("gcp", [here]);
    const part = (make as MakeGcpTransport)("punctual-transport", gcpGround({ own, blueprint }, platform), {
      parent: platform,
    });
    return told(blueprint, part);
  });
  return ofTransport(graph);
}

class Platform extends ComponentResource {
  constructor(cloud: string, providers: readonly ProviderResource[]) {
    super(`punctual:${cloud}:Platform`, "punctual", {}, { providers: [...providers] });
  }
}

const GCP = {
  ...{ project: "acme-punctual", projectNumber: "123456789012", region: "europe-west1" },
  billingAccount: "000000-AAAAAA-111111",
  image: `europe-west1-docker.pkg.dev/acme/punctual/punctual@sha256:${"0".repeat(64)}`,
};

function blueprintFor(cloud: string, environment: EnvironmentName): Blueprint {
  const settings = {
    ...{ environment, runtime: "containers", transport: NAME, alertEmail: "alerts@example.com" },
    tokens: { kind: "secret", issuer: "https://accounts.example.com/", audience: "punctual" },
  };
  return blueprintOf("punctual", cloud, good(readSettings(settings, { cloud, environment })));
}

function awsGround(plan: Pick<AwsGround, "own" | "blueprint">, parent: ComponentResource): AwsGround {
  const within = { parent };
  const vpc = new aws.ec2.Vpc("punctual-vpc", { cidrBlock: "10.20.0.0/16" }, within);
  const subnet = (at: number) =>
    new aws.ec2.Subnet(
      `punctual-${String(at)}`,
      { vpcId: vpc.id, cidrBlock: `10.20.${String(at)}.0/24`, mapPublicIpOnLaunch: false },
      within,
    );
  const key = (part: string) => new aws.kms.Key(`punctual-${part}`, { enableKeyRotation: true }, within);
  return {
    ...plan,
    network: { vpc, privateSubnets: [0, 1].map(subnet) },
    keys: { data: key("data"), secrets: key("secrets") },
    alarms: new aws.sns.Topic("punctual-alarms", {}, within).arn,
  };
}

function gcpGround(plan: Pick<GcpGround, "own" | "blueprint">, parent: ComponentResource): GcpGround {
  const within = { parent };
  const vpc = new gcp.compute.Network("punctual-vpc", { autoCreateSubnetworks: false }, within);
  const connection = new gcp.servicenetworking.Connection(
    "punctual-connection",
    { network: vpc.id, service: "servicenetworking.googleapis.com", reservedPeeringRanges: ["services"] },
    within,
  );
  const sealedBy = (part: string) => {
    const key = new gcp.kms.CryptoKey(`punctual-${part}`, { keyRing: "ring", rotationPeriod: "7776000s" }, within);
    return { key, allowed: key };
  };
  return {
    ...plan,
    network: { vpc, connection },
    keys: { data: sealedBy("data"), secrets: sealedBy("secrets") },
    clients: { worker: "punctual-worker@acme-punctual.iam.gserviceaccount.com" },
    channels: ["projects/acme-punctual/notificationChannels/1"],
  };
}

/** Outputs of the stack: what a program is told, where that has no secret in it. */
function told(blueprint: Blueprint, part: AwsTransportPart | GcpTransportPart) {
  return { variables: transportBindings(blueprint.settings, part), secrets: part.secrets };
}

function ofTransport(graph: Graph): Recorded {
  return { graph, own: graph.resources.filter(({ name }) => name.startsWith("punctual-transport")) };
}

function good<T>({ ok, wrong = [] }: Reading<T>): T {
  if (ok === undefined) throw new RangeError(wrong.join("\n"));
  return ok;
}
