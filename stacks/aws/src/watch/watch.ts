import { ComponentResource, type ComponentResourceOptions, type Output } from "@pulumi/pulumi";
import type { Keys } from "../parts.js";
import { Alarms } from "./alarms.js";
import { Dashboards } from "./dashboards/dashboards.js";
import type { Watched } from "./metrics.js";
import { Notifications } from "./notifications.js";
import { Tracing } from "./tracing.js";

export interface WatchArgs extends Watched {
  readonly keys: Pick<Keys, "messages">;
}

/** What sees how it goes, and says so. */
export class AwsWatch extends ComponentResource {
  /** Where a browser finds the dashboards. */
  readonly dashboards: readonly Output<string>[];
  readonly notifications: Notifications;

  constructor(name: string, watched: WatchArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Watch", name, {}, opts);
    const mine = { parent: this };
    const { plan, keys } = watched;
    this.notifications = new Notifications(`${name}-notifications`, { plan, keys }, mine);
    const { alarms } = new Alarms(`${name}-alarms`, { watched, notifications: this.notifications }, mine);
    this.dashboards = new Dashboards(`${name}-dashboards`, { watched, alarms }, mine).urls;
    new Tracing(`${name}-tracing`, plan, mine);
    this.registerOutputs({ dashboards: this.dashboards });
  }
}
