import { ComponentResource, type ComponentResourceOptions, type Output } from "@pulumi/pulumi";
import { Alarms } from "./alarms.js";
import { Dashboards } from "./dashboards/dashboards.js";
import type { Watched } from "./metrics.js";
import type { Notifications } from "./notifications.js";
import { Tracing } from "./tracing.js";

export interface WatchArgs extends Watched {
  /** Who is told. */
  readonly notifications: Notifications;
}

/** What sees how it goes, and says so. */
export class AwsWatch extends ComponentResource {
  /** Where a browser finds the dashboards. */
  readonly dashboards: readonly Output<string>[];

  constructor(name: string, { notifications, ...watched }: WatchArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Watch", name, {}, opts);
    const mine = { parent: this };
    const { alarms } = new Alarms(`${name}-alarms`, { watched, notifications }, mine);
    this.dashboards = new Dashboards(`${name}-dashboards`, { watched, alarms }, mine).urls;
    // Functions ask X-Ray which requests to follow; the collectors beside tasks are told so with all else.
    if (watched.plan.blueprint.settings.shape.runtime === "serverless") {
      new Tracing(`${name}-tracing`, watched.plan, mine);
    }
    this.registerOutputs({ dashboards: this.dashboards });
  }
}
