import { Graph, type Planned } from "@punctual/stack-testkit";
import { at, isUnknown, jsonOf } from "../reading.js";

/** One thing that somebody gets wrong, in whatever stack that has it. */
export interface Mutation {
  /** The rule that must find it, and no other. */
  readonly rule: string;
  readonly says: string;
  /** Nothing where the stack has no such thing. */
  readonly apply: (graph: Graph) => Mutated | undefined;
}

export interface Mutated {
  readonly graph: Graph;
  /** Whose fault it is. */
  readonly urn: string;
}

/** The first resource of a type, or the first of those that one asks for. */
export type Find = string | readonly [type: string, holds: (one: Planned, graph: Graph) => boolean];

/** Whose fault it is, if it is not that of what was changed. */
export type Blame = Find | undefined;

export function found(graph: Graph, find: Find): Planned | undefined {
  return graph.resources.find((one) => fits(find, one, graph));
}

/** Whether a resource is one of those that are sought. */
export function fits(find: Find, one: Planned, graph: Graph): boolean {
  const [type, holds] = typeof find === "string" ? [find, () => true] : find;
  return one.type === type && holds(one, graph);
}

/** An input at a path is something else, or nothing at all. */
export function given(rule: string, find: Find, path: string, value: unknown, blame?: Blame): Mutation {
  const says = value === undefined ? `without ${path}` : `${path} ${JSON.stringify(value)}`;
  return altered(
    rule,
    says,
    find,
    ({ inputs }) =>
      isUnknown(at(inputs, path)) ? undefined : { inputs: set(inputs, path.split("."), value) as Planned["inputs"] },
    blame,
  );
}

/** A text within an input is another. */
export function reworded(
  rule: string,
  find: Find,
  input: string,
  from: string | RegExp,
  to: string,
  blame?: Blame,
): Mutation {
  const reword = ({ inputs }: Planned) => asText(inputs[input]).replace(from, to);
  return altered(
    rule,
    `${to} for ${String(from)} in ${input}`,
    [typeOf(find), (one, graph) => fits(find, one, graph) && reword(one) !== asText(one.inputs[input])],
    (one) => ({ inputs: { ...one.inputs, [input]: jsonOf(reword(one)) } }),
    blame,
  );
}

/** Anything else of a resource is different. */
export function altered(
  rule: string,
  says: string,
  find: Find,
  change: (one: Planned, graph: Graph) => Partial<Planned> | undefined,
  blame?: Blame,
): Mutation {
  return {
    rule,
    says: `${nameOf(find)}: ${says}`,
    apply: (graph) => {
      const one = found(graph, find);
      const blamed = blame === undefined ? one : found(graph, blame);
      const changed = one && change(one, graph);
      if (one === undefined || blamed === undefined || changed === undefined) return undefined;
      return { graph: graph.with(one.urn, () => changed), urn: blamed.urn };
    },
  };
}

/** A resource was forgotten. */
export function forgotten(rule: string, find: Find, blame: Blame): Mutation {
  return {
    rule,
    says: `${nameOf(find)}: forgotten`,
    apply: (graph) => {
      const one = found(graph, find);
      const blamed = blame === undefined ? undefined : found(graph, blame);
      if (one === undefined || blamed === undefined) return undefined;
      const rest = graph.resources.filter((other) => other !== one);
      return { graph: new Graph(rest, graph.outputs, graph.secretOutputs), urn: blamed.urn };
    },
  };
}

/** Within texts of JSON, too. */
function set(value: unknown, [step, ...more]: readonly string[], to: unknown): unknown {
  if (step === undefined) return to;
  if (typeof value === "string") return JSON.stringify(set(jsonOf(value), [step, ...more], to));
  if (Array.isArray(value))
    return value.map((part: unknown, index) => (String(index) === step ? set(part, more, to) : part));
  const fields = { ...(value as Readonly<Record<string, unknown>> | undefined) };
  const changed = set(fields[step], more, to);
  if (changed !== undefined) return { ...fields, [step]: changed };
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== step));
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? "");
}

function typeOf(find: Find): string {
  return typeof find === "string" ? find : find[0];
}

function nameOf(find: Find): string {
  const type = typeOf(find);
  return type.split(":").at(-1) ?? type;
}
