import type { Graph } from "@punctual/stack-testkit";
import type { CloudName } from "../rule.js";
import { AWS_MUTATIONS } from "./aws-mutations.js";
import { GCP_MUTATIONS } from "./gcp-mutations.js";
import type { Mutated, Mutation } from "./mutation.js";

export { AWS_MUTATIONS, GCP_MUTATIONS };
export type { Mutated, Mutation };

export const MUTATIONS: Readonly<Record<CloudName, readonly Mutation[]>> = {
  aws: AWS_MUTATIONS,
  gcp: GCP_MUTATIONS,
};

/** Each mutation that a plan has something for, made. The plan is one in which everything is known. */
export function mutantsOf(graph: Graph, cloud: CloudName): readonly (Mutation & Mutated)[] {
  return MUTATIONS[cloud].flatMap((mutation) => {
    const mutated = mutation.apply(graph);
    return mutated === undefined ? [] : [{ ...mutation, ...mutated }];
  });
}
