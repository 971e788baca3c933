import { median, whole } from "../figures.js";

/** One way to do a piece of work. */
export interface Side {
  readonly name: string;
  /** Makes everything ready; not measured. */
  prepare(): Promise<void>;
  /** Measured. */
  run(): Promise<void>;
  /** Throws unless all of it was done; not measured. */
  check(): Promise<void>;
}

/** By the side's name, how many a second it did, round by round. */
export type Rates = ReadonlyMap<string, readonly number[]>;

/** Every side once a round, so that all have their share of what else the machine does. A first round warms up and is dropped. */
export async function alternate(sides: readonly Side[], rounds: number, count: number): Promise<Rates> {
  const rates = new Map<string, number[]>(sides.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const side of sides) {
      await side.prepare();
      const start = performance.now();
      await side.run();
      const rate = (count * 1_000) / (performance.now() - start);
      await side.check();
      if (round > 0) rates.get(side.name)!.push(rate);
      console.log(`${round === 0 ? "warming up" : `round ${round}`}: ${side.name} ${whole(rate)}/s`);
    }
  }
  return rates;
}

/** The name of the side among `names` that was fastest, by its median. */
export function best(rates: Rates, names: readonly string[]): string {
  return names.reduce((one, other) => (median(of(rates, other)) > median(of(rates, one)) ? other : one));
}

/** Of the pairs of each round: a median of ratios, not a ratio of medians. */
export function ratios(rates: Rates, ours: string, theirs: string): number[] {
  const others = of(rates, theirs);
  return of(rates, ours).map((rate, round) => rate / others[round]!);
}

function of(rates: Rates, name: string): readonly number[] {
  const found = rates.get(name);
  if (found === undefined) throw new Error(`No side is called ${name}`);
  return found;
}
