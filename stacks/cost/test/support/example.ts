import { Graph, type Planned } from "@punctual/stack-testkit";
import { estimate } from "../../src/estimate.js";
import type { PriceBook } from "../../src/prices.js";
import type { Usage } from "../../src/usage.js";

/** Round numbers, for sums that are worked out by hand. */
export const ROUND: Usage = {
  apiRequests: 1_000_000,
  apiMs: 100,
  answerKb: 5,
  authorizedShare: 0.1,
  deliveries: 1_000_000,
  deliveryMs: 500,
  deliveriesAtOnce: 2,
  databaseGb: 10,
  backupGb: 20,
  logGb: 4,
  flowLogGb: 2,
  outGb: 10,
  objectsGb: 10,
  imagesGb: 5,
  metrics: 50,
  keyRequests: 100_000,
  pageRequests: 100_000,
  pageGb: 2,
  loadBalancerUnits: 0.5,
  auditedEvents: 1_000_000,
  alone: false,
};

/** A resource as a program would have registered it; `from` is what its inputs were made of. */
export function planned(
  type: string,
  name: string,
  inputs: Readonly<Record<string, unknown>> = {},
  from: Readonly<Record<string, Planned>> = {},
): Planned {
  const sources = Object.entries(from).map(([input, { urn }]) => [input, [urn]] as const);
  return {
    urn: `urn:pulumi:aws-dev::punctual::${type}::${name}`,
    type,
    name,
    custom: true,
    parent: undefined,
    inputs,
    secrets: [],
    dependencies: sources.flatMap(([, urns]) => urns),
    propertyDependencies: Object.fromEntries(sources),
    provider: undefined,
    protect: false,
    retainOnDelete: false,
    ignoreChanges: [],
  };
}

/** What a resource costs in a month beside others. */
export function costOf(book: PriceBook, one: Planned, ...others: readonly Planned[]): number {
  const { items } = estimate(new Graph([one, ...others]), ROUND, book);
  return items
    .filter(({ resource, type }) => resource === one.name && type === one.type)
    .reduce((all, { usd }) => all + usd, 0);
}

export interface Example {
  readonly says: string;
  readonly one: Planned;
  readonly beside?: readonly Planned[];
  /** Worked out by hand with `ROUND`. */
  readonly usd: number;
}
