import { MIGRATIONS } from "../../../src/migrations/index.js";
import type { ReleasedMigration } from "../../../src/migrations/released-migration.js";
import type { Judged } from "./judge.js";

export interface Told extends Judged {
  readonly name: string;
}

/** What each migration says of itself, and the statements that it would run. */
export function told(): readonly Told[] {
  return MIGRATIONS.map(({ name, class: given }) => {
    const Made: ReleasedMigration = given;
    // Ours put statements together and ask for nothing: neither of these is looked at.
    const migration = new Made(undefined as never, undefined as never);
    void migration.up();
    return { name, kind: Made.kind, blocks: Made.blocks, statements: migration.getQueries().map(String) };
  });
}
