import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ConfigError } from "../planner/config.js";
import { readProject, stacksOf } from "../planner/project.js";
import { check, write } from "./golden-files.js";
import { planStack } from "./stack-plan.js";
import { treeText } from "./tree.js";
import { readVariants, type Variant } from "./variants.js";

const HELP = `The offline plan: runs the program of a stack as it is, and shows what it registers.
No provider, no state and no account is asked: it is no preview, and says nothing of what a cloud would accept or change.

  npm run plan -- aws-production                          the tree of its resources, and how many there are of each type
  npm run plan -- aws-production --variant single-stage   the same, with a variant of stacks/plans/variants.yaml
  npm run plan -- --check                                 every stack and variant against the plans in stacks/plans
  npm run plan -- --write                                 writes them; look at the difference before you commit it

--check and --write take names of stacks, too. Of all stacks, they see to plans as well that are of none.
Each plan says how long it took, dry and full.`;

const root = fileURLToPath(new URL("../../../../../", import.meta.url));
const plans = path.join(root, "stacks/plans");
const { values: asked, positionals: named } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    variant: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

process.exitCode = await main().catch((error: unknown) => {
  if (!(error instanceof ConfigError)) throw error;
  say(error.message);
  return 1;
});

async function main(): Promise<number> {
  if (asked.help || (named.length === 0 && !asked.check && !asked.write)) {
    say(HELP);
    return asked.help ? 0 : 2;
  }
  const project = await readProject(root);
  const there = await stacksOf(project);
  const unknown = named.filter((stack) => !there.includes(stack));
  if (unknown.length > 0) {
    say(`There is no stack ${unknown.join()}; there are ${there.join(", ")}.`);
    return 2;
  }
  const variants = await readVariants(path.join(plans, "variants.yaml"));
  const stacks = named.length > 0 ? named : there;
  if (asked.check || asked.write) {
    return (asked.write ? write : check)({ project, plans, stacks, variants, say, all: named.length === 0 });
  }
  const variant = variants.find(({ name }) => name === asked.variant);
  if (asked.variant !== undefined && variant === undefined) {
    say(`There is no variant ${asked.variant}; there are ${variants.map(({ name }) => name).join(", ")}.`);
    return 2;
  }
  return show(stacks, project, variant);
}

async function show(
  stacks: readonly string[],
  project: Awaited<ReturnType<typeof readProject>>,
  variant: Variant | undefined,
): Promise<number> {
  let failed = false;
  for (const stack of stacks) {
    const made = await planStack(project, stack, variant);
    say(treeText(made));
    failed ||= made.failed;
  }
  return failed ? 1 : 0;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
