import { DEFAULTS, type EnvironmentDefaults } from "./environments.js";
import { type Names, namesOf } from "./names.js";
import { type Objective, objectivesOf } from "./objectives.js";
import type { Settings } from "./settings.js";
import { tagsOf } from "./tags.js";
import { type Queue, queuesOf, type Workload, workloadsOf } from "./workloads.js";

/** What is to run, before any cloud says how. */
export interface Blueprint {
  readonly settings: Settings;
  readonly defaults: EnvironmentDefaults;
  readonly names: Names;
  readonly tags: Readonly<Record<string, string>>;
  readonly workloads: readonly Workload[];
  readonly queues: readonly Queue[];
  readonly objectives: readonly Objective[];
}

export function blueprintOf(project: string, cloud: string, settings: Settings): Blueprint {
  const { shape, environment, tokens, domain } = settings;
  return {
    settings,
    defaults: defaultsOf(settings),
    names: namesOf(project, environment),
    tags: tagsOf(project, cloud, settings),
    workloads: workloadsOf(shape, tokens.kind),
    queues: queuesOf(shape),
    objectives: objectivesOf(shape, { named: domain !== undefined }),
  };
}

/** What the environment is given, but for what its settings say otherwise. */
function defaultsOf({ environment, monthlyBudgetUsd, logDays }: Settings): EnvironmentDefaults {
  const usual = DEFAULTS[environment];
  return {
    ...usual,
    budgetUsd: monthlyBudgetUsd ?? usual.budgetUsd,
    logs: { ...usual.logs, days: logDays ?? usual.logs.days },
  };
}
