import { type Asked, googleServices, refusal, type Told } from "./google-services.js";
import type { Checkout } from "./checkout.js";

const PLACE = "run.googleapis.com/v2/projects/acme-punctual/locations/europe-west1";
const ALERTS = "monitoring.googleapis.com/v3/projects/acme-punctual/alerts";

/** What Google Cloud says of an installation whose shares are those of the checkout's `cloud.json`. */
export async function googleInstallation(there: Checkout) {
  const raised: string[] = [];
  const ran: string[] = [];
  const services = await googleServices(async ({ method, url }: Asked): Promise<Told> => {
    if (url === ALERTS)
      return { body: { alerts: raised.map((id) => ({ policy: { displayName: `punctual-staging: ${id}` } })) } };
    const [, kind = "", name = "", rest = ""] = /^([^/]+)\/([^/:]+)(.*)$/.exec(url.slice(PLACE.length + 1)) ?? [];
    if (kind === "jobs" && method === "POST" && rest === ":run") {
      ran.push(name);
      return {
        body: { metadata: { name: `${url.slice("run.googleapis.com/v2/".length, -":run".length)}/executions/1` } },
      };
    }
    if (kind === "jobs") return { body: { completionTime: "2030-01-01T00:00:00Z", succeededCount: 1 } };
    const known = (await there.shares())[name.slice("punctual-staging-".length)];
    if (kind !== "services" || known === undefined) return refusal(404, `there is no ${kind} ${name}`);
    return { body: { trafficStatuses: known } };
  });
  return { ...services, raised, ran };
}

export type GoogleInstallation = Awaited<ReturnType<typeof googleInstallation>>;
