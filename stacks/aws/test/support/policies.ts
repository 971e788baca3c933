import type { Planned } from "@punctual/stack-testkit";
import type { Statement } from "../../src/statements.js";

/** The statements of a policy that a resource was given as a text. */
export function statementsIn({ inputs, urn }: Planned, input = "policy"): readonly Statement<string>[] {
  const text = inputs[input];
  if (typeof text !== "string") throw new TypeError(`${urn} has no ${input} that is a text`);
  return (JSON.parse(text) as { readonly Statement: readonly Statement<string>[] }).Statement;
}
