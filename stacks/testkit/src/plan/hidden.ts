import { type Planned, SECRET } from "../graph.js";

type Path = readonly string[];

/** Where in an input something is secret; an empty path is all of it. */
export function secretPartsOf({ secrets, secretParts }: Planned, input: string): readonly Path[] {
  if (!secrets.includes(input)) return [];
  const parts = stepInto(input, secretParts ?? []);
  return parts.length > 0 ? parts : [[]];
}

/** A value without its secrets, whose places stay. */
export function hidden(value: unknown, secrets: readonly Path[]): unknown {
  if (secrets.length === 0) return value;
  if (secrets.some((path) => path.length === 0)) return SECRET;
  const part = ([name, held]: [string, unknown]) => [name, hidden(held, stepInto(name, secrets))] as const;
  const parts = Object.entries(value as object).map(part);
  return Array.isArray(value) ? parts.map(([, held]) => held) : Object.fromEntries(parts);
}

function stepInto(name: string, paths: readonly Path[]): readonly Path[] {
  return paths.filter(([first]) => first === name).map(([, ...rest]) => rest);
}
