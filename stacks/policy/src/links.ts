import type { Graph, Planned } from "@punctual/stack-testkit";
import { textOf } from "./reading.js";

/** What things are called by where they are named and not referred to. */
const NAMES = ["name", "bucket", "identifier", "functionName", "dashboardName"];

/** The resources of a type that an input was made of; or those that it calls by their names. */
export function madeOf(graph: Graph, one: Planned, input: string, ...types: readonly string[]): readonly Planned[] {
  const sources = graph.sourcesOf(one, input).filter(({ type }) => types.includes(type));
  if (sources.length > 0) return sources;
  const called = textOf(one.inputs[input]);
  if (called === undefined) return [];
  return graph.resources.filter(
    ({ type, inputs }) => types.includes(type) && NAMES.some((name) => inputs[name] === called),
  );
}

/** The resources of a type that have an input made of this one. */
export function pointingAt(graph: Graph, one: Planned, type: string, input: string): readonly Planned[] {
  return graph.all(type).filter((other) => madeOf(graph, other, input, one.type).includes(one));
}

const FUNCTION = "aws:lambda/function:Function";
const ALIAS = "aws:lambda/alias:Alias";

/** The functions behind an input, by themselves or by their aliases. */
export function functionsOf(graph: Graph, one: Planned, input: string): readonly Planned[] {
  const direct = madeOf(graph, one, input, FUNCTION);
  const behind = madeOf(graph, one, input, ALIAS).flatMap((alias) => madeOf(graph, alias, "functionName", FUNCTION));
  return [...new Set([...direct, ...behind])];
}
