import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions, output } from "@pulumi/pulumi";
import type { SecretName } from "@punctual/stack-blueprint";
import * as random from "@pulumi/random";
import { workloadsOn } from "./differences.js";
import type { GcpKeys } from "./keys.js";
import type { Plan, SecretPart, SecretParts } from "./parts.js";

/** What keys are made of, and more than a token's signature needs. */
const BYTES = 32;

/** The secrets that workloads are given, made here by chance. */
export class GcpSecrets extends ComponentResource {
  readonly parts: SecretParts;

  constructor(name: string, plan: Plan, keys: GcpKeys, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Secrets", name, {}, opts);
    const needed = workloadsOn(plan.blueprint).flatMap(({ needs }) =>
      needs.flatMap((need) => (need.kind === "secret" ? [need.secret] : [])),
    );
    const parts = [...new Set(needed)].map((secret) => [secret, this.#make(name, secret, plan, keys)] as const);
    this.parts = Object.fromEntries(parts);
    this.registerOutputs({});
  }

  #make(name: string, part: SecretName, { own, blueprint }: Plan, { secrets }: GcpKeys): SecretPart {
    const { precious } = blueprint.defaults;
    const lasting = { parent: this, protect: precious };
    const bytes = new random.RandomBytes(`${name}-${part}`, { length: BYTES }, lasting);
    const sealed = { location: own.region, customerManagedEncryption: { kmsKeyName: secrets.key.id } };
    const secret = new gcp.secretmanager.Secret(
      `${name}-${part}`,
      {
        secretId: blueprint.names.of(part),
        replication: { userManaged: { replicas: [sealed] } },
        deletionProtection: precious,
      },
      { ...lasting, dependsOn: [secrets.allowed] },
    );
    const made = new gcp.secretmanager.SecretVersion(
      `${name}-${part}`,
      { secret: secret.id, secretData: bytes.base64 },
      lasting,
    );
    const byHand = own.secretVersions[part];
    return { secret, version: byHand === undefined ? made.version : output(byHand) };
  }
}
