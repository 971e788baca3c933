import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { Workload } from "@punctual/stack-blueprint";
import { accessOf } from "./access.js";
import { commandOf, envsOf, MAIN } from "./container.js";
import type { Plan } from "./parts.js";
import type { ServiceDeps } from "./service.js";

/** A job that a release runs before traffic is shifted; nothing runs it here. */
export class GcpMigration extends ComponentResource {
  readonly job: gcp.cloudrunv2.Job;
  /** As Cloud Monitoring names it. */
  readonly physicalName: string;

  constructor(
    name: string,
    plan: Plan,
    workload: Workload,
    { network, accounts, bindings, grants }: ServiceDeps,
    opts?: ComponentResourceOptions,
  ) {
    super("punctual:gcp:Migration", name, {}, opts);
    const { own, blueprint } = plan;
    this.physicalName = blueprint.names.of(workload.name);
    this.job = new gcp.cloudrunv2.Job(
      `${name}-job`,
      {
        name: this.physicalName,
        location: own.region,
        deletionProtection: blueprint.defaults.precious,
        template: {
          taskCount: 1,
          parallelism: 1,
          template: {
            serviceAccount: accounts.emailOf(workload.name),
            executionEnvironment: "EXECUTION_ENVIRONMENT_GEN2",
            timeout: `${String(workload.timeoutSeconds)}s`,
            // What has failed half way is for a person to look at.
            maxRetries: 0,
            vpcAccess: accessOf(plan, workload, network),
            containers: [
              {
                name: MAIN,
                image: own.image,
                ...commandOf(workload),
                envs: envsOf(bindings),
                resources: { limits: { cpu: "1", memory: `${String(workload.memoryMb)}Mi` } },
              },
            ],
          },
        },
      },
      { parent: this, dependsOn: [grants] },
    );
    this.registerOutputs({});
  }
}
