import {
  type Blueprint,
  blueprintOf,
  type EnvironmentName,
  type Raw,
  readSettings,
  type Reading,
} from "@punctual/stack-blueprint";
import { type Graph, type Planned, record } from "@punctual/stack-testkit";
import { gcp } from "../../src/cloud.js";
import { type GcpSettings, readGcpSettings } from "../../src/settings.js";
import { googleWorld } from "./world.js";

const digest = `@sha256:${"0".repeat(64)}`;
const named = { domain: "punctual.example.com", zone: "example-com" };
const tokens = { kind: "secret", issuer: "https://accounts.example.com/", audience: "punctual" };

const OWN: Readonly<Record<EnvironmentName, Raw>> = {
  dev: {},
  staging: { collectorImage: `example.com/collector${digest}` },
  production: { collectorImage: `example.com/collector${digest}`, backupLocation: "eu" },
};

export function ownIn(environment: EnvironmentName, more: Raw = {}): Raw {
  return {
    project: "acme-punctual-dev",
    projectNumber: "111111111111",
    region: "europe-west1",
    billingAccount: "000000-000000-000000",
    image: `example.com/punctual${digest}`,
    ...OWN[environment],
    ...more,
  };
}

export function settingsIn(environment: EnvironmentName, more: Raw = {}): GcpSettings {
  return good(readGcpSettings(ownIn(environment, more)));
}

export function blueprintIn(environment: EnvironmentName, raw: Raw = {}): Blueprint {
  const common = { environment, tokens, alertEmail: "alerts@example.com", ...(environment !== "dev" && named), ...raw };
  return blueprintOf("punctual", "gcp", good(readSettings(common, { cloud: "gcp", environment })));
}

export interface Asked {
  readonly environment?: EnvironmentName;
  /** Of all clouds. */
  readonly raw?: Raw;
  /** Of Google's own. */
  readonly own?: Raw;
  readonly preview?: boolean;
}

const recorded = new Map<string, Promise<Graph>>();

/** The same platform is recorded once. */
export async function platformIn(asked: Asked = {}): Promise<Graph> {
  const key = JSON.stringify(asked);
  const graph = recorded.get(key) ?? recordPlatform(asked);
  recorded.set(key, graph);
  return graph;
}

async function recordPlatform({ environment = "dev", raw, own, preview = false }: Asked): Promise<Graph> {
  const blueprint = blueprintIn(environment, raw);
  const settings = settingsIn(environment, own);
  const wrong = gcp.objections(settings, blueprint);
  if (wrong.length > 0) throw new RangeError(wrong.join("\n"));
  return record({ stack: `gcp-${environment}`, preview, world: googleWorld }, () => gcp.provision(settings, blueprint));
}

function good<T>(reading: Reading<T>): T {
  if (reading.wrong !== undefined) throw new RangeError(reading.wrong.join("\n"));
  return reading.ok;
}

/** An input by its path: `template.scaling.maxInstanceCount`, `containers.0.image`. */
export function at(one: Planned, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (value, part) => (typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined),
      one.inputs,
    );
}

interface Env {
  readonly name: string;
  readonly value?: string;
  readonly valueSource?: { readonly secretKeyRef: { readonly secret: string; readonly version: string } };
}

export const SERVICE = "gcp:cloudrunv2/service:Service";
export const JOB = "gcp:cloudrunv2/job:Job";

/** The variables of a service, or of the job, by the name of its workload. */
export function envsIn(graph: Graph, workload: string): readonly Env[] {
  const mine = ({ inputs }: Planned) => String(inputs["name"]).endsWith(`-${workload}`);
  const [service] = graph.all(SERVICE).filter(mine);
  const [job] = graph.all(JOB).filter(mine);
  const found =
    (service && at(service, "template.containers.0.envs")) ?? (job && at(job, "template.template.containers.0.envs"));
  if (!Array.isArray(found)) throw new RangeError(`${workload} does not run`);
  return found as readonly Env[];
}

/** A secret stands for what it could hold. */
export function environmentOf(graph: Graph, workload: string): Readonly<Record<string, string>> {
  return Object.fromEntries(envsIn(graph, workload).map(({ name, value }) => [name, value ?? "A".repeat(43) + "="]));
}
