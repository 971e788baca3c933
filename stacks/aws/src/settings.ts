import { type EnvironmentName, readBy, type Reading, type Runtime, type Settings } from "@punctual/stack-blueprint";
import { z } from "zod";

const SETTINGS = z.strictObject({
  /** Nothing is made in another account, whosever credentials are at hand. */
  accountId: z.string().regex(/^\d{12}$/, "must be the twelve digits of an account"),
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be a region such as eu-west-1"),
  vpcCidr: z
    .string()
    .regex(/^10\.\d{1,3}\.0\.0\/16$/, "must be a network such as 10.20.0.0/16")
    .default("10.20.0.0/16"),
  natGateways: z.number().int().min(0).max(3).optional(),
  /** How long SQS keeps a message out of sight: six times what the worker may take, or more. */
  visibilitySeconds: z.number().int().min(1).max(43_200).optional(),
  /** Whether the scheduler reserves its one place; accounts with few places cannot. */
  reserveScheduler: z.boolean().optional(),
  database: z
    .strictObject({
      instanceClass: z.string().regex(/^db\./).optional(),
      storageGb: z.number().int().min(20).optional(),
      mostStorageGb: z.number().int().min(20).optional(),
    })
    .default({}),
  /** Where backups are copied to, in environments whose backups are. */
  backupRegion: z.string().optional(),
  /** Where `npm run build:lambda` has put the functions; or what was uploaded, so that each environment gets the same. */
  artifacts: z
    .union([
      z.strictObject({ folder: z.string() }),
      z.strictObject({
        bucket: z.string(),
        keys: z.record(z.string(), z.strictObject({ key: z.string(), version: z.string() })),
      }),
    ])
    .default({ folder: "../apps/functions/dist/lambda" }),
  /** For containers: images by what is in them. */
  images: z
    .strictObject({
      punctual: z.string().regex(/@sha256:[\da-f]{64}$/),
      collector: z.string().regex(/@sha256:[\da-f]{64}$/),
    })
    .optional(),
  /** What no role of a workload may exceed: whoever deploys may make no others (docs/bootstrap.md). */
  permissionsBoundary: z
    .string()
    .regex(/^arn:aws:iam::\d{12}:policy\/.+/)
    .optional(),
  /** Whether there is a place for the pages of a console. */
  console: z.boolean().default(true),
});

export type AwsSettings = z.output<typeof SETTINGS>;

export function readAwsSettings(own: unknown): Reading<AwsSettings> {
  return readBy(SETTINGS, own, { under: "aws", standIns: { accountId: "000000000000", region: "xx-nowhere-1" } });
}

/** Sizes that are AWS's own. */
export interface AwsDefaults {
  readonly natGateways: number;
  /** Services that are reached without leaving the network. */
  readonly interfaceEndpoints: readonly string[];
  readonly instanceClass: string;
  readonly storageGb: number;
  readonly mostStorageGb: number;
  readonly reserveScheduler: boolean;
  /**
   * To the second ticks linger, and keep a function busy all the time. Where they do not, what is made for the coming minute
   * waits for the next tick, and in a single stage everything does.
   */
  readonly punctualTo: "second" | "minute";
  /** Days in which a key can still be saved from deletion. */
  readonly keyDeletionDays: number;
}

export const AWS_DEFAULTS: Readonly<Record<EnvironmentName, AwsDefaults>> = {
  dev: {
    natGateways: 1,
    interfaceEndpoints: [],
    instanceClass: "db.t4g.micro",
    storageGb: 20,
    mostStorageGb: 50,
    reserveScheduler: false,
    punctualTo: "minute",
    keyDeletionDays: 7,
  },
  staging: {
    natGateways: 1,
    interfaceEndpoints: [],
    instanceClass: "db.t4g.small",
    storageGb: 20,
    mostStorageGb: 100,
    reserveScheduler: true,
    punctualTo: "second",
    keyDeletionDays: 7,
  },
  production: {
    natGateways: 2,
    interfaceEndpoints: ["secretsmanager", "sqs"],
    instanceClass: "db.t4g.medium",
    storageGb: 50,
    mostStorageGb: 200,
    reserveScheduler: true,
    punctualTo: "second",
    keyDeletionDays: 30,
  },
};

/** How often a worker's whole time must fit into what SQS waits: AWS asks for it, as polls and retries take their share. */
export const TIMES = 6;

export function visibilityOf(own: AwsSettings, timeoutSeconds: number): number {
  return own.visibilitySeconds ?? TIMES * timeoutSeconds;
}

/** What settings come to, with what an environment is given where they say nothing. */
export function gatewaysOf({ natGateways }: AwsSettings, { environment }: Settings): number {
  return natGateways ?? AWS_DEFAULTS[environment].natGateways;
}

export function instanceClassOf({ database }: AwsSettings, { environment }: Settings): string {
  return database.instanceClass ?? AWS_DEFAULTS[environment].instanceClass;
}

export function reservesScheduler({ reserveScheduler }: AwsSettings, { environment }: Settings): boolean {
  return reserveScheduler ?? AWS_DEFAULTS[environment].reserveScheduler;
}

/** What is asked by whoever runs: without a way out there must be a way inside. */
const ASKED: Readonly<Record<Runtime, readonly string[]>> = {
  serverless: ["kms", "secretsmanager", "sqs"],
  // Images, secrets and logs before a program begins; metrics by way of a log.
  containers: ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "xray"],
};

export function endpointsOf(own: AwsSettings, settings: Settings): readonly string[] {
  const asked = ASKED[settings.shape.runtime];
  const usual = AWS_DEFAULTS[settings.environment].interfaceEndpoints;
  return gatewaysOf(own, settings) > 0 ? usual.filter((one) => asked.includes(one)) : asked;
}
