import type { Blueprint } from "@punctual/stack-blueprint";
import { type AwsSettings, gatewaysOf } from "../settings.js";
import { repositoryOf } from "./permissions.js";

/** What of settings containers on AWS cannot be: nothing is an empty list. */
export function objectionsToContainers(own: AwsSettings, { settings }: Pick<Blueprint, "settings">): readonly string[] {
  const { images } = own;
  const elsewhere = Object.entries(images ?? {}).filter(([, image]) => repositoryOf(image) === undefined);
  return [
    // AWS gives a load balancer a name, but no certificate for it.
    ...(settings.domain === undefined
      ? ["domain is needed where the runtime is containers: without one the API would answer by HTTP"]
      : []),
    ...(images === undefined ? ["aws.images is needed where the runtime is containers: it says what they run"] : []),
    ...(gatewaysOf(own, settings) === 0
      ? elsewhere.map(([name]) => `aws.natGateways is 0, and aws.images.${name} is in no repository of ECR`)
      : []),
  ];
}
