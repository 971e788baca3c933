import { z } from "zod";

const refused = z.strictObject({
  kind: z.literal("refused"),
  line: z.int().describe("From 1."),
  errors: z.array(z.strictObject({ pointer: z.string(), code: z.string(), message: z.string() })),
});

const done = z.strictObject({
  kind: z.literal("done"),
  lines: z.int(),
  created: z.int(),
  known: z.int().describe("Left as they are, since their key is there already."),
  refused: z.int(),
});

const stopped = z.strictObject({
  kind: z.literal("stopped"),
  code: z.string(),
  lines: z.int().describe("So many were dealt with: say the whole again, or what is behind them."),
  requestId: z.string(),
});

/** A line of the answer to an import. */
export const importLine = z
  .discriminatedUnion("kind", [refused, done, stopped])
  .meta({ id: "ImportLine", description: "One for each refused line, and a last one." });

export type ImportLine = z.output<typeof importLine>;
