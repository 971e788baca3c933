import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import type { QueueName, ReleaseTarget, Workload } from "@punctual/stack-blueprint";
import { bindingsOf } from "./bindings.js";
import { workloadsOn } from "./differences.js";
import { GcpInvokers } from "./invokers.js";
import { GcpMigration } from "./migration.js";
import type { Plan } from "./parts.js";
import type { Prepared, Running } from "./running.js";
import { GcpService } from "./service.js";
import { type ServiceName, SERVICES } from "./settings.js";
import { GcpSubscriptions } from "./subscriptions.js";
import { GcpTick } from "./tick.js";

type ServiceWorkload = Workload & { readonly name: ServiceName };

/** The runtime `serverless`: services that run when they are called, and whatever calls them. */
export function runServerless(name: string, plan: Plan, prepared: Prepared, within: ComponentResourceOptions): Running {
  const workloads = workloadsOn(plan.blueprint);
  const { network, accounts, grants } = prepared;
  const depsOf = (workload: Workload) => ({
    ...{ network, accounts, grants },
    bindings: bindingsOf(workload, plan, prepared),
  });
  const services = workloads
    .filter(isService)
    .map((one) => new GcpService(`${name}-${one.name}`, plan, one, depsOf(one), within));
  const migrate = migrateOf(workloads);
  const migration = new GcpMigration(`${name}-migrate`, plan, migrate, depsOf(migrate), within);
  new GcpInvokers(`${name}-invokers`, services, accounts, within);
  call(name, plan, { ...prepared, services }, within);
  return {
    api: serviceOf(services, "api").service,
    services: services.map(({ serviceName, workload, physicalName }) => ({
      ...{ name: serviceName, workload, physicalName },
    })),
    pool: undefined,
    migration: migration.physicalName,
    releases: services.map((one) => releaseOf(plan, one)),
  };
}

function call(
  name: string,
  plan: Plan,
  { services, accounts, keys, topics }: Prepared & { readonly services: readonly GcpService[] },
  within: ComponentResourceOptions,
): void {
  const scheduler = serviceOf(services, "scheduler");
  new GcpTick(`${name}-tick`, plan, { scheduler, accounts }, within);
  if (Object.keys(topics).length === 0) return;
  const pushedTo = Object.fromEntries(
    services.flatMap(({ workload: { trigger }, service }) =>
      trigger.kind === "queue" ? [[trigger.queue, service.uri] as const] : [],
    ),
  ) as Readonly<Partial<Record<QueueName, Output<string>>>>;
  new GcpSubscriptions(`${name}-subscriptions`, plan, { topics, accounts, keys, pushedTo }, within);
}

function isService(workload: Workload): workload is ServiceWorkload {
  return SERVICES.some((name) => name === workload.name);
}

function migrateOf(workloads: readonly Workload[]): Workload {
  const found = workloads.find(({ name }) => name === "migrate");
  if (found === undefined) throw new RangeError("there is no migrate");
  return found;
}

function serviceOf(services: readonly GcpService[], name: ServiceName): GcpService {
  const found = services.find(({ serviceName }) => serviceName === name);
  if (found === undefined) throw new RangeError(`there is no service ${name}`);
  return found;
}

function releaseOf({ own }: Plan, { serviceName, physicalName, revision }: GcpService): ReleaseTarget {
  return {
    workload: serviceName,
    kind: "cloud-run",
    project: own.project,
    location: own.region,
    service: physicalName,
    revision,
  };
}
