import { asset } from "@pulumi/pulumi";
import type * as aws from "@pulumi/aws";
import type { WorkloadName } from "@punctual/stack-blueprint";
import type { AwsSettings } from "./settings.js";

type Code = Pick<aws.lambda.FunctionArgs, "code" | "s3Bucket" | "s3Key" | "s3ObjectVersion">;

/** The archive of a function: what was built here, or what was uploaded once for all environments. */
export function artifactOf(name: WorkloadName, { artifacts }: AwsSettings): Code {
  if ("folder" in artifacts) return { code: new asset.FileArchive(`${artifacts.folder}/${name}.zip`) };
  const uploaded = artifacts.keys[name];
  if (uploaded === undefined) throw new RangeError(`Nothing was uploaded for ${name}`);
  return { s3Bucket: artifacts.bucket, s3Key: uploaded.key, s3ObjectVersion: uploaded.version };
}
