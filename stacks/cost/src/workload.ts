import type { WorkloadName } from "@punctual/stack-blueprint";
import type { Planned } from "@punctual/stack-testkit";

const NAMES: readonly WorkloadName[] = [
  "api",
  "authorizer",
  "scheduler",
  "worker",
  "dead-letters",
  "migrate",
  "health",
];
const WORKLOAD = new RegExp(`(?:^|-)(${NAMES.join("|")})(?=-|$)`, "g");

/** Which workload it is, by its name: that says how often it is called. A name that says none is refused. */
export function workloadOf({ name, type, inputs }: Planned): WorkloadName {
  const given = typeof inputs["name"] === "string" ? inputs["name"] : "";
  const [named] = [given, name].flatMap((text) => [...text.matchAll(WORKLOAD)].slice(-1));
  const workload = NAMES.find((one) => one === named?.[1]);
  if (workload === undefined) throw new TypeError(`${name} (${type}) is none of ${NAMES.join(", ")}: who calls it?`);
  return workload;
}
