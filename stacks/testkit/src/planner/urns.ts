/** The type of the root, which everything else is below. */
export const STACK_TYPE = "pulumi:pulumi:Stack";

/** As the engine names resources: by the types of all their parents but the stack. */
export function urnOf(
  { project, stack }: { readonly project: string; readonly stack: string },
  { parent, type, name }: { readonly parent: string; readonly type: string; readonly name: string },
): string {
  const above = parent.split("::")[2];
  const types = above === undefined || above === STACK_TYPE ? type : `${above}$${type}`;
  return `urn:pulumi:${stack}::${project}::${types}::${name}`;
}

/** `aws` of `aws:sqs/queue:Queue`. */
export function packageOf(token: string): string {
  return token.split(":")[0] ?? token;
}
