import * as proxy from "@pulumi/policy/proxy.js";
import { UNKNOWN } from "@punctual/stack-testkit";

/** How Pulumi marks what is not known yet; its types leave that out. */
const marks = proxy as unknown as Readonly<Record<string, unknown>>;
const UNKNOWNS = Object.entries(marks)
  .filter(([name]) => /^unknown\w+Value$/.test(name))
  .map(([, mark]) => mark);
const TARGET = String(marks["getSpecialProxyTarget"]);

/**
 * What a policy pack is shown, as a graph has it. Pulumi shows it so that a policy ends at the first look at something unknown: past
 * that, as a rule can say more of the rest.
 */
export function plain(shown: unknown): unknown {
  if (UNKNOWNS.includes(shown)) return UNKNOWN;
  if (typeof shown !== "object" || shown === null) return shown;
  const value = (shown as Readonly<Record<string, unknown>>)[TARGET] ?? shown;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
}
