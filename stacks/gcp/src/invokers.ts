import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { GcpAccounts } from "./accounts.js";
import { isCalled } from "./callers.js";
import type { GcpService } from "./service.js";

/** Who may call whom. The API has tokens of its own, in the header that Cloud Run would look into: so everybody may call it. */
export class GcpInvokers extends ComponentResource {
  constructor(name: string, services: readonly GcpService[], accounts: GcpAccounts, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Invokers", name, {}, opts);
    for (const { service, workload } of services) {
      new gcp.cloudrunv2.ServiceIamMember(
        `${name}-${workload.name}`,
        {
          name: service.name,
          location: service.location,
          role: "roles/run.invoker",
          member: isCalled(workload) ? accounts.memberOf("callers") : "allUsers",
        },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}
