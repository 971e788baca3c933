import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, type Output } from "@pulumi/pulumi";
import { SealedBucket } from "./sealed-bucket.js";
import type { AccountSettings } from "./settings.js";

/** What containers are made of: the program, and what carries its metrics away. */
const IMAGES = ["punctual", "collector"] as const;

/** What is built once and given to each environment: archives of functions, and images. */
export class Artifacts extends ComponentResource {
  readonly key: aws.kms.Key;
  readonly bucket: SealedBucket;
  readonly repositories: readonly aws.ecr.Repository[];
  readonly repositoryUrls: Readonly<Record<string, Output<string>>>;

  constructor(name: string, { project }: AccountSettings, opts?: ComponentResourceOptions) {
    super("punctual:aws:Artifacts", name, {}, opts);
    this.key = new aws.kms.Key(
      `${name}-key`,
      { description: `Artifacts of ${project}`, enableKeyRotation: true, deletionWindowInDays: 30 },
      { parent: this, protect: true },
    );
    this.bucket = new SealedBucket(`${name}-archives`, { key: this.key, keptDays: 90 }, { parent: this });
    const made = IMAGES.map((image) => [image, this.#repository(`${name}-${image}`, `${project}/${image}`)] as const);
    this.repositories = made.map(([, repository]) => repository);
    this.repositoryUrls = Object.fromEntries(made.map(([image, { repositoryUrl }]) => [image, repositoryUrl]));
    this.registerOutputs({ bucket: this.bucket.bucket.bucket, repositoryUrls: this.repositoryUrls });
  }

  #repository(name: string, path: string): aws.ecr.Repository {
    const repository = new aws.ecr.Repository(
      `${name}-repository`,
      {
        name: path,
        imageTagMutability: "IMMUTABLE",
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: this.key.arn }],
      },
      { parent: this, protect: true },
    );
    new aws.ecr.LifecyclePolicy(
      `${name}-lifecycle`,
      { repository: repository.name, policy: JSON.stringify({ rules: LIFECYCLE }) },
      { parent: this },
    );
    return repository;
  }
}

/** The last fifty can be gone back to; what no tag names is forgotten. */
const LIFECYCLE = [
  {
    rulePriority: 1,
    description: "What no tag names",
    selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 14 },
    action: { type: "expire" },
  },
  {
    rulePriority: 2,
    description: "All but the last fifty",
    selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 50 },
    action: { type: "expire" },
  },
];
