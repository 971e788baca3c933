import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, type Input } from "@pulumi/pulumi";
import type { Network, Plan } from "../parts.js";
import { LONGEST_NAME, PORT } from "./container.js";
import type { ApiLoadBalancer } from "./load-balancer.js";
import { roleFor } from "./permissions.js";
import { apiReleaseAlarms, workerReleaseAlarms } from "./release-alarms.js";
import { ApiScaling, WorkerScaling } from "./scaling.js";
import { type Range, SIZES } from "./sizes.js";
import type { ContainerTask } from "./task.js";

export interface ServiceArgs extends Plan {
  readonly network: Network;
  readonly cluster: aws.ecs.Cluster;
  /** Its providers of capacity are there first. */
  readonly capacity: aws.ecs.ClusterCapacityProviders;
  readonly task: ContainerTask;
  readonly securityGroups: readonly aws.ec2.SecurityGroup[];
  readonly alarmTopic: Input<string>;
}

/** Minutes, as ECS takes them: each longer than it takes an alarm to ring. */
const BAKE = { canary: "10", whole: "5" };
const CANARY_PERCENT = 10;

/** The API: a deployment starts as many tasks again, moves traffic to them, and back where an alarm rings. */
export class ApiService extends ComponentResource {
  readonly service: aws.ecs.Service;

  constructor(name: string, args: ServiceArgs & { readonly door: ApiLoadBalancer }, opts?: ComponentResourceOptions) {
    super("punctual:aws:ApiService", name, {}, opts);
    const { blueprint, own, cluster, alarmTopic: topic, door } = args;
    const { loadBalancer, targetGroups, rule } = door;
    const { tasks } = SIZES[blueprint.settings.environment].api;
    const mover = roleFor(`${name}-mover`, "ecs.amazonaws.com", own, this);
    // AWS's own list of what its deployments need, which it keeps up with them.
    const moves = new aws.iam.RolePolicyAttachment(
      `${name}-moves`,
      {
        role: mover.name,
        policyArn: "arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers",
      },
      { parent: this },
    );
    const alarms = apiReleaseAlarms(`${name}-release`, { blueprint, topic, loadBalancer }, this);
    this.service = new aws.ecs.Service(
      `${name}-service`,
      {
        ...commonOf(args, "api", alarms),
        healthCheckGracePeriodSeconds: 60,
        loadBalancers: [
          {
            containerName: "api",
            containerPort: PORT,
            targetGroupArn: targetGroups.blue.arn,
            advancedConfiguration: {
              alternateTargetGroupArn: targetGroups.green.arn,
              productionListenerRule: rule.arn,
              roleArn: mover.arn,
            },
          },
        ],
        deploymentConfiguration: blueprint.defaults.canary
          ? {
              strategy: "CANARY",
              canaryConfiguration: { canaryPercent: CANARY_PERCENT, canaryBakeTimeInMinutes: BAKE.canary },
              bakeTimeInMinutes: BAKE.whole,
            }
          : { strategy: "BLUE_GREEN", bakeTimeInMinutes: BAKE.whole },
      },
      { parent: this, dependsOn: [moves, args.capacity], ignoreChanges: MOVED },
    );
    if (varies(tasks)) {
      new ApiScaling(`${name}-scaling`, { cluster, service: this.service, tasks, loadBalancer }, { parent: this });
    }
    this.registerOutputs({ service: this.service.name });
  }
}

/** Workers: old and new deliver side by side for a while, since the database gives each event to one of them. */
export class WorkerService extends ComponentResource {
  readonly service: aws.ecs.Service;

  constructor(name: string, args: ServiceArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:WorkerService", name, {}, opts);
    const { blueprint, cluster, alarmTopic: topic } = args;
    const { tasks } = SIZES[blueprint.settings.environment].worker;
    // What its metrics are told apart by: the dimension `Service` in the namespace `Punctual`.
    const measuredAs = blueprint.names.of("worker", LONGEST_NAME);
    const alarms = workerReleaseAlarms(`${name}-release`, { blueprint, topic, measuredAs }, this);
    this.service = new aws.ecs.Service(
      `${name}-service`,
      {
        ...commonOf(args, "worker", alarms),
        // ECS watches a rolling deployment for as long as its alarms need.
        deploymentConfiguration: { strategy: "ROLLING" },
        deploymentMinimumHealthyPercent: 100,
        deploymentMaximumPercent: 200,
      },
      { parent: this, dependsOn: [args.capacity], ignoreChanges: MOVED },
    );
    if (varies(tasks)) {
      new WorkerScaling(`${name}-scaling`, { cluster, service: this.service, tasks, measuredAs }, { parent: this });
    }
    this.registerOutputs({ service: this.service.name });
  }
}

/** Where there are as many as ever, alarms about them would cost and do nothing. */
function varies({ least, most }: Range): boolean {
  return least < most;
}

/** Scaling moves the one, and a release, after the tables were migrated, the other. */
const MOVED = ["desiredCount", "taskDefinition"];

function commonOf(
  { blueprint, network, cluster, task, securityGroups }: ServiceArgs,
  workload: "api" | "worker",
  alarms: readonly aws.cloudwatch.MetricAlarm[],
): aws.ecs.ServiceArgs {
  return {
    name: blueprint.names.of(workload, LONGEST_NAME),
    cluster: cluster.arn,
    taskDefinition: task.definition.arn,
    desiredCount: SIZES[blueprint.settings.environment][workload].tasks.least,
    capacityProviderStrategies: [{ capacityProvider: providerOf({ blueprint }), weight: 1 }],
    platformVersion: "1.4.0",
    networkConfiguration: {
      subnets: network.privateSubnets.map(({ id }) => id),
      securityGroups: securityGroups.map(({ id }) => id),
      assignPublicIp: false,
    },
    deploymentController: { type: "ECS" },
    deploymentCircuitBreaker: { enable: true, rollback: true },
    alarms: { enable: true, rollback: true, alarmNames: alarms.map(({ name }) => name) },
    propagateTags: "SERVICE",
    enableEcsManagedTags: true,
    enableExecuteCommand: false,
  };
}

/** Spare capacity costs a third, and may be taken away within two minutes. */
export function providerOf({ blueprint }: Pick<Plan, "blueprint">): "FARGATE" | "FARGATE_SPOT" {
  return blueprint.settings.environment === "dev" ? "FARGATE_SPOT" : "FARGATE";
}
