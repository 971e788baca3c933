import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { ProjectSettings } from "./settings.js";

/** Cloud Storage seals and opens for itself, as this account. */
const storageAgent = ({ projectNumber }: ProjectSettings) =>
  `serviceAccount:service-${projectNumber}@gs-project-accounts.iam.gserviceaccount.com`;

/** Where Pulumi keeps what it knows of stacks, and the key of their secrets. */
export class StateStore extends ComponentResource {
  readonly bucket: gcp.storage.Bucket;
  readonly ring: gcp.kms.KeyRing;
  readonly key: gcp.kms.CryptoKey;

  constructor(name: string, settings: ProjectSettings, opts?: ComponentResourceOptions) {
    super("punctual:gcp:StateStore", name, {}, opts);
    this.ring = new gcp.kms.KeyRing(
      `${name}-ring`,
      { name: `${settings.name}-bootstrap`, location: settings.region },
      { parent: this, protect: true },
    );
    this.key = new gcp.kms.CryptoKey(
      `${name}-key`,
      {
        name: "pulumi-state",
        keyRing: this.ring.id,
        rotationPeriod: "7776000s",
        destroyScheduledDuration: "2592000s",
      },
      { parent: this, protect: true },
    );
    const sealing = new gcp.kms.CryptoKeyIAMMember(
      `${name}-sealing`,
      {
        cryptoKeyId: this.key.id,
        role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member: storageAgent(settings),
      },
      { parent: this },
    );
    this.bucket = new gcp.storage.Bucket(
      `${name}-store`,
      {
        // Names of buckets are everybody's, and those of projects are, too.
        name: `${settings.project}-${settings.name}-state`,
        location: settings.region,
        uniformBucketLevelAccess: true,
        publicAccessPrevention: "enforced",
        versioning: { enabled: true },
        encryption: { defaultKmsKeyName: this.key.id },
        softDeletePolicy: { retentionDurationSeconds: 30 * 86_400 },
        lifecycleRules: [
          {
            action: { type: "Delete" },
            condition: { daysSinceNoncurrentTime: 365, withState: "ARCHIVED" },
          },
        ],
      },
      { parent: this, protect: true, dependsOn: [sealing] },
    );
    this.registerOutputs({ bucket: this.bucket.name, key: this.key.id });
  }
}
