import type * as gcp from "@pulumi/gcp";
import { transportBindings, type Workload } from "@punctual/stack-blueprint";
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
  const resources = { limits: COLLECTOR_LIMITS };
  return [{ name: "collector", image, args: ["--config=env:COLLECTOR_CONFIG"], envs, resources }];
}

const COLLECTOR_LIMITS = { cpu: "1", memory: "512Mi" };

/** Cloud Run's second generation gives no less than half a gibibyte. */
export function limitsOf(cpu: string, { memoryMb }: Workload): { readonly cpu: string; readonly memory: string } {
  return { cpu, memory: `${String(Math.max(512, memoryMb))}Mi` };
}

/** Whether the program is alive: a database that is away is no reason to start it anew. */
export const LIVE = { httpGet: { path: "/health/live", port: PORT } };

/** Before it has found its tables the program does not answer, and within a minute it has. */
export const STARTED = { ...LIVE, periodSeconds: 3, timeoutSeconds: 2, failureThreshold: 20 };

export const ALIVE = { ...LIVE, periodSeconds: 15, timeoutSeconds: 5, failureThreshold: 4 };
