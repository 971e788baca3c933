import { median, whole } from "./figures.js";
import { printTable, publish } from "./report.js";
import { judge, rounded, type Verdict } from "./verdict.js";

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

/** Measures both sides in turns (ours, theirs, ours, theirs, …), since a machine is not equally fast at all times. */
export function compare({ name, cases, targets, rounds = 5, roundMs = 200 }: Comparison): Verdict {
  const results = cases.map((one) => measure(one, rounds, roundMs));
  printTable([
    ["case", "ours/s", "theirs/s", "ratio (lowest to highest)", "same answer"],
    ...results.map((result) => [
      result.name,
      whole(result.ours),
      whole(result.theirs),
      `${rounded(result.ratio)} (${rounded(result.lowest)} to ${rounded(result.highest)})`,
      `${result.agreed} of ${result.asked}`,
    ]),
  ]);
  const ratios = Object.fromEntries(results.map((result) => [result.name, result.ratio]));
  const above = Object.fromEntries(Object.entries(targets).map(([target, value]) => [target, { above: value }]));
  return publish(judge(name, ratios, above), { rounds, roundMs, results });
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
