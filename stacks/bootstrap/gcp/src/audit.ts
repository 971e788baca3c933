import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { ProjectSettings } from "./settings.js";

/** Services of which is noted who read what, besides who changed what, which Google notes by itself. */
const WATCHED = ["cloudkms.googleapis.com", "secretmanager.googleapis.com", "storage.googleapis.com"];

/** What is done with the project, and how long its logs are kept. */
export class Audit extends ComponentResource {
  constructor(name: string, { project, logDays }: ProjectSettings, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Audit", name, {}, opts);
    const parent = { parent: this };
    for (const service of WATCHED) {
      new gcp.projects.IAMAuditConfig(
        `${name}-${service.split(".")[0] ?? service}`,
        { project, service, auditLogConfigs: [{ logType: "DATA_READ" }, { logType: "DATA_WRITE" }] },
        parent,
      );
    }
    // It is there from the beginning, and there is one.
    new gcp.logging.ProjectBucketConfig(
      `${name}-logs`,
      { project, location: "global", bucketId: "_Default", retentionDays: logDays },
      parent,
    );
    this.registerOutputs({});
  }
}
