import type { ReleaseTarget } from "@punctual/stack-blueprint";
import { z } from "zod";
import { GOOD, type Judge, type Verdict } from "../world.js";
import type { GoogleApi } from "./google-api.js";

const LABELS = z.record(z.string(), z.string()).default({});
const ALERT = z.object({
  state: z.string().optional(),
  resource: z.object({ labels: LABELS }).optional(),
  policy: z.object({ displayName: z.string().default("") }).optional(),
});
const LIST = z.object({ alerts: z.array(ALERT).default([]), nextPageToken: z.string().default("") });

type Alert = z.output<typeof ALERT>;

export interface Judged {
  readonly project: string;
  /** What the names of this environment's alarms begin with: `punctual-production`. */
  readonly prefix: string;
}

/** The alarms of an environment that are raised, as Cloud Monitoring lists them. */
export class MonitoringJudge implements Judge {
  readonly #api: GoogleApi;
  readonly #of: Judged;

  constructor(api: GoogleApi, of: Judged) {
    this.#api = api;
    this.#of = of;
  }

  async verdict(targets: readonly ReleaseTarget[]): Promise<Verdict> {
    const mine = `${this.#of.prefix}: `;
    const raised = (await this.#open())
      .filter(({ policy }) => policy?.displayName.startsWith(mine) === true)
      .filter((alert) => concerns(alert, targets))
      .map(({ policy }) => policy?.displayName.slice(mine.length) ?? "");
    if (raised.length === 0) return GOOD;
    const names = [...new Set(raised)].toSorted();
    return { ok: false, because: `${names.length === 1 ? "an alarm is" : "alarms are"} raised: ${names.join(", ")}` };
  }

  async #open(): Promise<readonly Alert[]> {
    const found: Alert[] = [];
    for (let pageToken = ""; ;) {
      const { body } = await this.#api.ask({
        url: `monitoring.googleapis.com/v3/projects/${this.#of.project}/alerts`,
        query: { filter: 'state="OPEN"', pageSize: "1000", ...(pageToken !== "" && { pageToken }) },
      });
      const { alerts, nextPageToken } = LIST.parse(body);
      found.push(...alerts.filter(({ state = "OPEN" }) => state === "OPEN"));
      if (nextPageToken === "") return found;
      pageToken = nextPageToken;
    }
  }
}

/** What is seen of one service says nothing of another; what is seen of no service, such as late events, says it of all. */
function concerns({ resource }: Alert, targets: readonly ReleaseTarget[]): boolean {
  const { service_name: service, worker_pool_name: pool } = resource?.labels ?? {};
  const name = service ?? pool;
  return (
    targets.length === 0 || name === undefined || targets.some((one) => [one["service"], one["pool"]].includes(name))
  );
}
