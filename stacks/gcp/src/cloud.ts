import * as google from "@pulumi/gcp";
import type { Cloud } from "@punctual/stack-blueprint";
import * as random from "@pulumi/random";
import { labelsOf } from "./labels.js";
import { objectionsToGcp } from "./objections.js";
import type { Plan } from "./parts.js";
import { GcpPlatform } from "./platform.js";
import type { MakeGcpTransport } from "./transport.js";
import { type GcpSettings, readGcpSettings } from "./settings.js";

export const gcp: Cloud<GcpSettings> = {
  name: "gcp",
  readSettings: readGcpSettings,
  objections: objectionsToGcp,
  provision: (own, blueprint, transport) => {
    const plan: Plan = { own, blueprint };
    const args = { ...plan, transport: transport as MakeGcpTransport | undefined };
    return new GcpPlatform(blueprint.names.prefix, args, { providers: providersOf(plan) }).outputs;
  },
};

/** Everything is made by these, so that nothing can be made in another project. */
function providersOf({ own, blueprint }: Plan) {
  const { prefix } = blueprint.names;
  const { project, region } = own;
  return [
    new google.Provider(`${prefix}-gcp`, {
      ...{ project, region },
      defaultLabels: labelsOf(blueprint.tags),
      addPulumiAttributionLabel: false,
      // Budgets are asked for in the name of a project.
      userProjectOverride: true,
      billingProject: project,
    }),
    new random.Provider(`${prefix}-random`),
  ];
}
