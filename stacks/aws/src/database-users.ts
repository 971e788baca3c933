import { actingAs, databaseRoles, needs, type Workload } from "@punctual/stack-blueprint";
import { DATABASE, USER } from "./database-instance.js";

/** Whom a task logs in as: each has a user of its own, and none of them is the master, whose password stays with RDS. */
export function userOf({ name }: Pick<Workload, "name">): string {
  return `${USER}_${name}`;
}

/**
 * How a task finds an instance that is at `host`. TLS to whoever answers there, as no image brings RDS's own authorities: it is
 * a name of the network's own, and a tier that nothing leaves.
 */
export function directUrl(host: string, port: number, workload: Workload): string {
  const query = `uselibpqcompat=true&sslmode=require${actingAs(workload)}`;
  return `postgres://${userOf(workload)}@${host}:${String(port)}/${DATABASE}?${query}`;
}

/**
 * What the master runs once, before the first migration. Whoever is a member of `rds_iam`, by however many roles, logs in by
 * IAM alone, and the master is made a member of the owner: so users are, and roles are not.
 */
export function rolesFor(workloads: readonly Workload[]): string {
  const users = workloads
    .filter((workload) => needs(workload, "database"))
    .map((workload) => ({ workload, user: userOf(workload) }));
  const names = users.map(({ user }) => `"${user}"`);
  return [
    ...names.map((name) => `CREATE ROLE ${name} LOGIN;`),
    ...names.map((name) => `GRANT rds_iam TO ${name};`),
    databaseRoles(DATABASE, users),
  ].join("\n");
}
