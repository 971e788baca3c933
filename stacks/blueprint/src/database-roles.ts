import type { Workload } from "./workloads.js";

const OWNER = "punctual_owner";
const READER = "punctual_rows";

/**
 * As whom everybody acts who makes and drops tables, so that each may change what another has made: what to add to a URL that
 * has a query already.
 */
export function actingAs({ needs }: Workload): string {
  const makesTables = needs.some((need) => need.kind === "database" && need.rights === "schema");
  return makesTables ? `&options=${encodeURIComponent(`-c role=${OWNER}`)}` : "";
}

/**
 * What an administrator runs once, before the first migration: rights in a database are SQL's. The administrator is no
 * superuser, and has to be a member of the owner to speak for it.
 */
export function databaseRoles(
  database: string,
  users: readonly { readonly workload: Workload; readonly user: string }[],
): string {
  const named = (wanted: "rows" | "schema") =>
    users
      .filter(({ workload }) => workload.needs.some((need) => need.kind === "database" && need.rights === wanted))
      .map(({ user }) => quoted(user));
  const owners = named("schema");
  const readers = named("rows");
  return [
    `CREATE ROLE ${OWNER} NOLOGIN;`,
    `CREATE ROLE ${READER} NOLOGIN;`,
    `GRANT ${OWNER} TO CURRENT_USER;`,
    `GRANT CREATE ON DATABASE ${database} TO ${OWNER};`,
    `GRANT USAGE, CREATE ON SCHEMA public TO ${OWNER};`,
    `GRANT USAGE ON SCHEMA public TO ${READER};`,
    ...owners.map((user) => `GRANT ${OWNER} TO ${user};`),
    ...readers.map((user) => `GRANT ${READER} TO ${user};`),
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${OWNER} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${READER};`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${OWNER} GRANT USAGE, SELECT ON SEQUENCES TO ${READER};`,
    // Who may not see others' transactions might pass over what they end.
    `GRANT pg_read_all_stats TO ${OWNER}, ${READER};`,
  ].join("\n");
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
