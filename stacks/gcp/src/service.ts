import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions, type Output } from "@pulumi/pulumi";
import type { Workload } from "@punctual/stack-blueprint";
import type { GcpAccounts } from "./accounts.js";
import { audienceOf, isCalled } from "./callers.js";
import { BESIDE_COLLECTOR_CPU, COLLECTOR, collectorOf, hasCollector } from "./collector.js";
import { commandOf, envsOf, MAIN } from "./container.js";
import type { GcpGrants } from "./grants.js";
import { accessOf, ingressOf } from "./access.js";
import type { GcpNetwork } from "./network.js";
import type { Plan, ServiceBindings } from "./parts.js";
import { revisionOf } from "./revision.js";
import { type Scaling, scalingOf } from "./scaling.js";
import type { ServiceName } from "./settings.js";
import { trafficOf } from "./traffic.js";

type Template = gcp.types.input.cloudrunv2.ServiceTemplate;
type Container = gcp.types.input.cloudrunv2.ServiceTemplateContainer;

export interface ServiceDeps {
  readonly network: GcpNetwork;
  readonly accounts: GcpAccounts;
  readonly bindings: ServiceBindings;
  /** An instance begins with what it needs, so that it may have that comes first. */
  readonly grants: GcpGrants;
}

/** A workload that Cloud Run keeps running. */
export class GcpService extends ComponentResource {
  readonly service: gcp.cloudrunv2.Service;
  readonly workload: Workload;
  readonly serviceName: ServiceName;
  /** As Cloud Monitoring names it, known before it is made. */
  readonly physicalName: string;
  readonly revision: Output<string>;

  constructor(
    name: string,
    plan: Plan,
    workload: Workload & { readonly name: ServiceName },
    deps: ServiceDeps,
    opts?: ComponentResourceOptions,
  ) {
    super("punctual:gcp:Service", name, {}, opts);
    this.workload = workload;
    this.serviceName = workload.name;
    const { own, blueprint } = plan;
    this.physicalName = blueprint.names.of(workload.name);
    const template = templateOf(plan, workload, deps);
    this.revision = revisionOf(this.physicalName, template);
    this.service = new gcp.cloudrunv2.Service(
      `${name}-service`,
      {
        name: this.physicalName,
        location: own.region,
        ingress: ingressOf(plan, workload),
        deletionProtection: blueprint.defaults.precious,
        ...(isCalled(workload) && { customAudiences: [audienceOf(blueprint.names)] }),
        template: { ...template, revision: this.revision },
        traffics: this.revision.apply((revision) => trafficOf(revision, own.traffic[this.serviceName])),
      },
      { parent: this, dependsOn: [deps.grants] },
    );
    this.registerOutputs({});
  }
}

function templateOf(
  plan: Plan,
  workload: Workload & { readonly name: ServiceName },
  { network, accounts, bindings }: ServiceDeps,
): Template {
  const { least, most, concurrency }: Scaling = scalingOf(plan.own, plan.blueprint)[workload.name];
  const collected = hasCollector(workload, plan);
  const main = mainOf(plan, workload, bindings);
  const cpuIdle = !isAlwaysBusy(workload);
  return {
    serviceAccount: accounts.emailOf(workload.name),
    executionEnvironment: "EXECUTION_ENVIRONMENT_GEN2",
    timeout: `${String(workload.timeoutSeconds)}s`,
    maxInstanceRequestConcurrency: concurrency,
    scaling: { minInstanceCount: least, maxInstanceCount: most },
    vpcAccess: accessOf(plan, workload, network),
    containers: collected ? [{ ...main, dependsOns: [COLLECTOR] }, collectorOf(plan, cpuIdle)] : [main],
  };
}

/** A tick lingers until the next relieves it: a processor that is its own costs a quarter less than one by requests. */
function isAlwaysBusy({ trigger }: Workload): boolean {
  return trigger.kind === "minute";
}

function mainOf(plan: Plan, workload: Workload, bindings: ServiceBindings): Container {
  const live = { path: "/health/live" };
  return {
    name: MAIN,
    image: plan.own.image,
    ...commandOf(workload),
    ports: { containerPort: 8_080 },
    envs: envsOf(bindings),
    // Between requests nothing has to run.
    resources: {
      limits: {
        cpu: hasCollector(workload, plan) ? BESIDE_COLLECTOR_CPU : "1",
        memory: `${String(workload.memoryMb)}Mi`,
      },
      cpuIdle: !isAlwaysBusy(workload),
      startupCpuBoost: true,
    },
    startupProbe: { httpGet: live, periodSeconds: 2, timeoutSeconds: 1, failureThreshold: 30 },
    livenessProbe: { httpGet: live, periodSeconds: 30, timeoutSeconds: 5, failureThreshold: 3 },
  };
}
