import type { Settings } from "./settings.js";

/** What everything is marked with, where the cloud allows it. */
export function tagsOf(project: string, cloud: string, settings: Settings): Readonly<Record<string, string>> {
  return {
    project,
    cloud,
    environment: settings.environment,
    owner: settings.owner,
    "cost-center": settings.costCenter,
    "managed-by": "pulumi",
    repository: settings.repository,
  };
}
