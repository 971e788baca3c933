import * as gcp from "@pulumi/gcp";
import { interpolate, type Output } from "@pulumi/pulumi";
import { type Blueprint, blueprintOf, type EnvironmentName, type Raw, readSettings } from "@punctual/stack-blueprint";
import { type Graph, record, type World } from "@punctual/stack-testkit";
import { CONTAINERS, type ContainerName, type ContainersArgs, GcpContainers } from "../../../src/containers/index.js";
import { type GcpSettings, readGcpSettings } from "../../../src/settings.js";

const PROJECT = "acme-punctual";
export const IMAGE = `europe-west1-docker.pkg.dev/acme/punctual/punctual@sha256:${"0123456789abcdef".repeat(4)}`;
export const COLLECTOR = {
  image: `europe-docker.pkg.dev/acme/otel/collector@sha256:${"0".repeat(64)}`,
  configs: { api: '{"of":"api"}', worker: '{"of":"worker"}' },
};

export const world: World = {
  outputs: ({ type, name, inputs }) => ({
    name: inputs["name"] ?? name,
    ...(type === "gcp:serviceaccount/account:Account" && {
      email: `${String(inputs["accountId"])}@${PROJECT}.iam.gserviceaccount.com`,
    }),
    ...(type === "gcp:cloudrunv2/service:Service" && { uri: "https://punctual-abc123-ew.a.run.app" }),
  }),
  call: () => ({}),
};

/** What others make, as little of it as containers ask for. */
function partsOf(): Pick<ContainersArgs, "network" | "accounts" | "databaseUrls" | "secrets"> {
  const vpc = new gcp.compute.Network("network", { autoCreateSubnetworks: false });
  const subnet = new gcp.compute.Subnetwork("subnet", { network: vpc.id, ipCidrRange: "10.20.0.0/24" });
  const made = CONTAINERS.map((name) => [name, new gcp.serviceaccount.Account(name, { accountId: name })] as const);
  const each = <T>(of: (account: gcp.serviceaccount.Account) => Output<T>) =>
    Object.fromEntries(made.map(([name, account]) => [name, of(account)])) as Record<ContainerName, Output<T>>;
  const user = (email: string) => encodeURIComponent(email.replace(/\.gserviceaccount\.com$/, ""));
  return {
    network: { vpc, subnet },
    accounts: each(({ email }) => email),
    databaseUrls: each(
      ({ email }) => interpolate`postgres://${email.apply(user)}@10.0.0.3/punctual?uselibpqcompat=true&sslmode=require`,
    ),
    secrets: { keys: { secret: "keys", version: "3" }, auth: { secret: "auth", version: "1" } },
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
    zone: "example-com",
    tokens: TOKENS.secret,
    ...more,
  };
  const { ok, wrong } = readSettings(raw, { cloud: "gcp", environment });
  if (ok === undefined) throw new RangeError(wrong.join("\n"));
  return blueprintOf("punctual", "gcp", ok);
}

function ownSettings(more: Raw): GcpSettings {
  const own = {
    project: PROJECT,
    projectNumber: "111111111111",
    region: "europe-west1",
    billingAccount: "000000-000000-000000",
    image: IMAGE,
    ...more,
  };
  const { ok, wrong } = readGcpSettings(own);
  if (ok === undefined) throw new RangeError(wrong.join("\n"));
  return ok;
}

export interface Wanted {
  readonly preview?: boolean;
  readonly settings?: Raw;
  /** Of Google's own. */
  readonly own?: Raw;
  readonly args?: Partial<Pick<ContainersArgs, "collector">>;
}

/** Everything that the containers of an environment register, and what they answer as outputs. */
export async function containersIn(environment: EnvironmentName, wanted: Wanted = {}): Promise<Graph> {
  const { preview = false, settings = {}, own = {}, args = {} } = wanted;
  return record({ stack: `gcp-${environment}`, world, preview }, () => {
    const blueprint = blueprintFor(environment, settings);
    const made = new GcpContainers(blueprint.names.prefix, {
      ...{ blueprint, own: ownSettings(own), collector: COLLECTOR, after: [] },
      ...partsOf(),
      ...args,
    });
    return { releases: made.releases, api: made.api.uri };
  });
}
