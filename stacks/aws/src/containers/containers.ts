import * as aws from "@pulumi/aws";
import { all, ComponentResource, type ComponentResourceOptions, type Input, type Output } from "@pulumi/pulumi";
import type { ReleaseTarget, WorkloadName } from "@punctual/stack-blueprint";
import type { Database, FrontDoor, Keys, Network, Plan } from "../parts.js";
import type { Secrets } from "./environment.js";
import { ApiLoadBalancer } from "./load-balancer.js";
import { ApiService, providerOf, WorkerService } from "./services.js";
import { ContainerTask } from "./task.js";

export interface ContainersArgs extends Plan {
  readonly network: Network;
  readonly database: Pick<Database, "clients" | "proxy" | "url">;
  readonly keys: Keys;
  /** The ARNs of secrets in Secrets Manager; each holds a plain text. */
  readonly secrets: Secrets;
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
  /** What the worker's metrics are told apart by: the dimension `Service` in the namespace `Punctual`. */
  readonly measuredAs: string;
  readonly releases: readonly ReleaseTarget[];
  readonly migration: MigrationTask;

  constructor(name: string, args: ContainersArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Containers", name, {}, opts);
    const { blueprint, own, network, database, keys, secrets, zoneId, alarmTopic } = args;
    const parent = { parent: this };
    const prefix = blueprint.names.prefix;

    this.cluster = new aws.ecs.Cluster(
      `${name}-cluster`,
      { name: prefix, settings: [{ name: "containerInsights", value: "enhanced" }] },
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
    const metrics = new aws.cloudwatch.LogGroup(
      `${name}-metrics`,
      {
        name: `/${prefix}/metrics`,
        retentionInDays: blueprint.settings.logDays ?? blueprint.defaults.logs.days,
        kmsKeyId: keys.logs.arn,
      },
      parent,
    );
    const taskOf = (workload: WorkloadName) =>
      new ContainerTask(
        `${name}-${workload}`,
        { blueprint, own, database, keys, secrets, metrics, workload: workloadOf(args, workload) },
        parent,
      );
    this.tasks = { api: taskOf("api"), worker: taskOf("worker"), migrate: taskOf("migrate") };

    const group = (workload: "api" | "worker" | "migrate", ports: readonly number[]) =>
      this.#group(`${name}-${workload}`, args, `Tasks of ${workload}`, ports);
    const groups = { api: group("api", OUT), worker: group("worker", OUT), migrate: group("migrate", [HTTPS]) };
    const door = new ApiLoadBalancer(`${name}-door`, { blueprint, own, network, zoneId, tasks: groups.api }, parent);
    const serviceArgs = (workload: "api" | "worker") => ({
      ...{ blueprint, own, network, capacity, alarmTopic, cluster: this.cluster, task: this.tasks[workload] },
      securityGroups: [groups[workload], database.clients],
    });
    const api = new ApiService(`${name}-api`, { ...serviceArgs("api"), door }, parent);
    const worker = new WorkerService(`${name}-worker`, serviceArgs("worker"), parent);

    this.frontDoor = door.frontDoor;
    this.loadBalancer = door.loadBalancer;
    this.services = { api: api.service, worker: worker.service };
    this.measuredAs = worker.measuredAs;
    this.releases = (["api", "worker"] as const).map((workload) => ({
      workload,
      kind: "ecs",
      cluster: this.cluster.name,
      service: this.services[workload].name,
      taskDefinition: this.tasks[workload].definition.arn,
    }));
    this.migration = {
      cluster: this.cluster.name,
      taskDefinition: this.tasks.migrate.definition.arn,
      subnets: all(network.privateSubnets.map(({ id }) => id)).apply((ids) => ids.join()),
      securityGroups: all([groups.migrate.id, database.clients.id]).apply((ids) => ids.join()),
    };
    this.registerOutputs({ url: this.frontDoor.url, migration: this.migration });
  }

  /** Nobody comes in unless a rule beside it says so; the way out is open for those ports. */
  #group(name: string, { network }: ContainersArgs, description: string, ports: readonly number[]) {
    const group = new aws.ec2.SecurityGroup(`${name}-group`, { vpcId: network.vpc.id, description }, { parent: this });
    for (const port of ports) {
      new aws.vpc.SecurityGroupEgressRule(
        `${name}-out-${String(port)}`,
        {
          securityGroupId: group.id,
          cidrIpv4: "0.0.0.0/0",
          ipProtocol: "tcp",
          fromPort: port,
          toPort: port,
          description: port === HTTPS ? "AWS, and receivers" : "Receivers without TLS",
        },
        { parent: this },
      );
    }
    return group;
  }
}

const HTTPS = 443;
/** Who calls receivers. Which of them may be called the program judges, as a network cannot tell. */
const OUT = [80, HTTPS];

function workloadOf({ blueprint }: ContainersArgs, name: WorkloadName) {
  const found = blueprint.workloads.find((one) => one.name === name);
  if (found === undefined) throw new RangeError(`The blueprint has no ${name}`);
  return found;
}
