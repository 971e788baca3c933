import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import type { Verdict } from "./verdict.js";

/** The first row is the head; the first column stands to the left. */
export function printTable(table: readonly (readonly string[])[]): void {
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  for (const row of table) {
    console.log(
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join("  "),
    );
  }
}

/** Writes `bench/results/<file>.json` and prints the verdict as the last line. */
export function publish(verdict: Verdict, details: object, file = verdict.bench): Verdict {
  const folder = new URL("../../results/", import.meta.url); // from bench/dist/src/
  mkdirSync(folder, { recursive: true });
  const all = { ...verdict, at: new Date().toISOString(), machine: machine(), ...details };
  writeFileSync(new URL(`${file}.json`, folder), `${JSON.stringify(all, null, 2)}\n`);
  console.log(JSON.stringify(verdict));
  return verdict;
}

function machine(): Readonly<Record<string, string | number>> {
  return { node: process.version, cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length };
}
