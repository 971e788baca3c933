import type { ComponentResourceOptions, ResourceTransformation } from "@pulumi/pulumi";
import type { Plan } from "./parts.js";

/** Gives every role below the boundary that the settings name, whoever makes the role: one that were forgotten could not be made. */
export function bounded({ own }: Plan, opts: ComponentResourceOptions = {}): ComponentResourceOptions {
  const { permissionsBoundary } = own;
  if (permissionsBoundary === undefined) return opts;
  const bind: ResourceTransformation = ({ type, props, opts: same }) =>
    type === "aws:iam/role:Role" ? { props: { ...props, permissionsBoundary }, opts: same } : undefined;
  return { ...opts, transformations: [...(opts.transformations ?? []), bind] };
}
