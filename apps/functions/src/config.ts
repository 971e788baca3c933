import { z } from "zod";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown where a function was told something that it cannot do: all of it, in one message. */
export class BadConfig extends Error {
  override readonly name = "BadConfig";
}

/** The variables of all functions of a cloud together: one environment may be given to each. */
export interface Known {
  readonly names: ReadonlySet<string>;
  /** Where they are described. */
  readonly document: string;
}

/**
 * Reads the variables that a function needs. What was given is not repeated: it may be a secret.
 */
export function read<Shape extends z.ZodRawShape>(
  environment: Environment,
  shape: Shape,
  known: Known,
  contradictions: (read: z.output<z.ZodObject<Shape>>) => readonly string[] = () => [],
): z.output<z.ZodObject<Shape>> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = z.object(shape).safeParse(given);
  const wrong = [
    ...Object.keys(given)
      .filter((name) => name.startsWith("PUNCTUAL_") && !known.names.has(name))
      .map((name) => `${name} is no variable of this program; see ${known.document}`),
    ...(parsed.success
      ? contradictions(parsed.data)
      : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`)),
  ];
  if (!parsed.success || wrong.length > 0) throw new BadConfig([...new Set(wrong)].join("\n"));
  return parsed.data;
}
