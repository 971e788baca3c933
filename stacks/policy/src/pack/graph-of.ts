import type { PolicyResource, ResourceValidationArgs } from "@pulumi/policy";
import { Graph, type Planned } from "@punctual/stack-testkit";
import { plain } from "./plain.js";

/** What a policy pack is shown of a resource, all alone or among others. */
type Shown = ResourceValidationArgs | PolicyResource;

/** A stack as a policy pack is shown it, as rules look at it. Nobody tells a pack what is secret. */
export function graphOf(resources: readonly Shown[]): Graph {
  return new Graph(resources.map(plannedOf));
}

function plannedOf(shown: Shown): Planned {
  const { type, urn, name, opts, provider } = shown;
  const beside = "dependencies" in shown ? shown : undefined;
  return {
    ...{ type, urn, name },
    custom: !type.startsWith("punctual:") && type !== "pulumi:pulumi:Stack",
    parent: beside?.parent?.urn ?? opts.parent,
    inputs: plain(shown.props) as Readonly<Record<string, unknown>>,
    secrets: [],
    dependencies: beside?.dependencies.map((one) => one.urn) ?? [],
    propertyDependencies: Object.fromEntries(
      Object.entries(beside?.propertyDependencies ?? {}).map(([input, from]) => [input, from.map((one) => one.urn)]),
    ),
    provider: provider?.urn,
    protect: opts.protect,
    retainOnDelete: false,
    ignoreChanges: opts.ignoreChanges,
  };
}
