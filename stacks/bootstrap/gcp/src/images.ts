import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions, interpolate, type Output } from "@pulumi/pulumi";
import type { ProjectSettings } from "./settings.js";

/** The images of all services, built once and given to each environment. */
export class Images extends ComponentResource {
  readonly repository: gcp.artifactregistry.Repository;
  readonly url: Output<string>;

  constructor(
    name: string,
    { settings, ring }: { readonly settings: ProjectSettings; readonly ring: gcp.kms.KeyRing },
    opts?: ComponentResourceOptions,
  ) {
    super("punctual:gcp:Images", name, {}, opts);
    const parent = { parent: this };
    const key = new gcp.kms.CryptoKey(
      `${name}-key`,
      { name: "images", keyRing: ring.id, rotationPeriod: "7776000s", destroyScheduledDuration: "2592000s" },
      { parent: this, protect: true },
    );
    const sealing = new gcp.kms.CryptoKeyIAMMember(
      `${name}-sealing`,
      {
        cryptoKeyId: key.id,
        role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member: `serviceAccount:service-${settings.projectNumber}@gcp-sa-artifactregistry.iam.gserviceaccount.com`,
      },
      parent,
    );
    this.repository = new gcp.artifactregistry.Repository(
      `${name}-repository`,
      {
        repositoryId: settings.name,
        location: settings.region,
        format: "DOCKER",
        description: `Images of ${settings.name}`,
        kmsKeyName: key.id,
        dockerConfig: { immutableTags: true },
        vulnerabilityScanningConfig: { enablementConfig: "INHERITED" },
        cleanupPolicyDryRun: false,
        cleanupPolicies: [
          { id: "untagged", action: "DELETE", condition: { tagState: "UNTAGGED", olderThan: "2592000s" } },
          { id: "recent", action: "KEEP", mostRecentVersions: { keepCount: 10 } },
        ],
      },
      { parent: this, protect: true, dependsOn: [sealing] },
    );
    for (const project of settings.imagesFor) {
      new gcp.artifactregistry.RepositoryIamMember(
        `${name}-for-${project}`,
        {
          repository: this.repository.name,
          location: settings.region,
          role: "roles/artifactregistry.reader",
          member: `serviceAccount:service-${project}@serverless-robot-prod.iam.gserviceaccount.com`,
        },
        parent,
      );
    }
    this.url = interpolate`${settings.region}-docker.pkg.dev/${settings.project}/${this.repository.repositoryId}`;
    this.registerOutputs({ url: this.url });
  }
}
