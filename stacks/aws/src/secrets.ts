import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, type Output } from "@pulumi/pulumi";
import type { Blueprint, SecretName } from "@punctual/stack-blueprint";
import * as random from "@pulumi/random";
import type { Keys, Plan } from "./parts.js";

export interface SecretsArgs extends Plan {
  readonly keys: Keys;
}

const SAYS: Readonly<Record<SecretName, string>> = {
  keys: "What signs messages and cursors: the key in use first, older ones after it, with commas between",
  auth: "What tokens are signed with",
};

const BYTES = 32;
/** Days in which a secret that was removed can still be saved. */
const RECOVERY_DAYS = 30;

/** The secrets that workloads need. Each begins with what chance gives; whoever changes it afterwards does so in its place. */
export class AwsSecrets extends ComponentResource {
  readonly arns: Readonly<Partial<Record<SecretName, Output<string>>>>;

  constructor(name: string, { blueprint, keys }: SecretsArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Secrets", name, {}, opts);
    const { precious } = blueprint.defaults;
    const made = (one: SecretName) => {
      const held = new aws.secretsmanager.Secret(
        `${name}-${one}`,
        {
          description: `${blueprint.names.prefix}: ${SAYS[one]}`,
          kmsKeyId: keys.secrets.arn,
          recoveryWindowInDays: precious ? RECOVERY_DAYS : 0,
        },
        { parent: this, protect: precious },
      );
      const chance = new random.RandomBytes(`${name}-${one}-bytes`, { length: BYTES }, { parent: this });
      new aws.secretsmanager.SecretVersion(
        `${name}-${one}-first`,
        { secretId: held.id, secretString: chance.base64 },
        // A key that was put in front of it since stays there.
        { parent: this, ignoreChanges: ["secretString", "versionStages"] },
      );
      return held.arn;
    };
    this.arns = Object.fromEntries(secretsOf(blueprint).map((one) => [one, made(one)]));
    this.registerOutputs({ arns: this.arns });
  }
}

function secretsOf({ workloads }: Blueprint): readonly SecretName[] {
  const named = workloads.flatMap((one) => one.needs.flatMap((need) => (need.kind === "secret" ? [need.secret] : [])));
  return [...new Set(named)].toSorted();
}
