/** What must hold, and what was seen. */
export interface Demand {
  readonly what: string;
  readonly seen: string | number;
  readonly held: boolean;
}

export interface Outcome {
  readonly trial: string;
  readonly figures: Readonly<Record<string, unknown>>;
  readonly demands: readonly Demand[];
}

/** Prints a table of what must hold, and as the last line everything for a program to read. */
export function publish({ trial, figures, demands }: Outcome): boolean {
  const width = Math.max(...demands.map(({ what }) => what.length));
  for (const { what, seen, held } of demands) {
    console.log(`${held ? "held  " : "BROKEN"}  ${what.padEnd(width)}  ${seen}`);
  }
  const held = demands.every((demand) => demand.held);
  console.log(JSON.stringify({ trial, figures, held }));
  return held;
}
