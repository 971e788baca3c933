/** What a ratio must be. */
export type Target = { readonly above: number } | { readonly atLeast: number } | { readonly atMost: number };

export interface Verdict {
  readonly bench: string;
  readonly ratios: Readonly<Record<string, number>>;
  readonly targets: Readonly<Record<string, number>>;
  readonly met: boolean;
}

/** Judges by the ratios as they are, and states them to three digits. A target whose ratio is missing is not met. */
export function judge(
  bench: string,
  ratios: Readonly<Record<string, number>>,
  targets: Readonly<Record<string, Target>>,
): Verdict {
  return {
    bench,
    ratios: mapped(ratios, rounded),
    targets: mapped(targets, (target) => Object.values(target)[0] ?? Number.NaN),
    met: Object.entries(targets).every(([name, target]) => reached(ratios[name] ?? Number.NaN, target)),
  };
}

function reached(ratio: number, target: Target): boolean {
  if ("above" in target) return ratio > target.above;
  return "atLeast" in target ? ratio >= target.atLeast : ratio <= target.atMost;
}

export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

function mapped<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
