import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Project } from "../planner/project.js";
import { difference } from "./difference.js";
import { planName, planStack, type StackPlan, summaryOf } from "./stack-plan.js";
import type { Variant } from "./variants.js";

export interface Golden {
  readonly project: Project;
  /** The folder of the plans. */
  readonly plans: string;
  readonly stacks: readonly string[];
  /** Whether these are all that there are, so that a plan of another is of none. */
  readonly all: boolean;
  readonly variants: readonly Variant[];
  readonly say: (text: string) => void;
}

/** Plans every stack and variant, and answers 1 where one is not as it was, fails, or is no longer there. */
export async function check(golden: Golden): Promise<number> {
  let differ = 0;
  const planned = await each(golden, async (stack) => {
    const before = await readFile(fileOf(golden, stack), "utf8").catch(() => "");
    const lines = stack.failed ? [] : difference(before, stack.golden);
    if (stack.failed || lines.length > 0) differ += 1;
    for (const line of lines) golden.say(line);
  });
  for (const file of await leftIn(golden)) {
    golden.say(`${file} is of no stack and variant`);
    differ += 1;
  }
  golden.say(`${String(planned)} plans, ${String(differ)} differ`);
  return differ > 0 ? 1 : 0;
}

/** Writes the plans of all that do not fail, and removes those of what is no longer there. */
export async function write(golden: Golden): Promise<number> {
  let failed = 0;
  await mkdir(golden.plans, { recursive: true });
  const planned = await each(golden, async (stack) => {
    if (stack.failed) failed += 1;
    else await writeFile(fileOf(golden, stack), stack.golden);
  });
  for (const file of await leftIn(golden)) {
    await rm(path.join(golden.plans, file));
    golden.say(`${file} was of no stack and variant, and is removed`);
  }
  golden.say(`${String(planned)} plans, ${String(failed)} failed and were not written`);
  return failed > 0 ? 1 : 0;
}

async function each(
  { project, stacks, variants, say }: Golden,
  then: (stack: StackPlan) => Promise<void>,
): Promise<number> {
  let planned = 0;
  // One after another: two processes run for each already.
  for (const stack of stacks) {
    for (const variant of [undefined, ...variants]) {
      const made = await planStack(project, stack, variant);
      planned += 1;
      say(summaryOf(made));
      for (const trouble of made.troubles) say(trouble);
      await then(made);
    }
  }
  return planned;
}

function fileOf({ plans }: Golden, { name }: StackPlan): string {
  return path.join(plans, `${name}.txt`);
}

/** The files of plans whose stack or variant is gone. */
async function leftIn({ plans, stacks, all, variants }: Golden): Promise<readonly string[]> {
  if (!all) return [];
  const there = new Set(
    stacks.flatMap((stack) => [undefined, ...variants].map((one) => `${planName(stack, one)}.txt`)),
  );
  const files = await readdir(plans).catch(() => []);
  return files.filter((file) => file.endsWith(".txt") && !there.has(file)).toSorted();
}
