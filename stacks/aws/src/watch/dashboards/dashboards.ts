import * as aws from "@pulumi/aws";
import {
  ComponentResource,
  type ComponentResourceOptions,
  interpolate,
  jsonStringify,
  type Output,
} from "@pulumi/pulumi";
import type { Watched } from "../metrics.js";
import { business } from "./business.js";
import { cost } from "./cost.js";
import { dashboardOf, type Widget } from "./dashboard.js";
import { operations } from "./operations.js";

export interface DashboardsArgs {
  readonly watched: Watched;
  readonly alarms: readonly aws.cloudwatch.MetricAlarm[];
}

export class Dashboards extends ComponentResource {
  /** Where a browser finds them. */
  readonly urls: readonly Output<string>[];

  constructor(name: string, { watched, alarms }: DashboardsArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Dashboards", name, {}, opts);
    const { region } = watched.plan.own;
    const all: Readonly<Record<string, readonly Widget[]>> = {
      operations: operations(
        watched,
        alarms.map(({ arn }) => arn),
      ),
      business: business(watched),
      cost: cost(watched),
    };
    this.urls = Object.entries(all).map(([what, widgets]) => {
      const { dashboardName } = new aws.cloudwatch.Dashboard(
        `${name}-${what}`,
        {
          dashboardName: watched.plan.blueprint.names.of(what, LONGEST),
          dashboardBody: jsonStringify(dashboardOf(widgets, region)),
        },
        { parent: this },
      );
      return interpolate`https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${dashboardName}`;
    });
    this.registerOutputs({ urls: this.urls });
  }
}

const LONGEST = 255;
