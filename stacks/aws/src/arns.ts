import type { AwsSettings } from "./settings.js";

/** Where everything is: known before anything is made. */
export type Place = Pick<AwsSettings, "accountId" | "region">;

export function arnOf({ accountId, region }: Place, service: string, resource: string): string {
  return `arn:aws:${service}:${region}:${accountId}:${resource}`;
}

/** The account itself: whom it lets, by its own permissions. */
export function rootOf({ accountId }: Place): string {
  return `arn:aws:iam::${accountId}:root`;
}

/** As keys see who asks them on behalf of somebody else. */
export function viaService({ region }: Pick<Place, "region">, service: string): string {
  return `${service}.${region}.amazonaws.com`;
}
