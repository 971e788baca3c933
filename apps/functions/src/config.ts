import { z } from "zod";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown where a function was told something that it cannot do: all of it, in one message. */
export class BadConfig extends Error {
  override readonly name = "BadConfig";
}

/**
 * Reads the variables that a function needs; `known` are those of all functions together, which may be given to each.
 * What was given is not repeated: it may be a secret.
 */
export function read<Shape extends z.ZodRawShape>(
  environment: Environment,
  shape: Shape,
  known: ReadonlySet<string>,
  contradictions: (read: z.output<z.ZodObject<Shape>>) => readonly string[] = () => [],
): z.output<z.ZodObject<Shape>> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = z.object(shape).safeParse(given);
  const wrong = [
    ...Object.keys(given)
      .filter((name) => name.startsWith("PUNCTUAL_") && !known.has(name))
      .map((name) => `${name} is no variable of this program; see docs/aws.md`),
    ...(parsed.success
      ? contradictions(parsed.data)
      : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`)),
  ];
  if (!parsed.success || wrong.length > 0) throw new BadConfig([...new Set(wrong)].join("\n"));
  return parsed.data;
}
