import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, interpolate, jsonStringify } from "@pulumi/pulumi";
import { adviceOf, type ReleaseTarget, type WorkloadName } from "@punctual/stack-blueprint";
import type { FunctionPart, Functions, Plan } from "../parts.js";
import { alarmArgs } from "../watch/alarm.js";
import { canaryAlarm, shiftOf } from "./shift.js";

export interface ReleaseArgs {
  readonly plan: Plan;
  readonly functions: Functions;
  /** Told when a shift is ended. */
  readonly alerts: aws.sns.Topic;
}

/** What is called all the time. The others are called by hand, and have no traffic to shift. */
export const RELEASED: readonly WorkloadName[] = ["api", "authorizer", "scheduler", "worker", "dead-letters"];

/** As `parts.ts` has it: all who call a function call this alias. */
const ALIAS = "live";
const LONGEST_GROUP = 100;
const LONGEST_ALARM = 255;

/** What shifts traffic to a new version by degrees, and back when it fails. Whoever releases begins it: nothing here does. */
export class AwsRelease extends ComponentResource {
  readonly targets: readonly ReleaseTarget[];

  constructor(name: string, args: ReleaseArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Release", name, {}, opts);
    const { functions, plan } = args;
    const released = RELEASED.flatMap((workload) => functions[workload] ?? []);
    const application = new aws.codedeploy.Application(
      `${name}-application`,
      { name: plan.blueprint.names.prefix, computePlatform: "Lambda" },
      { parent: this },
    );
    const role = this.#role(name, plan, released);
    this.targets = released.map((one) => this.#target(name, args, one, { application, role }));
    this.registerOutputs({ targets: this.targets });
  }

  #target(
    name: string,
    { plan: { blueprint }, alerts }: ReleaseArgs,
    { workload, physicalName, function: fn, alias }: FunctionPart,
    { application, role }: { readonly application: aws.codedeploy.Application; readonly role: aws.iam.Role },
  ): ReleaseTarget {
    const mine = { parent: this };
    const { names, defaults } = blueprint;
    const alarm = new aws.cloudwatch.MetricAlarm(
      `${name}-${workload.name}-canary`,
      {
        name: names.of(`${workload.name}-canary`, LONGEST_ALARM),
        alarmDescription: `A release fails, and is taken back. ${adviceOf({ id: "function-errors" })}`,
        ...alarmArgs(canaryAlarm(physicalName, ALIAS), false),
        alarmActions: [alerts.arn],
        okActions: [alerts.arn],
      },
      mine,
    );
    const group = new aws.codedeploy.DeploymentGroup(
      `${name}-${workload.name}`,
      {
        appName: application.name,
        deploymentGroupName: names.of(workload.name, LONGEST_GROUP),
        serviceRoleArn: role.arn,
        deploymentConfigName: shiftOf(defaults.canary).config,
        deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
        // Where alarms cannot be read nobody knows how it goes.
        alarmConfiguration: { enabled: true, alarms: [alarm.name], ignorePollAlarmFailure: false },
        autoRollbackConfiguration: { enabled: true, events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"] },
      },
      mine,
    );
    return {
      workload: workload.name,
      kind: "lambda",
      function: fn.name,
      alias: alias.name,
      version: fn.version,
      application: application.name,
      group: group.deploymentGroupName,
    };
  }

  /** As whom CodeDeploy moves aliases, of these functions alone. */
  #role(name: string, { own }: Plan, released: readonly FunctionPart[]): aws.iam.Role {
    const mine = { parent: this };
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        assumeRolePolicy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Action: "sts:AssumeRole",
              Principal: { Service: "codedeploy.amazonaws.com" },
              Condition: { StringEquals: { "aws:SourceAccount": own.accountId } },
            },
          ],
        }),
      },
      mine,
    );
    const { region, accountId } = own;
    new aws.iam.RolePolicy(
      `${name}-shift`,
      {
        role: role.id,
        policy: jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Sid: "Shift",
              Effect: "Allow",
              Action: ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"],
              Resource: released.flatMap(({ function: fn }) => [fn.arn, interpolate`${fn.arn}:*`]),
            },
            {
              Sid: "See",
              Effect: "Allow",
              Action: "cloudwatch:DescribeAlarms",
              // CloudWatch asks whether all may be looked at, whichever are named.
              Resource: `arn:aws:cloudwatch:${region}:${accountId}:alarm:*`,
            },
          ],
        }),
      },
      mine,
    );
    return role;
  }
}
