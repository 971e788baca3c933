import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";

/** What is measured: one call answers every question of its case once. */
export type Side = () => readonly (number | null)[];

export interface Case {
  readonly name: string;
  readonly ours: Side;
  readonly theirs: Side;
}

export interface Comparison {
  readonly name: string;
  readonly cases: readonly Case[];
  /** By a case's name, the ratio that ours must exceed. */
  readonly targets: Readonly<Record<string, number>>;
  readonly rounds?: number;
  /** A side is called again and again for so long a time in each round. */
  readonly roundMs?: number;
}

export interface Verdict {
  readonly bench: string;
  readonly ratios: Readonly<Record<string, number>>;
  readonly targets: Readonly<Record<string, number>>;
  readonly met: boolean;
}

interface Result {
  readonly name: string;
  readonly ours: number;
  readonly theirs: number;
  readonly ratio: number;
  readonly lowest: number;
  readonly highest: number;
  readonly asked: number;
  readonly agreed: number;
}

/**
 * Measures both sides in turns (ours, theirs, ours, theirs, …), since a machine is not equally fast at all times, prints
 * a table, writes `bench/results/<name>.json`, and prints the verdict as its last line.
 */
export function compare({ name, cases, targets, rounds = 5, roundMs = 200 }: Comparison): Verdict {
  const results = cases.map((one) => measure(one, rounds, roundMs));
  printTable(results);

  const ratios = Object.fromEntries(results.map((result) => [result.name, rounded(result.ratio)]));
  const met = Object.entries(targets).every(([target, above]) => (ratios[target] ?? 0) > above);
  const verdict = { bench: name, ratios, targets, met };
  writeResults(name, { ...verdict, at: new Date().toISOString(), machine: machine(), rounds, roundMs, results });
  console.log(JSON.stringify(verdict));
  return verdict;
}

// The first calls warm both sides up, and show whether they answer the same.
function measure({ name, ours, theirs }: Case, rounds: number, roundMs: number): Result {
  const expected = theirs();
  const agreed = ours().filter((answer, index) => answer === expected[index]).length;
  const pairs = Array.from({ length: rounds }, () => ({ ours: rate(ours, roundMs), theirs: rate(theirs, roundMs) }));
  const ratios = pairs.map((pair) => pair.ours / pair.theirs);
  return {
    name,
    ours: median(pairs.map((pair) => pair.ours)),
    theirs: median(pairs.map((pair) => pair.theirs)),
    ratio: median(ratios),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
    asked: expected.length,
    agreed,
  };
}

/** Answers a second. */
function rate(side: Side, roundMs: number): number {
  const start = performance.now();
  let answers = 0;
  for (;;) {
    answers += side().length;
    const elapsed = performance.now() - start;
    if (elapsed >= roundMs) return (answers * 1_000) / elapsed;
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const last = sorted.length - 1;
  return (sorted[Math.floor(last / 2)]! + sorted[Math.ceil(last / 2)]!) / 2;
}

function printTable(results: readonly Result[]): void {
  const rows = results.map((result) => [
    result.name,
    whole(result.ours),
    whole(result.theirs),
    `${rounded(result.ratio)} (${rounded(result.lowest)} to ${rounded(result.highest)})`,
    `${result.agreed} of ${result.asked}`,
  ]);
  const table = [["case", "ours/s", "theirs/s", "ratio (lowest to highest)", "same answer"], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  for (const row of table) {
    console.log(
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join("  "),
    );
  }
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

function machine(): Readonly<Record<string, string | number>> {
  return { node: process.version, cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length };
}

function writeResults(name: string, results: object): void {
  const folder = new URL("../../results/", import.meta.url); // from bench/dist/src/
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(results, null, 2)}\n`);
}
