import { ENVIRONMENTS, readBy, type Reading } from "@punctual/stack-blueprint";
import { z } from "zod";

const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be a region such as eu-west-1");

const SETTINGS = z
  .strictObject({
    /** Nothing is made in another account, whosever credentials are at hand. */
    accountId: z.string().regex(/^\d{12}$/, "must be the twelve digits of an account"),
    region,
    /** Where else something may be made: copies of backups. */
    otherRegions: z.array(region).default([]),
    /** What the platforms are called; their roles, buckets and secrets begin with it. */
    project: z
      .string()
      .regex(/^[a-z][a-z\d-]{1,18}[a-z\d]$/, "must be 3 to 20 small letters, digits and hyphens")
      .default("punctual"),
    /** Whose workflows may deploy. */
    repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, "must be an owner and a name: acme/punctual"),
    /** Environments that are in this account. */
    environments: z.array(z.enum(ENVIRONMENTS)).min(1),
    /** Whether GitHub is already known to the account, to which it can be made known once. */
    githubKnown: z.boolean().default(false),
    alertEmail: z.email(),
    monthlyBudgetUsd: z.number().int().min(1),
    /** How long it is kept what was done with the account. */
    auditDays: z.number().int().min(90).max(3_653).default(365),
    /** Whether GuardDuty, Security Hub and Access Analyzer look after the account; an organization may have them already. */
    posture: z.boolean().default(true),
  })
  .refine(({ environments }) => new Set(environments).size === environments.length, {
    path: ["environments"],
    message: "names one of them twice",
  })
  .refine(({ region: own, otherRegions }) => !otherRegions.includes(own), {
    path: ["otherRegions"],
    message: "has the region itself",
  });

export type AccountSettings = z.output<typeof SETTINGS>;

export function readAccountSettings(raw: unknown): Reading<AccountSettings> {
  return readBy(SETTINGS, raw ?? {}, { under: "account" });
}
