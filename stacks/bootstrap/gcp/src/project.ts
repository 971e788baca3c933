import * as gcp from "@pulumi/gcp";
import {
  ComponentResource,
  type ComponentResourceOptions,
  interpolate,
  mergeOptions,
  type Output,
  type Resource,
  type ResourceTransformation,
} from "@pulumi/pulumi";
import { Apis } from "./apis.js";
import { Audit } from "./audit.js";
import { Deployers } from "./deployers.js";
import { Images } from "./images.js";
import type { ProjectSettings } from "./settings.js";
import { Spend } from "./spend.js";
import { StateStore } from "./state-store.js";

/** What whoever deploys must know of a project. */
export interface ProjectOutputs {
  /** For `pulumi login`. */
  readonly backend: Output<string>;
  /** For `secretsprovider` in the stacks' files. */
  readonly secretsProvider: Output<string>;
  /** The account of each environment, and what its workflow shows its token to. */
  readonly deployers: Readonly<Record<string, Output<string>>>;
  readonly identityProvider: Output<string>;
  /** Where images are pushed, where this project keeps them. */
  readonly images?: Output<string>;
}

/** What there is once in a project of Google Cloud, whatever environments are in it. */
export class GcpProject extends ComponentResource {
  readonly outputs: ProjectOutputs;

  constructor(name: string, settings: ProjectSettings, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Project", name, {}, opts);
    const { services } = new Apis(`${name}-apis`, { parent: this });
    // Whatever is asked of a service that is still off is refused.
    const after = { parent: this, transformations: [waitingFor([...services])] };
    const state = new StateStore(`${name}-state`, settings, after);
    const images = settings.images ? new Images(`${name}-images`, { settings, ring: state.ring }, after) : undefined;
    const deployers = new Deployers(`${name}-deploy`, { settings, state, images }, after);
    new Audit(`${name}-audit`, settings, after);
    new Spend(`${name}-spend`, settings, after);
    this.outputs = {
      backend: interpolate`gs://${state.bucket.name}`,
      secretsProvider: interpolate`gcpkms://${state.key.id}`,
      deployers: deployers.emails,
      identityProvider: deployers.provider.name,
      ...(images !== undefined && { images: images.url }),
    };
    this.registerOutputs({ ...this.outputs });
  }
}

/** What a component waits for its children do not wait for, so each of them is told. */
function waitingFor(dependsOn: Resource[]): ResourceTransformation {
  return ({ props, opts }) => ({ props, opts: mergeOptions(opts, { dependsOn }) });
}

export function provisionProject(settings: ProjectSettings): ProjectOutputs {
  const provider = new gcp.Provider("gcp", {
    project: settings.project,
    region: settings.region,
    // Budgets are asked for in the name of a project.
    userProjectOverride: true,
    billingProject: settings.project,
    defaultLabels: { project: settings.name, "managed-by": "pulumi", component: "bootstrap" },
    addPulumiAttributionLabel: false,
  });
  return new GcpProject(settings.name, settings, { providers: [provider] }).outputs;
}
