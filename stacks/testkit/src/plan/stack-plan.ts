import { plan, type Plan } from "../planner/plan.js";
import { type Project, readSettings, stackConfig } from "../planner/project.js";
import { EMPTY_WORLD, type World } from "../world.js";
import { awsWorld } from "../worlds/aws.js";
import { gcpWorld } from "../worlds/gcp.js";
import { gapsIn } from "./gaps.js";
import { goldenText } from "./golden.js";
import { applied, type Variant } from "./variants.js";

export interface Timed {
  readonly plan: Plan;
  readonly seconds: number;
}

/** A stack planned in both modes. */
export interface StackPlan {
  /** `aws-dev`, or `aws-dev+containers`. */
  readonly name: string;
  readonly dry: Timed;
  readonly full: Timed;
  /** What went wrong, and what it warned of. */
  readonly troubles: readonly string[];
  readonly failed: boolean;
  /** As stacks/plans keeps it. */
  readonly golden: string;
}

/** A whole platform takes some seconds, and much longer where much else is going on. */
const LIMIT_MS = 180_000;

export async function planStack(project: Project, stack: string, variant?: Variant): Promise<StackPlan> {
  const settings = applied(variant, await readSettings(project, stack), project);
  const config = stackConfig(project, stack, settings);
  const world = worldOf(stack, config.values[`${project.name}:${cloudOf(stack)}`]);
  const run = async (dryRun: boolean): Promise<Timed> => {
    const start = performance.now();
    const about = { ...project, project: project.name, stack, config, dryRun, world };
    const made = await plan({ ...about, limitMs: LIMIT_MS });
    return { plan: made, seconds: (performance.now() - start) / 1_000 };
  };
  // One after the other: side by side each would be waited for twice as long.
  const dry = await run(true);
  const full = await run(false);
  const name = planName(stack, variant);
  return {
    name,
    dry,
    full,
    failed: isFailed(dry.plan) || isFailed(full.plan),
    troubles: [
      ...troublesOf("dry run", dry.plan),
      ...troublesOf("full run", full.plan),
      ...gapsIn({ full: full.plan.graph, dry: dry.plan.graph }),
    ],
    golden: goldenText(name, { full: full.plan.graph, dry: dry.plan.graph }, world, project.root),
  };
}

export function planName(stack: string, variant: Variant | undefined): string {
  return variant === undefined ? stack : `${stack}+${variant.name}`;
}

export function cloudOf(stack: string): string {
  return stack.split("-")[0] ?? stack;
}

const WORLDS: Readonly<Record<string, (own: object) => World>> = { aws: awsWorld, gcp: gcpWorld };

/** The world of its cloud, in the place that the stack's own settings name. */
function worldOf(stack: string, own = "{}"): World {
  return WORLDS[cloudOf(stack)]?.(JSON.parse(own) as object) ?? EMPTY_WORLD;
}

function troublesOf(mode: string, { diagnostics, exitCode }: Plan): readonly string[] {
  const said = diagnostics.filter(({ severity }) => severity !== "info");
  return [
    ...said.map(({ severity, message }) => `${mode}, ${severity}: ${message}`),
    ...(exitCode === 0 ? [] : [`${mode}: the program ended with ${String(exitCode)}`]),
  ];
}

function isFailed({ diagnostics, exitCode }: Plan): boolean {
  return exitCode !== 0 || diagnostics.some(({ severity }) => severity === "error");
}

/** `aws-dev 143 resources, dry run 2.1 s, full 2.3 s, 0 diagnostics`. */
export function summaryOf({ name, dry, full }: StackPlan): string {
  const count = full.plan.graph.resources.length;
  const said = dry.plan.diagnostics.length + full.plan.diagnostics.length;
  const took = `dry run ${dry.seconds.toFixed(1)} s, full ${full.seconds.toFixed(1)} s`;
  return `${name} ${String(count)} resources, ${took}, ${String(said)} diagnostics`;
}
