import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions, type Input } from "@pulumi/pulumi";
import type { Plan } from "../parts.js";

/** Asks the API from several continents whether it is ready, and sees how long its certificate is good. */
export class GcpUptime extends ComponentResource {
  readonly check: gcp.monitoring.UptimeCheckConfig;

  constructor(name: string, { own, blueprint }: Plan, host: Input<string>, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Uptime", name, {}, opts);
    this.check = new gcp.monitoring.UptimeCheckConfig(
      `${name}-check`,
      {
        displayName: `${blueprint.names.prefix}: api`,
        period: "60s",
        timeout: "10s",
        httpCheck: { path: "/health/ready", port: 443, useSsl: true, validateSsl: true },
        monitoredResource: { type: "uptime_url", labels: { project_id: own.project, host } },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
