import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { adviceOf, type Objective } from "@punctual/stack-blueprint";
import type { Plan } from "../parts.js";
import { conditionsOf } from "./alarms.js";
import type { GcpChannels } from "./channels.js";
import type { Watched } from "./watched.js";

/** An alarm is over when nothing was seen of it for so long. */
const AUTO_CLOSE = "1800s";

/** A policy for each objective that can be missed, marked with the objective's id. */
export class GcpAlerts extends ComponentResource {
  constructor(
    name: string,
    { blueprint }: Plan,
    { watched, channels }: { readonly watched: Watched; readonly channels: GcpChannels },
    opts?: ComponentResourceOptions,
  ) {
    super("punctual:gcp:Alerts", name, {}, opts);
    for (const objective of blueprint.objectives) {
      const conditions = conditionsOf(objective, watched);
      if (conditions.length === 0) continue;
      const { id, severity } = objective;
      new gcp.monitoring.AlertPolicy(
        `${name}-${id}`,
        {
          displayName: `${blueprint.names.prefix}: ${id}`,
          combiner: "OR",
          conditions: [...conditions],
          notificationChannels: channels.forSeverity(severity),
          severity: severity === "page" ? "CRITICAL" : "WARNING",
          alertStrategy: { autoClose: AUTO_CLOSE },
          documentation: {
            mimeType: "text/markdown",
            subject: `${blueprint.names.prefix}: ${id}`,
            content: told(objective),
          },
          userLabels: { objective: id, severity },
        },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}

function told(objective: Objective): string {
  const { says, above, unit, minutes, silenceIsBad } = objective;
  return [
    says,
    `Above ${String(above)} ${unit} for ${String(minutes)} min${silenceIsBad ? ", or when nothing is heard" : ""}.`,
    adviceOf(objective),
  ].join("\n\n");
}
