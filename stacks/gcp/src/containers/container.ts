import type * as gcp from "@pulumi/gcp";
import type { Workload } from "@punctual/stack-blueprint";
import { environmentOf, secretsOf } from "./environment.js";
import type { CollectorPart, ContainersArgs } from "./parts.js";

/** The program's own port. */
export const PORT = 7_700;

/** What services, pools of workers and jobs take alike. */
type Container = gcp.types.input.cloudrunv2.WorkerPoolTemplateContainer &
  gcp.types.input.cloudrunv2.ServiceTemplateContainer &
  gcp.types.input.cloudrunv2.JobTemplateTemplateContainer;

type Common = Pick<Container, "name" | "image" | "envs">;

/** The program, as one workload. */
export function programOf(workload: Workload, args: ContainersArgs): Common {
  const plain = Object.entries(environmentOf(workload, args)).map(([name, value]) => ({ name, value }));
  const held = Object.entries(secretsOf(workload, args.secrets)).map(([name, secretKeyRef]) => ({
    name,
    valueSource: { secretKeyRef },
  }));
  return { name: workload.name, image: args.own.image, envs: [...plain, ...held] };
}

export function collectorsOf(collector: CollectorPart | null): readonly (Common & Pick<Container, "args">)[] {
  if (collector === null) return [];
  const { image, config } = collector;
  const envs = [{ name: "COLLECTOR_CONFIG", value: config }];
  return [{ name: "collector", image, args: ["--config=env:COLLECTOR_CONFIG"], envs }];
}

/** Whether the program is alive: a database that is away is no reason to start it anew. */
export const LIVE = { httpGet: { path: "/health/live", port: PORT } };

/** Before it has found its tables the program does not answer, and within a minute it has. */
export const STARTED = { ...LIVE, periodSeconds: 3, timeoutSeconds: 2, failureThreshold: 20 };

export const ALIVE = { ...LIVE, periodSeconds: 15, timeoutSeconds: 5, failureThreshold: 4 };

/** To the database by its private address; all else goes out as ever. */
export function insideOf({ network, subnetwork }: ContainersArgs["network"]) {
  return { egress: "PRIVATE_RANGES_ONLY", networkInterfaces: [{ network, subnetwork }] };
}
