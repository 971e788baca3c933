import type { Workload } from "@punctual/stack-blueprint";
import type { ServiceBindings } from "./parts.js";

export const MAIN = "punctual";

/** One image is for all of them; the command says which it is. */
export function commandOf({ name }: Workload) {
  return {
    commands: ["node"],
    args: ["--enable-source-maps", `apps/functions/dist/src/gcp/entries/${name}.js`],
  };
}

/** For services and for jobs. */
export function envsOf(bindings: ServiceBindings) {
  return Object.entries(bindings)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, binding]) =>
      "value" in binding
        ? { name, value: binding.value }
        : {
            name,
            // A version by its number: by `latest` instances of one revision would have different ones.
            valueSource: {
              secretKeyRef: { secret: binding.secret.secret.secretId, version: binding.secret.version },
            },
          },
    );
}
