import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { planStack, readVariants } from "@punctual/stack-testkit/plan";
import { type Project, readProject, stacksOf } from "@punctual/stack-testkit/planner";
import { type Choice, chosen } from "./chosen.js";
import { type Checked, changesIn, jsonOf, type Reported, reportOn, textOf, toKeep } from "./report.js";
import { isWithin } from "./table.js";

const HELP = `What stacks cost in a month, estimated from what they would register, with prices and usage that people have written down.

  npm run cost                     every stack of stacks/config, as a table
  npm run cost -- aws-dev          those that are named
  npm run cost -- --variants       and every variant of stacks/plans/variants.yaml of each
  npm run cost -- --variant NAME   that variant alone
  npm run cost -- --json           for machines, each item by itself
  npm run cost -- --check          and how they differ from stacks/cost/estimates.json
  npm run cost -- --write          writes that file`;

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const kept = path.join(root, "stacks/cost/estimates.json");
const variants = path.join(root, "stacks/plans/variants.yaml");
const { values: asked, positionals: named } = parseArgs({
  allowPositionals: true,
  options: {
    variant: { type: "string" },
    variants: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

process.exitCode = asked.help ? say(HELP) : await main();

/** Ends with 1 where a stack is outside its band, or is not what was checked in, and with 2 where there is none of the name. */
async function main(): Promise<number> {
  const project = await readProject(root);
  const there = { stacks: await stacksOf(project), variants: await readVariants(variants) };
  const { ok: choices, wrong = [] } = chosen({ ...asked, named }, there);
  if (choices === undefined) {
    say(wrong.join("\n"));
    return 2;
  }
  const reported = await reports(project, choices);
  say(asked.json ? jsonOf(reported) : textOf(reported));
  const outside = reported.filter(({ estimate, band }) => !isWithin(estimate, band));
  const checked = asked.check || asked.write ? await readKept() : {};
  if (asked.write) await writeFile(kept, `${JSON.stringify({ ...checked, ...toKeep(reported) }, null, 2)}\n`);
  const changes = asked.check ? changesIn(reported, checked) : [];
  if (changes.length > 0) say(["It is not what was checked in:", ...changes].join("\n  "));
  return outside.length + changes.length > 0 ? 1 : 0;
}

async function reports(project: Project, choices: readonly Choice[]): Promise<readonly Reported[]> {
  const made: Reported[] = [];
  for (const { stack, variant } of choices) {
    const { name, full, failed, troubles } = await planStack(project, stack, variant);
    // A plan that ended halfway costs less than the stack.
    if (failed) throw new Error([`${name} cannot be planned:`, ...troubles].join("\n  "));
    made.push(reportOn(name, full.plan.graph));
  }
  return made;
}

async function readKept(): Promise<Checked> {
  return JSON.parse(await readFile(kept, "utf8")) as Checked;
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}
