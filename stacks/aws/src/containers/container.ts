import type { Input } from "@pulumi/pulumi";
import type { Names, WorkloadName } from "@punctual/stack-blueprint";

/** Of a service, or of a family of tasks. */
export const LONGEST_NAME = 255;

/** The group that its logs go to. */
export function logsOf({ prefix }: Names, workload: WorkloadName): string {
  return `/${prefix}/${workload}`;
}

/** A container of a task as ECS reads it. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly essential: boolean;
  /** By number: nobody is root, whatever an image says. */
  readonly user: string;
  readonly memory: number;
  readonly entryPoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment: readonly { readonly name: string; readonly value: Input<string> }[];
  readonly secrets: readonly { readonly name: string; readonly valueFrom: Input<string> }[];
  readonly portMappings: readonly { readonly containerPort: number; readonly protocol: "tcp" }[];
  readonly healthCheck?: object;
  readonly dependsOn?: readonly { readonly containerName: string; readonly condition: "START" }[];
  readonly restartPolicy?: { readonly enabled: boolean; readonly restartAttemptPeriod: number };
  readonly stopTimeout: number;
  readonly logConfiguration: object;
  readonly readonlyRootFilesystem: true;
  readonly linuxParameters: object;
}

/** What each of them has: nothing to write to, and no right that a process does not have by itself. */
export const HARDENED = {
  readonlyRootFilesystem: true,
  linuxParameters: { initProcessEnabled: true, capabilities: { drop: ["ALL"] } },
} as const;

/** The program's own port; `/health/live` is there whatever it does. */
export const PORT = 7_700;

const ASKS = `fetch("http://127.0.0.1:${String(PORT)}/health/live").then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`;

/** Whether the program is alive: a database that is away is no reason to start it anew. */
export const HEALTH_CHECK = {
  command: ["CMD", "node", "-e", ASKS],
  interval: 10,
  timeout: 5,
  retries: 3,
  startPeriod: 60,
};

export function logsTo(group: Input<string>, region: string, prefix: string): object {
  return {
    logDriver: "awslogs",
    options: {
      "awslogs-group": group,
      "awslogs-region": region,
      "awslogs-stream-prefix": prefix,
      // Where CloudWatch is away, work goes on.
      mode: "non-blocking",
      "max-buffer-size": "4m",
    },
  };
}

export function named<V extends Input<string>, K extends string>(
  record: Readonly<Record<string, V>>,
  key: K,
): readonly ({ readonly name: string } & Readonly<Record<K, V>>)[] {
  return Object.entries(record).map(([name, value]) => ({ name, [key]: value }) as { name: string } & Record<K, V>);
}
