/*
 * What each transport can do, and which cases of the suite it is asked: as its capabilities and its harness say. Printed as a
 * table, and with `--write` put into docs/adapters.md between its marks, where a test holds it against the code.
 */
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { memoryHarness, transportCases } from "@punctual/adapter-sdk/conformance";
import { sqsHarness } from "@punctual/adapter-aws/testing";
import { pullHarness, pushHarness, tasksHarness } from "@punctual/adapter-gcp/testing";
import { redisHarness } from "@punctual/adapter-redis/testing";
import { format, resolveConfig } from "prettier";

export const DOCUMENT = resolve(import.meta.dirname, "../docs/adapters.md");
const [BEGIN, END] = ["<!-- matrix: npm run matrix -- --write -->", "<!-- /matrix -->"];

/** Nothing is opened here: a harness says what it can be asked before it has anything. */
const nowhere = () => {
  throw new Error("Only its capabilities are asked for");
};
const site = { patienceMs: 1, atOnce: 1, blockable: true, endpoint: nowhere };

export const TRANSPORTS = {
  Memory: memoryHarness(),
  SQS: sqsHarness({ ...site, client: nowhere, visibilitySeconds: 1 }),
  "Pub/Sub, pulled": pullHarness({ ...site, clients: nowhere, ackDeadlineSeconds: 1 }),
  "Pub/Sub, pushed": pushHarness({ ...site, clients: nowhere, ackDeadlineSeconds: 1 }),
  "Cloud Tasks": tasksHarness(nowhere),
  Redis: redisHarness({ url: nowhere, blockable: true }),
};

/** The table, and below it why a case is skipped. */
export function matrix(transports = TRANSPORTS) {
  const harnesses = Object.values(transports);
  const capabilities = Object.keys(harnesses[0].capabilities).filter((name) => name !== "name");
  const cases = harnesses.map((harness) => transportCases(harness));
  const skipped = cases.map((all) => all.filter(({ lack }) => lack !== null));
  const row = (name, cells) => `| ${[name, ...cells].join(" | ")} |`;
  const lacks = new Map();
  for (const { id, lack } of skipped.flat()) lacks.set(lack, new Set([...(lacks.get(lack) ?? []), id]));
  return [
    row("", Object.keys(transports)),
    row(
      "---",
      harnesses.map(() => "---"),
    ),
    ...capabilities.map((name) =>
      row(
        `\`${name}\``,
        harnesses.map(({ capabilities: of }) => said(of[name])),
      ),
    ),
    row(
      "cases asked",
      cases.map((all, index) => `${all.length - skipped[index].length} of ${all.length}`),
    ),
    row(
      "cases skipped",
      skipped.map((some) => some.map(({ id }) => id).join(", ") || "none"),
    ),
    "",
    "A case is skipped for what a transport lacks:",
    "",
    ...[...lacks].map(([lack, ids]) => `- ${lack}: ${[...ids].join(", ")}`),
  ].join("\n");
}

function said(value) {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "number" ? value.toLocaleString("en") : String(value);
}

/** The document with the table as it is now. */
export async function written(text) {
  const [before, rest = ""] = text.split(BEGIN);
  const [, after] = rest.split(END);
  if (after === undefined) throw new Error(`docs/adapters.md has no ${BEGIN} and ${END}`);
  const options = await resolveConfig(DOCUMENT);
  return format(`${before}${BEGIN}\n\n${matrix()}\n\n${END}${after}`, { ...options, filepath: DOCUMENT });
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { write: { type: "boolean", default: false } } });
  console.log(matrix());
  if (values.write) await writeFile(DOCUMENT, await written(await readFile(DOCUMENT, "utf8")));
  process.exit(0); // harnesses may have begun to look for something
}
