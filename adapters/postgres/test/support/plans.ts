import type pg from "pg";
import { PLANNER } from "../../src/transaction.js";

/** One node of a plan, as EXPLAIN gives it when it has run. */
export interface Node {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Shared Hit Blocks": number;
  readonly "Shared Read Blocks": number;
  readonly Plans?: readonly Node[];
}

/** Runs a statement and tells how. */
export async function planOf(pool: pg.Pool, text: string, values: readonly unknown[]): Promise<Node> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    await client.query(PLANNER);
    const { rows } = await client.query<{ "QUERY PLAN": readonly [{ Plan: Node }] }>(
      `explain (analyze, buffers, format json) ${text}`,
      [...values],
    );
    const plan = rows[0]?.["QUERY PLAN"][0].Plan;
    if (plan === undefined) throw new Error("The database has no plan");
    return plan;
  } finally {
    await client.query("rollback");
    client.release();
  }
}

export function nodesOf(node: Node): readonly Node[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** How many pages it has touched, in memory or not. */
export function pagesOf(plan: Node): number {
  return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
}

/** How many rows of that table it has looked at, those among them that it left out. */
export function rowsReadOf(plan: Node, table: RegExp): number {
  return nodesOf(plan)
    .filter((node) => table.test(node["Relation Name"] ?? ""))
    .reduce(
      (sum, node) => sum + node["Actual Loops"] * (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)),
      0,
    );
}

/** Each way in which tables were read, once, whatever the months are called. */
export function scansOf(plan: Node): readonly string[] {
  const scans = nodesOf(plan)
    .filter((node) => / Scan/.test(node["Node Type"]) && node["Relation Name"] !== undefined)
    .filter((node) => node["Actual Loops"] > 0)
    .map((node) => `${node["Node Type"]} ${node["Index Name"] ?? node["Relation Name"]}`.replace(MONTH, "_month"));
  return [...new Set(scans)].sort();
}

const MONTH = /_(\d{4}_\d{2}|ago_\d)/;
