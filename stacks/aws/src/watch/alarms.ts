import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { adviceOf, type Objective } from "@punctual/stack-blueprint";
import { alarmArgs } from "./alarm.js";
import { budgetArgs } from "./budget.js";
import type { Watched } from "./metrics.js";
import type { Notifications } from "./notifications.js";
import { WATCHES } from "./objectives.js";

export interface AlarmsArgs {
  readonly watched: Watched;
  readonly notifications: Notifications;
}

/** Every objective of the blueprint, watched; each alarm has its objective for a tag. */
export class Alarms extends ComponentResource {
  readonly alarms: readonly aws.cloudwatch.MetricAlarm[];

  constructor(name: string, { watched, notifications }: AlarmsArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Alarms", name, {}, opts);
    const mine = { parent: this };
    const { blueprint } = watched.plan;
    const made = (objective: Objective): readonly aws.cloudwatch.MetricAlarm[] => {
      const watch = WATCHES[objective.id];
      if (watch === "a budget") {
        new aws.budgets.Budget(`${name}-${objective.id}`, budgetArgs(blueprint, objective), mine);
        return [];
      }
      const topics = notifications.topicsFor(objective.severity).map(({ arn }) => arn);
      return watch(watched, objective).map((alarm) => {
        const called = alarm.part === undefined ? objective.id : `${objective.id}-${alarm.part}`;
        return new aws.cloudwatch.MetricAlarm(
          `${name}-${called}`,
          {
            name: blueprint.names.of(called, LONGEST),
            alarmDescription: `${objective.says} ${adviceOf(objective)}`,
            ...alarmArgs(alarm, objective.silenceIsBad),
            alarmActions: topics,
            okActions: topics,
            tags: { objective: objective.id },
          },
          mine,
        );
      });
    };
    this.alarms = blueprint.objectives.flatMap(made);
    this.registerOutputs({});
  }
}

const LONGEST = 255;
