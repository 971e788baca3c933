import { type Graph, type Planned, UNKNOWN } from "@punctual/stack-testkit";
import { MAPPINGS } from "./types.js";

export interface Template {
  readonly AWSTemplateFormatVersion: "2010-09-09";
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: unknown }>>;
}

/** What CloudFormation would be told of a graph, by the names of the resources in it. Nobody deploys this. */
export function templateOf(graph: Graph): {
  readonly template: Template;
  readonly origin: ReadonlyMap<string, Planned>;
} {
  const mapped = graph.resources.filter(({ type }) => MAPPINGS[type] !== undefined);
  const origin = new Map(
    mapped.map((one, index) => [`${one.name.replaceAll(/[^a-z\d]/gi, "")}x${String(index)}`, one]),
  );
  const resources = [...origin].map(([id, one]) => [id, resourceOf(one)] as const);
  return { template: { AWSTemplateFormatVersion: "2010-09-09", Resources: Object.fromEntries(resources) }, origin };
}

function resourceOf({ type, inputs }: Planned) {
  const { as = "", same = [], from = {}, make } = MAPPINGS[type] ?? {};
  const given = [
    ...same.map((property) => [property, spelt(inputs[lowerFirst(property)])] as const),
    ...Object.entries(from).map(([property, input]) => [property, spelt(inputs[input])] as const),
    ...Object.entries(make?.(inputs) ?? {}),
  ];
  return {
    Type: as,
    Properties: known(Object.fromEntries(given.map(([name, value]) => [name, documents(name, value)]))),
  };
}

const lowerFirst = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
const upperFirst = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
/** What holds names of ours, which stay as they are. */
const OURS = new Set(["variables", "options", "dockerLabels"]);

/** In the spelling of CloudFormation, however deep. */
function spelt(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(spelt);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [upperFirst(name), OURS.has(name) ? held : spelt(held)]),
  );
}

/** Container definitions come as a text, in the spelling of inputs. */
function documents(name: string, value: unknown): unknown {
  return name === "ContainerDefinitions" ? spelt(value) : value;
}

/** Without what is not known, or was not said. */
function known(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter(isKnown).map(known);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, held]) => isKnown(held))
      .map(([name, held]) => [name, known(held)]),
  );
}

function isKnown(value: unknown): boolean {
  return value !== undefined && value !== null && value !== UNKNOWN;
}
