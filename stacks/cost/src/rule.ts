import { type Graph, type Planned, UNKNOWN } from "@punctual/stack-testkit";
import type { Usage } from "./usage.js";

/** The lines of an estimate. */
export type Line =
  | "way out"
  | "endpoints"
  | "database"
  | "database proxy"
  | "backups"
  | "functions"
  | "kept warm"
  | "containers"
  | "queues"
  | "schedules"
  | "API"
  | "load balancer"
  | "firewall"
  | "console"
  | "names"
  | "secrets and keys"
  | "logs"
  | "metrics and traces"
  | "alarms"
  | "dashboards"
  | "probes"
  | "storage"
  | "caches and streams"
  | "audit"
  | "users"
  | "release";

export interface Item {
  readonly line: Line;
  /** What it is priced by: a key of the price book. */
  readonly meter: string;
  readonly quantity: number;
}

/** All that a rule may look at besides the resource itself. */
export interface Situation {
  readonly graph: Graph;
  readonly usage: Usage;
}

/** What a resource of one type is billed for. */
export type Rule = (one: Planned, at: Situation) => readonly Item[];
export type Rules = Readonly<Record<string, Rule>>;

/** What is known of the types of a cloud's provider. */
export interface Catalogue {
  readonly rules: Rules;
  readonly free: readonly string[];
}

export const HOURS = 730;
export const SECONDS = HOURS * 3_600;
export const MINUTES = HOURS * 60;

/** An amount that all resources of a type have together, of which this is one. */
export function share(one: Planned, { graph }: Situation, amount: number): number {
  return amount / graph.all(one.type).length;
}

const refuse = (one: Planned, input: string, wanted: string): never => {
  throw new TypeError(`${one.name} (${one.type}): ${input} is ${JSON.stringify(one.inputs[input])}, and not ${wanted}`);
};

/** Without a value to fall back on it must be there. */
export function numberOf(one: Planned, input: string, orElse?: number): number {
  const value = one.inputs[input] ?? orElse;
  return typeof value === "number" ? value : refuse(one, input, "a number");
}

export function textOf(one: Planned, input: string, orElse?: string): string {
  const value = one.inputs[input] ?? orElse;
  return typeof value === "string" && value !== UNKNOWN ? value : refuse(one, input, "a text that is known");
}

export function listOf(one: Planned, input: string): readonly unknown[] {
  const value = one.inputs[input] ?? [];
  return Array.isArray(value) ? value : refuse(one, input, "a list");
}

/** A part of what was given, however deep: `at(inputs, "template", "containers")`. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (held, key) => (typeof held === "object" && held !== null ? (held as Record<string | number, unknown>)[key] : null),
    value,
  );
}

export function itemsAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

export function numberAt(orElse: number, value: unknown, ...path: readonly (string | number)[]): number {
  const found = at(value, ...path);
  return typeof found === "number" ? found : orElse;
}
