import { z } from "zod";
import type { Migration } from "../world.js";

/** What this commit's program knows, in order; it stands with what was built. */
export type Known = (commit: string) => Promise<readonly Migration[]>;

const STATUS = z.object({
  migrations: z.array(
    z.object({
      name: z.string(),
      at: z.string().nullable(),
      kind: z.enum(["expand", "contract"]).nullish(),
    }),
  ),
});

/** What `status` answers of the tables: of a function, or of the command line. */
export type Status = z.infer<typeof STATUS>["migrations"];

export function statusIn(text: string): Status {
  return STATUS.parse(JSON.parse(text)).migrations;
}

/** Of tables that have nothing yet nobody reads anything: there is nothing that could be taken away. */
export function comingOf(status: Status, known: readonly Migration[]): readonly Migration[] {
  const run = new Set(status.filter(({ at }) => at !== null).map(({ name }) => name));
  const coming = known.filter(({ name }) => !run.has(name));
  return run.size > 0 ? coming : coming.map(({ name }) => ({ name, kind: "expand" }));
}

/** Whoever migrated may have been of another commit, and know less. */
export function demandDone(coming: readonly Migration[]): void {
  if (coming.length === 0) return;
  throw new Error(`Still to be run after all were run: ${coming.map(({ name }) => name).join(", ")}`);
}
