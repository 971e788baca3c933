import { ENVIRONMENTS, parseStackName } from "@punctual/stack-blueprint";
import type { Graph } from "@punctual/stack-testkit";
import { type Band, BANDS } from "./bands.js";
import { differencesOf, type Kept, keptOf } from "./checked-in.js";
import { type Estimate, estimate } from "./estimate.js";
import { PRICES } from "./prices.js";
import { isWithin, tableOf } from "./table.js";
import { USAGE } from "./usage.js";

/** A stack whose cost was estimated. */
export interface Reported {
  readonly stack: string;
  readonly estimate: Estimate;
  readonly band: Band;
}

/** By what the stack is called: `aws-dev`, or `aws-dev+containers` for another way to run it. */
export function reportOn(name: string, graph: Graph): Reported {
  const [stack = name] = name.split("+");
  const { ok } = parseStackName(stack, Object.keys(PRICES));
  const environment = ENVIRONMENTS.find((one) => one === ok?.environment);
  const book = PRICES[ok?.cloud ?? ""];
  if (environment === undefined || book === undefined) throw new RangeError(`There are no prices for ${name}`);
  return { stack: name, estimate: estimate(graph, USAGE[environment], book), band: BANDS[environment] };
}

export function textOf(reported: readonly Reported[]): string {
  const outside = reported.filter(({ estimate: made, band }) => !isWithin(made, band)).length;
  return [
    ...reported.map(({ stack, estimate: made, band }) => `${tableOf(stack, made, band)}\n`),
    `${String(reported.length)} stacks, ${String(outside)} outside their band`,
  ].join("\n");
}

/** For machines: each item by itself. */
export function jsonOf(reported: readonly Reported[]): string {
  const stacks = reported.map(({ stack, estimate: made, band }) => {
    const { book, ...rest } = made;
    const { cloud, region, currency, asOf, source } = book;
    return [stack, { ...rest, band, within: isWithin(made, band), book: { cloud, region, currency, asOf, source } }];
  });
  return JSON.stringify(Object.fromEntries(stacks), null, 2);
}

export type Checked = Readonly<Record<string, Kept>>;

export function toKeep(reported: readonly Reported[]): Checked {
  return Object.fromEntries(reported.map(({ stack, estimate: made }) => [stack, keptOf(made)]));
}

/** How they differ from what was checked in. Of stacks that were not asked for nothing is said. */
export function changesIn(reported: readonly Reported[], checked: Checked): readonly string[] {
  return reported.flatMap(({ stack, estimate: made }) => differencesOf(stack, checked[stack], keptOf(made)));
}
