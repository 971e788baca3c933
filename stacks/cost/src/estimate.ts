import type { Graph, Planned } from "@punctual/stack-testkit";
import { AWS } from "./aws/index.js";
import { GCP } from "./gcp/index.js";
import type { PriceBook } from "./prices.js";
import type { Catalogue, Item, Line } from "./rule.js";
import type { Usage } from "./usage.js";

export interface PricedItem extends Item {
  readonly resource: string;
  readonly type: string;
  readonly usd: number;
}

export interface Estimate {
  readonly items: readonly PricedItem[];
  /** What of it is free. */
  readonly allowances: readonly { readonly meter: string; readonly quantity: number; readonly usd: number }[];
  /** In a month. */
  readonly total: number;
  readonly usage: Usage;
  readonly book: PriceBook;
}

const CATALOGUES: Readonly<Record<string, Catalogue>> = { aws: AWS, gcp: GCP };

/**
 * What a stack costs in a month. Whatever has no price, and is not known to cost nothing, makes it fail: nobody adds
 * something expensive unnoticed.
 */
export function estimate(graph: Graph, usage: Usage, book: PriceBook): Estimate {
  const { rules, free } = CATALOGUES[book.cloud] ?? { rules: {}, free: [] };
  const billed = graph.resources.filter((one) => one.custom && !one.type.startsWith("pulumi:"));
  const unknown = billed.filter(({ type }) => rules[type] === undefined && !free.includes(type));
  if (unknown.length > 0) throw new RangeError(`Nobody knows what these cost:\n  - ${namesOf(unknown).join("\n  - ")}`);
  const items = billed.flatMap((one) =>
    (rules[one.type]?.(one, { graph, usage }) ?? []).map((item) => priced(item, one, book)),
  );
  const allowances = allowancesIn(items, usage, book);
  return { items, allowances, total: sum(items) - sum(allowances), usage, book };
}

function priced(item: Item, { name, type }: Planned, { prices, cloud, region }: PriceBook): PricedItem {
  const price = prices[item.meter];
  if (price === undefined)
    throw new RangeError(`${name} (${type}): no price of ${item.meter} on ${cloud} in ${region}`);
  return { ...item, resource: name, type, usd: item.quantity * price.usd };
}

function allowancesIn(items: readonly PricedItem[], { alone }: Usage, { free, prices }: PriceBook) {
  return Object.entries(free).flatMap(([meter, { quantity, each }]) => {
    const used = items.filter((item) => item.meter === meter).reduce((all, item) => all + item.quantity, 0);
    const spared = each === "account" && !alone ? 0 : Math.min(used, quantity);
    return spared > 0 ? [{ meter, quantity: spared, usd: spared * (prices[meter]?.usd ?? 0) }] : [];
  });
}

function namesOf(resources: readonly Planned[]): readonly string[] {
  const types = [...new Set(resources.map(({ type }) => type))].toSorted();
  return types.map((type) => {
    const [first, ...more] = resources.filter((one) => one.type === type);
    return `${type}: ${first?.name ?? ""}${more.length > 0 ? ` and ${String(more.length)} more` : ""}`;
  });
}

/** The sums of its lines, what costs most first. */
export function linesOf({ items, allowances }: Estimate): readonly (readonly [Line | "free of charge", number])[] {
  const lines = new Map<Line | "free of charge", number>();
  for (const { line, usd } of items) lines.set(line, (lines.get(line) ?? 0) + usd);
  const sorted = [...lines].toSorted(([, one], [, other]) => other - one);
  return allowances.length > 0 ? [...sorted, ["free of charge", -sum(allowances)]] : sorted;
}

function sum(parts: readonly { readonly usd: number }[]): number {
  return parts.reduce((all, { usd }) => all + usd, 0);
}
