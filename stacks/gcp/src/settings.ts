import { readBy, type Reading } from "@punctual/stack-blueprint";
import { z } from "zod";

const byDigest = z.string().regex(/@sha256:[\da-f]{64}$/, "must be named by its digest: …@sha256:…");

/** What Cloud Run keeps running; a job is run and ends. */
export const SERVICES = ["api", "scheduler", "worker", "dead-letters"] as const;
export type ServiceName = (typeof SERVICES)[number];

const SETTINGS = z.strictObject({
  project: z.string().regex(/^[a-z][a-z\d-]{4,28}[a-z\d]$/, "must be the id of a project"),
  /** Google's own accounts are named by it. */
  projectNumber: z.string().regex(/^\d{6,}$/, "must be the number of the project"),
  region: z.string().regex(/^[a-z]+-[a-z]+\d$/, "must be a region such as europe-west1"),
  billingAccount: z.string().regex(/^[\dA-F]{6}(-[\dA-F]{6}){2}$/, "must be the id of a billing account"),
  /** The image of all services, by what is in it. */
  image: byDigest,
  /** The OpenTelemetry collector beside each service. Without it nobody is told what Punctual measures by itself. */
  collectorImage: byDigest.optional(),
  /** Where instances have their addresses. */
  subnet: z
    .string()
    .regex(/^10\.\d{1,3}\.\d{1,3}\.0\/(1[6-9]|2[0-4])$/, "must be a network such as 10.40.0.0/20")
    .default("10.40.0.0/20"),
  /** `all` has calls to receivers go out by NAT, too, from an address that stays; otherwise only what is private does. */
  egress: z.enum(["private-ranges", "all"]).default("private-ranges"),
  /** How long Pub/Sub waits for a push to be answered. */
  ackDeadlineSeconds: z.number().int().min(10).max(600).default(600),
  database: z
    .strictObject({
      tier: z
        .string()
        .regex(/^db-(f1-micro|g1-small|custom-\d+-\d+)$/, "must be a machine such as db-custom-2-7680")
        .optional(),
      storageGb: z.number().int().min(10).optional(),
      mostStorageGb: z.number().int().min(10).optional(),
      /** Connections of each instance; left out, as many as suit its runtime. */
      pool: z.number().int().min(1).max(100).optional(),
    })
    .prefault({}),
  /** Where backups are, in environments whose backups are elsewhere: another region, or a part of the world such as `eu`. */
  backupLocation: z.string().optional(),
  /** Instances at the most; left out, as many workers as the database has connections for. Of a pool it is as many as there are. */
  instances: z
    .strictObject({ api: z.number().int().min(1).optional(), worker: z.number().int().min(1).optional() })
    .default({}),
  /** Whole names of keys that sealed secrets of destinations before the one that is made here. */
  olderSealingKeys: z.array(z.string().regex(/^projects\/.+\/cryptoKeys\/.+$/)).default([]),
  /** Versions of secrets that somebody has added by hand; otherwise the one that is made here is in use. */
  secretVersions: z.strictObject({ keys: z.string().optional(), auth: z.string().optional() }).default({}),
  /** Of a release: the revision that has proven itself, and how much of the traffic the new one is given. */
  traffic: z
    .partialRecord(z.enum(SERVICES), z.strictObject({ stable: z.string(), percent: z.number().int().min(0).max(100) }))
    .default({}),
  /** Of containers, the first time: `false` lets none begin, until an administrator has run what `databaseRoles` says. */
  started: z.boolean().default(true),
  /** Whether there is a place for the pages of a console. A load balancer reads it as anybody would, so they are public. */
  console: z.boolean().default(false),
});

export type GcpSettings = z.output<typeof SETTINGS>;

export function readGcpSettings(own: unknown): Reading<GcpSettings> {
  return readBy(SETTINGS, own, { under: "gcp", standIns: STAND_INS });
}

const STAND_INS = {
  ...{ project: "nobodys", projectNumber: "000000", region: "nowhere-central1" },
  ...{ billingAccount: "000000-000000-000000", image: `none@sha256:${"0".repeat(64)}` },
};
