import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions, interpolate } from "@pulumi/pulumi";
import type { GcpAccounts } from "./accounts.js";
import { audienceOf } from "./callers.js";
import { TICK_SECONDS } from "./differences.js";
import type { Plan } from "./parts.js";
import type { GcpService } from "./service.js";

/** Calls the scheduler each minute. What comes late is worth nothing, so it is not tried again. */
export class GcpTick extends ComponentResource {
  constructor(
    name: string,
    { own, blueprint }: Plan,
    { scheduler, accounts }: { readonly scheduler: GcpService; readonly accounts: GcpAccounts },
    opts?: ComponentResourceOptions,
  ) {
    super("punctual:gcp:Tick", name, {}, opts);
    new gcp.cloudscheduler.Job(
      `${name}-job`,
      {
        name: blueprint.names.of("tick"),
        region: own.region,
        schedule: "* * * * *",
        timeZone: "Etc/UTC",
        attemptDeadline: `${String(TICK_SECONDS)}s`,
        retryConfig: { retryCount: 0 },
        httpTarget: {
          httpMethod: "POST",
          uri: interpolate`${scheduler.service.uri}/tick`,
          oidcToken: { serviceAccountEmail: accounts.emailOf("callers"), audience: audienceOf(blueprint.names) },
        },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
