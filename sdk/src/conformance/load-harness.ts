import type { TransportHarness } from "@punctual/core/conformance";
import { isPath } from "../import-from.js";
import { BadTransport, importFrom, VARIABLE_PREFIX, type Variables } from "../load-transport.js";

/**
 * The harness that an adapter exports, as `harness`, a function of its variables: from `conformance` of its package, or from
 * the module that a path or a `file:` URL names.
 */
export async function loadHarness(specifier: string, variables: Variables, from: string): Promise<TransportHarness> {
  const { harness: exported } = await importFrom(isPath(specifier) ? specifier : `${specifier}/conformance`, from);
  if (typeof exported !== "function") {
    throw new BadTransport(specifier, [
      "its module has no export named `harness`: export a function of the variables that answers a TransportHarness",
    ]);
  }
  const own = Object.entries(variables).filter(([name]) => name.startsWith(VARIABLE_PREFIX));
  const harness: unknown = await (exported as (variables: Variables) => unknown)(Object.fromEntries(own));
  const { open, capabilities } = Object(harness) as Readonly<Record<string, unknown>>;
  if (typeof open !== "function" || typeof capabilities !== "object") {
    throw new BadTransport(specifier, ["what its `harness` answers has no `open` or no `capabilities`"]);
  }
  return harness as TransportHarness;
}
