import type { ReleasedMigration } from "../../../src/migrations/released-migration.js";

/** What a statement does to programs of the release before. */
export interface Finding {
  readonly statement: string;
  /** `takes`: they cannot go on. `blocks`: they wait. */
  readonly does: "takes" | "blocks";
  readonly why: string;
  /** The table, where one is named. */
  readonly table: string | null;
}

export interface Judged {
  readonly statements: readonly string[];
  readonly kind: ReleasedMigration["kind"];
  readonly blocks?: readonly string[] | undefined;
}

const NAME = String.raw`(?:only )?(?:if (?:not )?exists )?"?([a-z_][\w.]*)"?`;

/** What the release before relies on, and is taken from it. */
const TAKES: readonly (readonly [RegExp, string])[] = [
  [/^drop /, "drops what may be in use"],
  [/^truncate\b|^delete from /, "takes rows away"],
  [/^revoke /, "takes a right away"],
  [/^alter (?!table)\w+ .*\brename\b/, "renames"],
  [/^(do|call|select) |\bexecute\b/, "cannot be read: say what is done in statements of their own"],
];

/** The same, of a clause of `alter table`. */
const CLAUSES: readonly (readonly [RegExp, Finding["does"], string])[] = [
  [/^drop |^alter (column )?\S+ drop (?!not null)/, "takes", "drops what may be in use"],
  [/^rename /, "takes", "renames"],
  [/^alter (column )?\S+ set not null/, "takes", "refuses rows without a value"],
  [/^alter (column )?\S+ (set data )?type /, "takes", "changes a type"],
  [/^add (constraint \S+ )?(check|unique|primary key|foreign key|exclude)\b/, "takes", "refuses rows that were right"],
  [/^(attach|detach) partition /, "takes", "moves rows in or out"],
];

/** Reads what a migration does going up; nothing of it is run. */
export function findingsIn(statements: readonly string[]): readonly Finding[] {
  const made = new Set<string>();
  return statements.flatMap((text) => {
    const statement = plain(text);
    const table = new RegExp(`^create (?:unlogged )?table ${NAME}`).exec(statement)?.[1];
    if (table !== undefined) made.add(table);
    return findingsOf(statement, made);
  });
}

/** Why a migration is refused; empty if it is what it says. */
export function refusalsOf({ statements, kind, blocks = [] }: Judged): readonly string[] {
  if (kind === "contract") return [];
  return findingsIn(statements)
    .filter(({ does, table }) => does === "takes" || table === null || !blocks.includes(table))
    .map(
      ({ does, why, statement }) => `${does === "takes" ? "takes away" : "blocks"}: ${why}: ${statement.slice(0, 200)}`,
    );
}

function findingsOf(statement: string, made: ReadonlySet<string>): readonly Finding[] {
  const found = (does: Finding["does"], why: string, table: string | null = null): readonly Finding[] => [
    { statement, does, why, table },
  ];
  const oldest = /^update schema_version set .*oldest_program = /.exec(statement);
  if (oldest !== null) return found("takes", "refuses the release before");
  if (/^(insert into|update) schema_version\b/.test(statement)) return [];
  for (const [pattern, why] of TAKES) if (pattern.test(statement)) return found("takes", why);

  const index = new RegExp(`^create (unique )?index (concurrently )?.*? on ${NAME}`).exec(statement);
  if (index !== null) return indexOf(index, made, found);
  const altered = new RegExp(`^alter table ${NAME} (.*)$`).exec(statement);
  if (altered !== null) return clausesOf(altered[1] ?? "", altered[2] ?? "", made, found);
  const written = new RegExp(`^(?:update|lock table|lock|cluster|vacuum full|reindex table) ${NAME}`).exec(statement);
  if (written !== null && !made.has(written[1] ?? "")) return found("blocks", "locks rows or the table", written[1]);
  return [];
}

type Found = (does: Finding["does"], why: string, table?: string | null) => readonly Finding[];

function indexOf([, unique, concurrently, on = ""]: RegExpExecArray, made: ReadonlySet<string>, found: Found) {
  if (made.has(on)) return [];
  if (unique !== undefined) return found("takes", "refuses rows that were right", on);
  return concurrently === undefined ? found("blocks", "nobody writes to the table while the index is built", on) : [];
}

function clausesOf(table: string, text: string, made: ReadonlySet<string>, found: Found): readonly Finding[] {
  if (made.has(table)) return [];
  return clausesIn(text).flatMap((clause) => {
    const rule = CLAUSES.find(([pattern]) => pattern.test(clause));
    if (rule !== undefined) return found(rule[1], rule[2], table);
    if (!/^add (column )?/.test(clause)) return [];
    if (/ not null/.test(clause) && !/ default | generated /.test(clause)) {
      return found("takes", "refuses rows without a value", table);
    }
    const computed = / generated always as \(/.test(clause) || / default (?!now\(\)|current_)\w+\(/.test(clause);
    return computed ? found("blocks", "writes every row anew", table) : [];
  });
}

/** Cut at the commas that stand in no brackets. */
function clausesIn(text: string): readonly string[] {
  const clauses = [""];
  let depth = 0;
  for (const letter of text) {
    if (letter === "(") depth++;
    if (letter === ")") depth--;
    if (letter === "," && depth === 0) clauses.push("");
    else clauses.push(`${clauses.pop() ?? ""}${letter}`);
  }
  return clauses.map((clause) => clause.trim());
}

/** In small letters and single spaces, without comments and what stands in quotes. */
function plain(statement: string): string {
  const bare = statement
    .replace(/\/\*[^]*?\*\//g, " ")
    .replace(/--.*$/gm, " ")
    .replace(/'(?:[^']|'')*'/g, "''");
  return bare.replace(/\s+/g, " ").trim().replace(/;$/, "").toLowerCase();
}
