import type { EnvironmentName } from "@punctual/stack-blueprint";
import type { Graph, Planned } from "@punctual/stack-testkit";

export const CLOUD_NAMES = ["aws", "gcp"] as const;

export type CloudName = (typeof CLOUD_NAMES)[number];

/** What is wrong, and with which resource. */
export interface Violation {
  readonly urn: string;
  readonly message: string;
}

/**
 * How much a rule must see. `one`: each resource by itself, so that it is refused before it is made. `all`: what resources are to
 * each other. `secrets`: which values are secret, too, and Pulumi's engine tells a policy pack nothing of that.
 */
export type Sight = "one" | "all" | "secrets";

/** What is held to the rules. */
export interface Stack {
  readonly cloud: string;
  readonly environment: EnvironmentName;
}

export type Check = (graph: Graph, stack: Stack) => readonly Violation[];

/** What no stack of these clouds may be without. */
export interface Rule {
  readonly id: string;
  /** Of the list in docs/policies.md. */
  readonly number: number;
  readonly clouds: readonly CloudName[];
  readonly severity: "mandatory" | "advisory";
  readonly says: string;
  readonly sees: Sight;
  readonly check: Check;
}

type Told = Pick<Rule, "id" | "number" | "says"> & Partial<Pick<Rule, "clouds" | "severity">>;

/** What is wrong with a resource; nothing is none, or an empty list. */
type Complaints = string | readonly string[] | false | undefined;

/** A rule that looks at each resource of some types by itself. */
export function ofEach(
  told: Told,
  types: string | readonly string[] | ((type: string) => boolean),
  complain: (one: Planned, stack: Stack) => Complaints,
): Rule {
  const holds = filterOf(types);
  return ruled(told, "one", (graph, stack) =>
    graph.resources.filter(({ type }) => holds(type)).flatMap((one) => violations(one, complain(one, stack))),
  );
}

/** A rule that looks at each resource of some types, and at what belongs to it. */
export function amongAll(
  told: Told,
  types: string | readonly string[] | ((type: string) => boolean),
  complain: (one: Planned, graph: Graph, stack: Stack) => Complaints,
): Rule {
  const holds = filterOf(types);
  return ruled(told, "all", (graph, stack) =>
    graph.resources.filter(({ type }) => holds(type)).flatMap((one) => violations(one, complain(one, graph, stack))),
  );
}

/** A rule about what there must be once, so that what is missing is missing from the platform. */
export function ofPlatform(told: Told, complain: (graph: Graph, stack: Stack) => Complaints): Rule {
  return amongAll(told, isPlatform, (_, graph, stack) => complain(graph, stack));
}

export function ruled(told: Told, sees: Sight, check: Check): Rule {
  const clouds = CLOUD_NAMES.filter((cloud) => told.id.startsWith(`${cloud}-`));
  return { clouds: clouds.length > 0 ? clouds : CLOUD_NAMES, severity: "mandatory", ...told, sees, check };
}

export function isPlatform(type: string): boolean {
  return /^punctual:\w+:Platform$/.test(type);
}

function filterOf(types: string | readonly string[] | ((type: string) => boolean)): (type: string) => boolean {
  if (typeof types === "function") return types;
  return typeof types === "string" ? (type) => type === types : (type) => types.includes(type);
}

function violations({ urn }: Planned, complaints: Complaints): readonly Violation[] {
  if (complaints === undefined || complaints === false) return [];
  return (typeof complaints === "string" ? [complaints] : complaints).map((message) => ({ urn, message }));
}
