import type { Input } from "@pulumi/pulumi";
import { needs, type Workload } from "@punctual/stack-blueprint";
import { isCalled } from "./callers.js";
import { SENDS } from "./network.js";
import type { Plan } from "./parts.js";

/** The network that instances have their addresses in. */
export interface Inside {
  readonly vpc: { readonly id: Input<string> };
  readonly subnet: { readonly id: Input<string> };
}

/** To the database by its private address. Who calls receivers bears the tag that lets it, and goes by NAT where that is said. */
export function accessOf(plan: Plan, workload: Workload, { vpc, subnet }: Inside) {
  const sends = needs(workload, "egress");
  const tags = sends ? { tags: [SENDS] } : {};
  return {
    networkInterfaces: [{ network: vpc.id, subnetwork: subnet.id, ...tags }],
    egress: sends && plan.own.egress === "all" ? "ALL_TRAFFIC" : "PRIVATE_RANGES_ONLY",
  };
}

/** Pub/Sub and Cloud Scheduler of the project come in as from the inside. With a name requests come by its load balancer alone. */
export function ingressOf({ blueprint }: Plan, workload: Workload): string {
  if (isCalled(workload)) return "INGRESS_TRAFFIC_INTERNAL_ONLY";
  return blueprint.settings.domain === undefined ? "INGRESS_TRAFFIC_ALL" : "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER";
}
