import type * as gcp from "@pulumi/gcp";
import { transportBindings, type Workload } from "@punctual/stack-blueprint";
import { BESIDE_COLLECTOR_CPU, COLLECTOR_LIMITS } from "../collector.js";
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
  const transport = workload.name === "worker" ? args.transport : undefined;
  const told = {
    ...environmentOf(workload, args),
    ...(transport !== undefined && transportBindings(args.blueprint.settings, transport)),
  };
  const plain = Object.entries(told).map(([name, value]) => ({ name, value }));
  const held = Object.entries({ ...secretsOf(workload, args.secrets), ...transport?.secrets }).map(
    ([name, secretKeyRef]) => ({
      name,
      valueSource: { secretKeyRef },
    }),
  );
  return { name: workload.name, image: args.own.image, envs: [...plain, ...held] };
}

/** What takes what it measures, where there is something. */
export function collectorsOf(name: keyof CollectorPart["configs"], { collector }: ContainersArgs) {
  if (collector === null) return [];
  const { image, configs } = collector;
  const envs = [{ name: "COLLECTOR_CONFIG", value: configs[name] }];
  // A pool is never idle; of a service all containers are billed alike.
  const resources = { limits: COLLECTOR_LIMITS, ...(name === "api" && { cpuIdle: API_IDLES }) };
  return [{ name: "collector", image, args: ["--config=env:COLLECTOR_CONFIG"], envs, resources }];
}

/**
 * Between requests nobody waits for the API: it keeps connections without a processor, and what it has measured goes out with
 * the next, which a probe brings within the minute.
 */
export const API_IDLES = true;

/** Cloud Run's second generation gives no less than half a gibibyte. With a collector beside it they share one processor. */
export function limitsOf({ memoryMb }: Workload, { collector }: Pick<ContainersArgs, "collector"> = NOTHING) {
  const cpu = collector === null ? "1" : BESIDE_COLLECTOR_CPU;
  return { cpu, memory: `${String(Math.max(512, memoryMb))}Mi` };
}

/** Of a job, which ends before anybody would have asked. */
const NOTHING = { collector: null };

/** Whether the program is alive: a database that is away is no reason to start it anew. */
export const LIVE = { httpGet: { path: "/health/live", port: PORT } };

/** Before it has found its tables the program does not answer, and within a minute it has. */
export const STARTED = { ...LIVE, periodSeconds: 3, timeoutSeconds: 2, failureThreshold: 20 };

export const ALIVE = { ...LIVE, periodSeconds: 15, timeoutSeconds: 5, failureThreshold: 4 };
