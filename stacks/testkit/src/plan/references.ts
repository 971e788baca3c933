import type { Graph, Planned } from "../graph.js";
import { answerOf, type World } from "../world.js";

/** Puts `${Queue punctual-dev-events.arn}` wherever a value that was made up comes from another resource. */
export interface References {
  /** In an input, from what it was made of; what a dry run knows as well was not made up. */
  ofInput(one: Planned, input: string): unknown;
  /** In an output of the stack, from any. */
  ofOutput(name: string): unknown;
}

type Texts = ReadonlyMap<string, string>;

/** Within a longer text a shorter one stands for something else as often as not. */
const SHORTEST = 4;

/** A version of a secret says the secret's own ARN, so it is more than two. */
const MANY = 3;

/** Everything as it is. */
export function asItIs({ outputs }: Graph): References {
  return { ofInput: ({ inputs }, input) => inputs[input], ofOutput: (name) => outputs[name] };
}

export function referencesIn({ full, dry }: { readonly full: Graph; readonly dry: Graph }, world: World): References {
  const texts = distinct(new Map(full.resources.map((one) => [one.urn, textsOf(one, world)])));
  const refer = (sources: readonly Planned[], value: unknown, known: unknown) => {
    const told = new Map(sources.flatMap(({ urn }) => [...(texts.get(urn) ?? [])]));
    return told.size === 0 ? value : replaced(value, known, { pattern: patternOf([...told.keys()]), told });
  };
  return {
    ofInput: (one, input) => refer(full.sourcesOf(one, input), one.inputs[input], dry.at(one.urn)?.inputs[input]),
    ofOutput: (name) => refer(full.resources, full.outputs[name], dry.outputs[name]),
  };
}

/** What the world says of a resource and it was not given, by the text. */
function textsOf(source: Planned, world: World): Texts {
  if (!source.custom) return new Map();
  const { id, state } = answerOf(world, source);
  const given = new Set(Object.values(flat(source.inputs)));
  const kind = source.type.split(":").at(-1) ?? source.type;
  // The id is often another output as well, which says more.
  const outputs = Object.entries({ id, ...flat(state) });
  return new Map(
    outputs
      .filter(([, text]) => text !== "" && !given.has(text))
      .map(([output, text]) => [text, `\${${kind} ${source.name}.${output}}`]),
  );
}

/** What many of them say, as their project, names none of them. */
function distinct(all: ReadonlyMap<string, Texts>): ReadonlyMap<string, Texts> {
  const counts = new Map<string, number>();
  for (const texts of all.values()) for (const text of texts.keys()) counts.set(text, (counts.get(text) ?? 0) + 1);
  return new Map(
    [...all].map(([urn, texts]) => [urn, new Map([...texts].filter(([text]) => (counts.get(text) ?? 0) < MANY))]),
  );
}

function flat(value: unknown, path = ""): Readonly<Record<string, string>> {
  if (typeof value === "string") return { [path]: value };
  if (typeof value !== "object" || value === null) return {};
  const isList = Array.isArray(value);
  const parts = Object.entries(value).map(([key, part]) =>
    flat(part, isList ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`),
  );
  return Object.assign({}, ...parts) as Readonly<Record<string, string>>;
}

function patternOf(texts: readonly string[]): RegExp {
  const longestFirst = texts
    .filter((text) => text.length >= SHORTEST)
    .toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1));
  const any = longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("|");
  // Without any it must find none.
  return new RegExp(`(?<![\\w-])(?:${any || "(?!)"})(?![\\w-])`, "g");
}

interface Replacing {
  readonly pattern: RegExp;
  readonly told: Texts;
}

function replaced(value: unknown, known: unknown, by: Replacing): unknown {
  if (typeof value === "string") {
    if (value === known) return value;
    return by.told.get(value) ?? value.replace(by.pattern, (text) => by.told.get(text) ?? text);
  }
  if (typeof value !== "object" || value === null) return value;
  const parts = new Map(Object.entries(typeof known === "object" && known !== null ? known : {}));
  if (Array.isArray(value)) return value.map((item, at) => replaced(item, parts.get(String(at)), by));
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replaced(part, parts.get(key), by)]));
}
