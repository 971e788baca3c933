/*
 * Everything that is asked of a stack, and what holds it: as the rules of stacks/policy say. Printed as a table, and with `--write`
 * put into docs/policies.md between its marks, where a test holds it against the rules.
 */
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { policyTable } from "@punctual/stack-policy";
import { format, resolveConfig } from "prettier";

export const DOCUMENT = resolve(import.meta.dirname, "../docs/policies.md");
const [BEGIN, END] = ["<!-- policies: npm run policies -- --write -->", "<!-- /policies -->"];

/** The document with the table as it is now. */
export async function written(text) {
  const [before, rest = ""] = text.split(BEGIN);
  const [, after] = rest.split(END);
  if (after === undefined) throw new Error(`docs/policies.md has no ${BEGIN} and ${END}`);
  const options = await resolveConfig(DOCUMENT);
  return format(`${before}${BEGIN}\n\n${policyTable()}\n\n${END}${after}`, { ...options, filepath: DOCUMENT });
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { write: { type: "boolean", default: false } } });
  console.log(policyTable());
  if (values.write) await writeFile(DOCUMENT, await written(await readFile(DOCUMENT, "utf8")));
}
