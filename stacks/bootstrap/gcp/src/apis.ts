import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";

/** What a platform, or whoever deploys it, asks Google for. */
export const APIS = [
  ...["artifactregistry", "billingbudgets", "certificatemanager", "cloudbilling", "cloudkms", "cloudresourcemanager"],
  ...[
    "cloudscheduler",
    "cloudtrace",
    "compute",
    "containerscanning",
    "dns",
    "iam",
    "iamcredentials",
    "logging",
    "monitoring",
  ],
  ...["pubsub", "run", "secretmanager", "servicenetworking", "sqladmin", "storage", "sts", "telemetry"],
] as const;

/** Services of Google that are switched on. */
export class Apis extends ComponentResource {
  readonly services: readonly gcp.projects.Service[];

  constructor(name: string, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Apis", name, {}, opts);
    this.services = APIS.map(
      (api) =>
        new gcp.projects.Service(
          `${name}-${api}`,
          // Others in the project may need it still.
          { service: `${api}.googleapis.com`, disableOnDestroy: false },
          { parent: this },
        ),
    );
    this.registerOutputs({});
  }
}
