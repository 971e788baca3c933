import type { Plan } from "./parts.js";

/** Where receivers reach the API: known before there is one, as Cloud Run names services by the project's number, too. */
export function publicUrlOf({ own, blueprint }: Plan): string {
  const { domain } = blueprint.settings;
  if (domain !== undefined) return `https://${domain}`;
  return `https://${blueprint.names.of("api")}-${own.projectNumber}.${own.region}.run.app`;
}
