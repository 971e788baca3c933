import { type Graph, type Planned, SECRET, UNKNOWN } from "../graph.js";
import { STACK_TYPE } from "../planner/urns.js";
import type { World } from "../world.js";
import { hidden, secretPartsOf } from "./hidden.js";
import { type Line, linesOf } from "./lines.js";
import { asItIs, type References, referencesIn } from "./references.js";

/** The lines of each resource, by its URN. */
type Lines = ReadonlyMap<string, readonly Line[]>;

/**
 * A plan as a text for people who look at what has changed: a tree of resources, each with its inputs, a line for each
 * value. It shows the full run, with references in place of what was made up, and at its end what a dry run would have
 * otherwise, beside what is not known there.
 */
export function goldenText(
  stack: string,
  { full, dry }: { readonly full: Graph; readonly dry: Graph },
  world: World,
  root: string,
): string {
  const references = referencesIn({ full, dry }, world);
  const lines = linesOfAll(full, references, root);
  const dryLines = linesOfAll(dry, asItIs(dry), root);
  const outputs = outputLines(full, references, root);
  return [
    `# The offline plan of ${stack}: what the program registers, with nobody asked. "npm run plan -- --write" makes it.`,
    "",
    ...full.all(STACK_TYPE).flatMap((one) => treeOf(full, one, lines, "")),
    "",
    "# Outputs",
    ...outputs.map(shown),
    "",
    "# In a dry run",
    ...otherwise(full, dry, lines, dryLines),
    "",
  ].join("\n");
}

/** A resource, what it was given, and those below it. */
function treeOf(graph: Graph, one: Planned, lines: Lines, indent: string): readonly string[] {
  return [
    `${indent}${headOf(graph, one)}`,
    ...(lines.get(one.urn) ?? []).map((line) => `${indent}    . ${shown(line)}`),
    ...byName(graph.childrenOf(one.urn)).flatMap((child) => treeOf(graph, child, lines, `${indent}  `)),
  ];
}

/** `events  aws:sqs/queue:Queue  via aws  [protect]`. */
export function headOf(graph: Graph, one: Planned): string {
  const provider = one.provider === undefined ? undefined : (graph.at(withoutId(one.provider))?.name ?? "default");
  const marks = [one.protect ? "[protect]" : "", one.retainOnDelete ? "[retain]" : ""];
  return [one.name, one.type, provider === undefined ? "" : `via ${provider}`, ...marks].filter(Boolean).join("  ");
}

function withoutId(reference: string): string {
  return reference.slice(0, reference.lastIndexOf("::"));
}

export function byName(resources: readonly Planned[]): readonly Planned[] {
  return resources.toSorted((a, b) => (a.name === b.name ? (a.type < b.type ? -1 : 1) : a.name < b.name ? -1 : 1));
}

function linesOfAll(graph: Graph, references: References, root: string): Lines {
  return new Map(graph.resources.map((one) => [one.urn, linesOfOne(graph, one, references, root)]));
}

function linesOfOne(graph: Graph, one: Planned, references: References, root: string): readonly Line[] {
  const inputs = Object.keys(one.inputs).toSorted();
  return [
    ...inputs.flatMap((input) =>
      linesOf(input, anywhere(hidden(references.ofInput(one, input), secretPartsOf(one, input)), root)),
    ),
    ...one.ignoreChanges.map((input) => ({ path: "(ignores changes of)", value: input })),
    ...afterOf(graph, one).map((name) => ({ path: "(after)", value: name })),
  ];
}

/** What it waits for and its inputs do not say. */
function afterOf(graph: Graph, one: Planned): readonly string[] {
  const said = new Set(Object.values(one.propertyDependencies).flat());
  return one.dependencies
    .filter((urn) => !said.has(urn))
    .map((urn) => {
      const other = graph.at(urn);
      return other === undefined ? urn : `${other.type.split(":").at(-1) ?? ""} ${other.name}`;
    });
}

/** A plan is the same wherever the repository lies. */
function anywhere(value: unknown, root: string): unknown {
  if (typeof value === "string") return value.replaceAll(root.replace(/\/$/, ""), "<root>");
  if (Array.isArray(value)) return value.map((item) => anywhere(item, root));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, anywhere(part, root)]));
}

function outputLines(graph: Graph, references: References, root: string): readonly Line[] {
  const secrets = new Set(graph.secretOutputs);
  return Object.keys(graph.outputs)
    .toSorted()
    .flatMap((name) =>
      secrets.has(name) ? [{ path: name, value: SECRET }] : linesOf(name, anywhere(references.ofOutput(name), root)),
    );
}

function shown({ path, value }: Line): string {
  return path.endsWith(" |") ? `${path} ${value}`.trimEnd() : `${path} = ${value}`;
}

/** How the dry run differs, but for what cannot be known in it. */
function otherwise(full: Graph, dry: Graph, lines: Lines, dryLines: Lines): readonly string[] {
  const only = (graph: Graph, other: Graph, says: string) =>
    graph.resources.filter(({ urn }) => other.at(urn) === undefined).map((one) => `${headOf(graph, one)}: ${says}`);
  const changed = dry.resources.flatMap(({ urn, name }) => {
    const here = full.at(urn);
    if (here === undefined) return [];
    return differing(lines.get(urn) ?? [], dryLines.get(urn) ?? []).map((line) => `${name}  . ${shown(line)}`);
  });
  const all = [...only(full, dry, "is not there"), ...only(dry, full, "is there alone"), ...changed];
  return all.length > 0 ? all : ["the same"];
}

function differing(full: readonly Line[], dry: readonly Line[]): readonly Line[] {
  const has = new Set(full.map(shown));
  const unknown = dry.filter(({ value }) => value === UNKNOWN).map(({ path }) => path);
  const dryHas = new Set(dry.map(shown));
  const isUnknown = (path: string) => unknown.some((one) => path.startsWith(one.replace(/\[\]$/, "")));
  return [
    ...dry.filter((line) => line.value !== UNKNOWN && !has.has(shown(line))),
    ...full
      .filter((line) => !dryHas.has(shown(line)) && !isUnknown(line.path))
      .map(({ path }) => ({ path, value: "[missing]" })),
  ];
}
