import type { GcpPlace } from "./gcp-outputs.js";
import type { Fields } from "./made-up.js";

/** What functions of the provider answer. One that is not here is refused: a made-up answer would pass for a true one. */
export function gcpCall(token: string, _args: Fields, { project, projectNumber, region }: GcpPlace): Fields {
  switch (token) {
    case "gcp:organizations/getProject:getProject":
      return { id: `projects/${project}`, projectId: project, number: projectNumber, name: project };
    case "gcp:organizations/getClientConfig:getClientConfig":
      return { id: project, project, region, zone: `${region}-b`, accessToken: "none" };
    case "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": {
      const emailAddress = `service-${projectNumber}@gs-project-accounts.iam.gserviceaccount.com`;
      return { id: emailAddress, emailAddress, member: `serviceAccount:${emailAddress}`, project };
    }
    default:
      throw new RangeError(
        `this world has no answer for ${token}: write it into stacks/testkit/src/worlds/gcp-calls.ts`,
      );
  }
}
