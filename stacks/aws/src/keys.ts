import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { type Blueprint, needs } from "@punctual/stack-blueprint";
import { arnOf, type Place, rootOf, viaService } from "./arns.js";
import type { KeyDomain, Keys, Plan } from "./parts.js";
import { AWS_DEFAULTS } from "./settings.js";
import { policyOf, type Statement } from "./statements.js";

/**
 * What a key is for. `sealing` seals the secrets of destinations: whoever needs them asks it by itself. `transport` is what
 * carries messages between containers, and keeps them for a while.
 */
export type KeyUse = KeyDomain | "sealing" | "transport";

/** With this every request to the sealing key comes: the same text stands in `KmsDataKeys`. */
export const SEALING_CONTEXT = { name: "punctual", value: "data-key" } as const;

const DOMAINS: readonly KeyDomain[] = ["data", "messages", "secrets", "logs"];

/** Keys of our own, each rotated every year: one for everything in dev, elsewhere one for each domain. */
export class AwsKeys extends ComponentResource {
  readonly atRest: Keys;
  /** Where secrets of destinations are sealed by KMS. */
  readonly sealing: aws.kms.Key | undefined;

  constructor(name: string, plan: Plan, opts?: ComponentResourceOptions) {
    super("punctual:aws:Keys", name, {}, opts);
    const seals = sealsByKms(plan.blueprint);
    const made = (part: string, uses: readonly KeyUse[]) => keyFor(this, `${name}-${part}`, part, uses, plan);
    const carried: readonly KeyUse[] = plan.blueprint.settings.transport === undefined ? [] : ["transport"];
    if (plan.blueprint.defaults.keys === "shared") {
      const shared = made("shared", [...DOMAINS, ...carried, ...(seals ? (["sealing"] as const) : [])]);
      this.atRest = { data: shared, messages: shared, secrets: shared, logs: shared };
      this.sealing = seals ? shared : undefined;
    } else {
      const [data, messages, secrets, logs] = [
        made("data", ["data", ...carried]),
        made("messages", ["messages"]),
        made("secrets", ["secrets"]),
        made("logs", ["logs"]),
      ];
      this.atRest = { data, messages, secrets, logs };
      this.sealing = seals ? made("sealing", ["sealing"]) : undefined;
    }
    this.registerOutputs({ atRest: this.atRest, sealing: this.sealing });
  }
}

function sealsByKms({ workloads }: Blueprint): boolean {
  return workloads.some((one) => needs(one, "seal") || needs(one, "open"));
}

/** Of its own or of another region, which `place` says. */
export function keyFor(
  parent: ComponentResource,
  name: string,
  part: string,
  uses: readonly KeyUse[],
  { blueprint, own }: Plan,
  { place = own, provider }: { readonly place?: Place; readonly provider?: aws.Provider } = {},
): aws.kms.Key {
  const { settings, defaults, names } = blueprint;
  const opts = { parent, ...(provider !== undefined && { provider }) };
  const key = new aws.kms.Key(
    name,
    {
      description: `${names.prefix}: ${part}`,
      enableKeyRotation: true,
      deletionWindowInDays: AWS_DEFAULTS[settings.environment].keyDeletionDays,
      policy: policyOf(keyPolicyOf(uses, place)),
    },
    { ...opts, protect: defaults.precious },
  );
  new aws.kms.Alias(`${name}-alias`, { name: `alias/${names.of(part, 250)}`, targetKeyId: key.keyId }, opts);
  return key;
}

/** Nobody may use a key but through the services of its domain, not even who administers it. */
export function keyPolicyOf(uses: readonly KeyUse[], place: Place): readonly Statement<string>[] {
  return [statement("Administer", { AWS: rootOf(place) }, ADMINISTER), ...uses.flatMap((use) => USES[use](place))];
}

const ADMINISTER = [
  ...["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias", "kms:UpdateKeyDescription"],
  ...["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:PutKeyPolicy"],
  ...["kms:ListAliases", "kms:ListGrants", "kms:ListKeyPolicies", "kms:ListKeyRotations", "kms:ListResourceTags"],
  ...["kms:EnableKey", "kms:DisableKey", "kms:EnableKeyRotation", "kms:DisableKeyRotation", "kms:RotateKeyOnDemand"],
  ...["kms:TagResource", "kms:UntagResource", "kms:RevokeGrant", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"],
];

const SEAL_AND_OPEN = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"];

const USES: Readonly<Record<KeyUse, (place: Place) => readonly Statement<string>[]>> = {
  // AWS Backup makes a vault with a grant that it gives back.
  data: (place) => [through("UseForData", place, ["rds", "backup"], ["kms:CreateGrant", "kms:RetireGrant"])],
  transport: (place) => [through("UseForTransport", place, ["elasticache"])],
  messages: (place) => [
    through("UseForMessages", place, ["sqs", "sns"]),
    // They tell a sealed topic by themselves, on nobody's behalf.
    statement(
      "UseForAlarms",
      { Service: ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"] },
      ["kms:Decrypt", "kms:GenerateDataKey*"],
      { StringEquals: { "aws:SourceAccount": place.accountId } },
    ),
  ],
  secrets: (place) => [through("UseForSecrets", place, ["secretsmanager", "rds"])],
  logs: (place) => [
    statement("UseForLogs", { Service: viaService(place, "logs") }, SEAL_AND_OPEN, {
      ArnLike: { "kms:EncryptionContext:aws:logs:arn": arnOf(place, "logs", "log-group:*") },
    }),
  ],
  sealing: (place) => [
    statement("UseForSealing", { AWS: rootOf(place) }, ["kms:GenerateDataKey", "kms:Decrypt"], {
      StringEquals: { [`kms:EncryptionContext:${SEALING_CONTEXT.name}`]: SEALING_CONTEXT.value },
    }),
  ],
};

function through(
  sid: string,
  place: Place,
  services: readonly string[],
  grants: readonly string[] = ["kms:CreateGrant"],
): Statement<string> {
  return statement(sid, { AWS: rootOf(place) }, [...SEAL_AND_OPEN, ...grants], {
    StringEquals: { "kms:ViaService": services.map((service) => viaService(place, service)) },
  });
}

function statement(
  Sid: string,
  Principal: Readonly<Record<string, string | readonly string[]>>,
  Action: readonly string[],
  Condition?: Statement["Condition"],
): Statement<string> {
  // In a key's policy that is the key itself.
  const Resource = ["*"];
  return { Sid, Effect: "Allow", Principal, Action, Resource, ...(Condition !== undefined && { Condition }) };
}
