import type { World } from "../world.js";
import { gcpCall } from "./gcp-calls.js";
import { GCP_OUTPUTS, type GcpPlace } from "./gcp-outputs.js";
import { physicalNameOf } from "./made-up.js";
import { randomOutputs } from "./random.js";

/** A project in which everything is made at once: what Google would say has the right shape, and is never true. */
export function gcpWorld({
  project = "acme-punctual-dev",
  projectNumber = "111111111111",
  region = "europe-west1",
}: Partial<GcpPlace> = {}): World {
  const place = { project, projectNumber, region };
  return {
    outputs: (asked) => {
      const random = randomOutputs(asked);
      if (random !== undefined) return random;
      if (!asked.type.startsWith("gcp:")) return {};
      return GCP_OUTPUTS[asked.type]?.(asked, place) ?? { name: physicalNameOf(asked), id: physicalNameOf(asked) };
    },
    call: (token, args) => gcpCall(token, args, place),
  };
}
