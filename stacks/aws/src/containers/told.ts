import type { Blueprint } from "@punctual/stack-blueprint";
import type { AwsSettings } from "../settings.js";

// What containers must be told. Settings without it are refused before anything is made.

export function domainOf({ settings: { domain } }: Pick<Blueprint, "settings">): string {
  return told(domain, "domain");
}

export function zoneOf({ settings: { zone } }: Pick<Blueprint, "settings">): string {
  return told(zone, "zone");
}

export function imagesOf({ images }: Pick<AwsSettings, "images">): NonNullable<AwsSettings["images"]> {
  return told(images, "aws.images");
}

function told<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new RangeError(`${what} is needed where the runtime is containers`);
  return value;
}
