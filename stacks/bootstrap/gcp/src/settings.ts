import { ENVIRONMENTS, readBy, type Reading } from "@punctual/stack-blueprint";
import { z } from "zod";

const number = z.string().regex(/^\d{6,}$/, "must be the number of a project");

const SETTINGS = z
  .strictObject({
    project: z.string().regex(/^[a-z][a-z\d-]{4,28}[a-z\d]$/, "must be the id of a project"),
    /** Google's own accounts are named by it. */
    projectNumber: number,
    region: z.string().regex(/^[a-z]+-[a-z]+\d$/, "must be a region such as europe-west1"),
    /** What the platforms are called; their accounts begin with it. */
    name: z
      .string()
      .regex(/^[a-z][a-z\d-]{1,10}[a-z\d]$/, "must be 3 to 12 small letters, digits and hyphens")
      .default("punctual"),
    /** Whose workflows may deploy. */
    repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, "must be an owner and a name: acme/punctual"),
    /** Environments that are in this project. */
    environments: z.array(z.enum(ENVIRONMENTS)).min(1),
    billingAccount: z.string().regex(/^[\dA-F]{6}(-[\dA-F]{6}){2}$/, "must be the id of a billing account"),
    alertEmail: z.email(),
    monthlyBudgetUsd: z.number().int().min(1),
    /** How long logs are kept; what was done with the project Google keeps for 400 days by itself. */
    logDays: z.number().int().min(1).max(3_650).default(30),
    /** Whether images are kept here; where there are several projects, one has them for all. */
    images: z.boolean().default(true),
    /** Other projects whose services take images from here, by their numbers. */
    imagesFor: z.array(number).default([]),
  })
  .refine(({ environments }) => new Set(environments).size === environments.length, {
    path: ["environments"],
    message: "names one of them twice",
  })
  .refine(({ images, imagesFor }) => images || imagesFor.length === 0, {
    path: ["imagesFor"],
    message: "names projects, and images are kept elsewhere",
  });

export type ProjectSettings = z.output<typeof SETTINGS>;

export function readProjectSettings(raw: unknown): Reading<ProjectSettings> {
  return readBy(SETTINGS, raw ?? {}, { under: "project" });
}
