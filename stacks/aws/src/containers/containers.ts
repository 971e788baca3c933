import * as aws from "@pulumi/aws";
import { all, ComponentResource, type ComponentResourceOptions, type Input, type Output } from "@pulumi/pulumi";
import { needs, type ReleaseTarget, type Workload, type WorkloadName } from "@punctual/stack-blueprint";
import { logGroup } from "../log-group.js";
import type { Database, FrontDoor, Keys, Network, Plan, ServicePart, Services } from "../parts.js";
import type { AwsTransportPart } from "../transport.js";
import type { Secrets } from "./environment.js";
import { LONGEST_NAME, logsOf } from "./container.js";
import { ApiLoadBalancer } from "./load-balancer.js";
import { ApiService, providerOf, WorkerService } from "./services.js";
import { ContainerTask, type TaskArgs } from "./task.js";

export interface ContainersArgs extends Plan {
  readonly network: Network;
  readonly database: Pick<Database, "clients" | "loginOf">;
  readonly keys: Keys;
  /** The ARNs of secrets in Secrets Manager; each holds a plain text. */
  readonly secrets: Secrets;
  /** What carries messages between workers; without one whoever claims an event delivers it. */
  readonly transport?: AwsTransportPart | undefined;
  /** The zone that the domain's records go to. */
  readonly zoneId: Input<string>;
  /** Who is told when a deployment was taken back. */
  readonly alarmTopic: Input<string>;
}

/** What a tool needs to run migrations, before it lets new tasks come. */
export interface MigrationTask {
  readonly cluster: Output<string>;
  readonly taskDefinition: Output<string>;
  readonly subnets: Output<string>;
  readonly securityGroups: Output<string>;
}

/** The runtime `containers` on AWS: API and workers as services of ECS on Fargate, and a task that migrates. */
export class AwsContainers extends ComponentResource {
  readonly frontDoor: FrontDoor;
  /** For a firewall before it. */
  readonly loadBalancer: aws.lb.LoadBalancer;
  readonly cluster: aws.ecs.Cluster;
  readonly services: { readonly api: aws.ecs.Service; readonly worker: aws.ecs.Service };
  readonly tasks: { readonly api: ContainerTask; readonly worker: ContainerTask; readonly migrate: ContainerTask };
  /** What runs on, as CloudWatch knows it. */
  readonly parts: Services;
  readonly releases: readonly ReleaseTarget[];
  readonly migration: MigrationTask;

  constructor(name: string, args: ContainersArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Containers", name, {}, opts);
    const { blueprint, own, network, database, keys, secrets, transport, zoneId, alarmTopic } = args;
    const parent = { parent: this };
    const prefix = blueprint.names.prefix;

    this.cluster = new aws.ecs.Cluster(
      `${name}-cluster`,
      // What ECS counts by itself is enough for alarms and scaling, and an account may have them on by default.
      { name: prefix, settings: [{ name: "containerInsights", value: "disabled" }] },
      parent,
    );
    const capacityProvider = providerOf(args);
    const capacity = new aws.ecs.ClusterCapacityProviders(
      `${name}-capacity`,
      {
        clusterName: this.cluster.name,
        capacityProviders: [capacityProvider],
        defaultCapacityProviderStrategies: [{ capacityProvider, weight: 1 }],
      },
      parent,
    );
    const metrics = logGroup(`${name}-metrics`, {
      parent: this,
      plan: args,
      keys,
      physicalName: `/${prefix}/metrics`,
    });
    const taskOf = (workload: WorkloadName, more: Pick<TaskArgs, "transport"> = {}) =>
      new ContainerTask(
        `${name}-${workload}`,
        { blueprint, own, database, keys, secrets, metrics, workload: workloadOf(args, workload), ...more },
        parent,
      );
    this.tasks = { api: taskOf("api"), worker: taskOf("worker", { transport }), migrate: taskOf("migrate") };

    // Nobody comes in but by a rule of the load balancer's.
    const answering = new aws.ec2.SecurityGroup(
      `${name}-api-group`,
      { vpcId: network.vpc.id, description: "Tasks of api" },
      parent,
    );
    const door = new ApiLoadBalancer(`${name}-door`, { blueprint, own, network, zoneId, tasks: answering }, parent);
    const serviceArgs = (workload: "api" | "worker", more: readonly aws.ec2.SecurityGroup[] = []) => ({
      ...{ blueprint, own, network, capacity, alarmTopic, cluster: this.cluster, task: this.tasks[workload] },
      securityGroups: [...more, ...groupsOf(workloadOf(args, workload), args)],
    });
    const api = new ApiService(`${name}-api`, { ...serviceArgs("api", [answering]), door }, parent);
    const carriers = transport === undefined ? [] : [transport.clients];
    const worker = new WorkerService(`${name}-worker`, serviceArgs("worker", carriers), parent);

    this.frontDoor = door.frontDoor;
    this.loadBalancer = door.loadBalancer;
    this.services = { api: api.service, worker: worker.service };
    this.parts = { api: partOf(args, "api"), worker: partOf(args, "worker") };
    this.releases = (["api", "worker"] as const).map((workload) => ({
      workload,
      kind: "ecs",
      cluster: this.cluster.name,
      service: this.services[workload].name,
      version: this.tasks[workload].definition.arn,
    }));
    this.migration = {
      cluster: this.cluster.name,
      taskDefinition: this.tasks.migrate.definition.arn,
      subnets: all(network.privateSubnets.map(({ id }) => id)).apply((ids) => ids.join()),
      securityGroups: all(groupsOf(workloadOf(args, "migrate"), args).map(({ id }) => id)).apply((ids) => ids.join()),
    };
    this.registerOutputs({ url: this.frontDoor.url, migration: this.migration });
  }
}

/** By which groups it gets out: which receivers may be called the program judges, as a network cannot tell. */
function groupsOf(workload: Workload, { network, database }: ContainersArgs): readonly aws.ec2.SecurityGroup[] {
  return [network.workloads, database.clients, ...(needs(workload, "egress") ? [network.senders] : [])];
}

function partOf(args: ContainersArgs, name: WorkloadName): ServicePart {
  const { names } = args.blueprint;
  return {
    workload: workloadOf(args, name),
    physicalName: names.of(name, LONGEST_NAME),
    cluster: names.prefix,
    logs: logsOf(names, name),
  };
}

function workloadOf({ blueprint }: ContainersArgs, name: WorkloadName): Workload {
  const found = blueprint.workloads.find((one) => one.name === name);
  if (found === undefined) throw new RangeError(`The blueprint has no ${name}`);
  return found;
}
