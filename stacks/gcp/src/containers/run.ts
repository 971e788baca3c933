import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { Workload } from "@punctual/stack-blueprint";
import { containersConfigOf } from "../collector.js";
import type { Plan } from "../parts.js";
import type { Prepared, Running } from "../running.js";
import type { GcpTransportPart } from "../transport.js";
import { GcpContainers, workloadOf } from "./containers.js";
import type { CollectorPart, ContainersArgs } from "./parts.js";

/** The runtime `containers`: the same ground, and nothing that calls anybody. */
export function runContainers(name: string, plan: Plan, prepared: Prepared, within: ComponentResourceOptions): Running {
  const { network, accounts, database, secrets, grants } = prepared;
  const each = <T>(of: (workload: Workload) => T) => ({
    api: of(workloadOf(plan, "api")),
    worker: of(workloadOf(plan, "worker")),
    migrate: of(workloadOf(plan, "migrate")),
  });
  const args: ContainersArgs = {
    ...plan,
    network,
    accounts: each((one) => accounts.emailOf(one.name)),
    databaseUrls: each((one) => database.urlOf(one)),
    secrets: Object.fromEntries(
      Object.entries(secrets).map(([part, { secret, version }]) => [part, { secret: secret.secretId, version }]),
    ),
    transport: transportOf(`${name}-transport`, plan, prepared, within),
    collector: collectorOf(plan),
    // It migrates while it is made, so the database must let it in already.
    after: [network, database, grants],
  };
  const { api, releases } = new GcpContainers(`${name}-containers`, args, within);
  const { names } = plan.blueprint;
  return {
    api,
    services: [{ name: "api", workload: workloadOf(plan, "api"), physicalName: names.of("api") }],
    pool: names.of("worker"),
    migration: names.of("migrate"),
    releases,
  };
}

function transportOf(
  name: string,
  plan: Plan,
  { network, accounts, keys, channels, transport }: Prepared,
  within: ComponentResourceOptions,
): GcpTransportPart | undefined {
  const { transport: named } = plan.blueprint.settings;
  if (named !== undefined && transport === undefined) throw new RangeError(`Nothing makes the transport ${named}`);
  const clients = { worker: accounts.emailOf("worker") };
  return transport?.(name, { ...plan, network, keys, clients, channels: channels.forSeverity("look") }, within);
}

function collectorOf(plan: Plan): CollectorPart | null {
  const { collectorImage: image } = plan.own;
  if (image === undefined) return null;
  const of = (name: "api" | "worker") => containersConfigOf(plan, workloadOf(plan, name));
  return { image, configs: { api: of("api"), worker: of("worker") } };
}
