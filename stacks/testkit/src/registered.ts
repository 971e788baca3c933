import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import type { Planned } from "./graph.js";
import { readableFields } from "./readable.js";

/** What a program has asked for, as it came over the wire. */
export function plannedOf(urn: string, asked: RegisterResourceRequest): Planned {
  const { values, secrets, secretParts } = readableFields(asked.getObject()?.toJavaScript() ?? {});
  const dependencies: Record<string, readonly string[]> = {};
  for (const [input, sources] of asked.getPropertydependenciesMap().entries()) {
    const urns = sources.getUrnsList();
    if (urns.length > 0) dependencies[input] = urns.toSorted();
  }
  return {
    urn,
    type: asked.getType(),
    name: asked.getName(),
    custom: asked.getCustom(),
    parent: asked.getParent() || undefined,
    inputs: values,
    secrets,
    secretParts,
    dependencies: asked.getDependenciesList().toSorted(),
    propertyDependencies: dependencies,
    provider: asked.getProvider() || undefined,
    protect: asked.getProtect() ?? false,
    retainOnDelete: asked.getRetainondelete() ?? false,
    ignoreChanges: asked.getIgnorechangesList().toSorted(),
  };
}
