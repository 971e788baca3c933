import { estimate, PRICES, USAGE } from "@punctual/stack-cost";
import type { EnvironmentName } from "@punctual/stack-blueprint";
import { violationsIn } from "@punctual/stack-policy";
import { Graph } from "@punctual/stack-testkit";
import type { Recorded } from "./grounds.js";

export const ENVIRONMENTS: readonly EnvironmentName[] = ["dev", "staging", "production"];

export function typesOf(own: Recorded["own"]): Readonly<Record<string, number>> {
  return new Graph(own).types();
}

/** What of the transport breaks a policy; what the ground lacks is the platform's. */
export function complaintsOf(
  { graph, own }: Recorded,
  stack: { readonly cloud: string; readonly environment: string },
): readonly string[] {
  return violationsIn(graph, stack)
    .filter(({ urn }) => own.some((one) => one.urn === urn))
    .map(({ rule, urn, message }) => `${rule} ${urn} ${message}`);
}

/** In a month, of the transport alone. */
export function costOf({ graph, own }: Recorded, cloud: string, environment: EnvironmentName): number {
  const book = PRICES[cloud];
  if (book === undefined) throw new RangeError(`There are no prices on ${cloud}`);
  const names = own.map(({ name }) => name);
  const { items } = estimate(graph, USAGE[environment], book);
  return items.filter(({ resource }) => names.includes(resource)).reduce((sum, { usd }) => sum + usd, 0);
}
