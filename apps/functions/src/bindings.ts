import { contradictionsIn } from "@punctual/api/variables";
import type { z } from "zod";
import { SHAPES as AWS } from "./aws/shapes.js";
import { contradictionsInLogin, KNOWN as KNOWN_ON_AWS, SECRET_VARIABLES } from "./aws/variables.js";
import { BadConfig, type Environment, read } from "./config.js";
import { SHAPES as GCP } from "./gcp/shapes.js";
import { isOnTasks, KNOWN as KNOWN_ON_GCP } from "./gcp/variables.js";

/** What is wrong with the variables that a workload is given: what it lacks, what it cannot use, and what it never reads. */
export function wrongBindings(cloud: "aws" | "gcp", workload: string, given: Environment): readonly string[] {
  const environment = cloud === "aws" ? unnamed(given) : given;
  const shape = shapeOf(cloud, workload, environment);
  if (shape === undefined) return [`${workload} is no workload on ${cloud}`];
  const unread = Object.keys(environment)
    .filter((name) => !(name in shape))
    .map((name) => `${name} is not read`);
  try {
    read(environment, shape, cloud === "aws" ? KNOWN_ON_AWS : KNOWN_ON_GCP, contradictionsOf(shape));
    return unread;
  } catch (error) {
    if (!(error instanceof BadConfig)) throw error;
    return [...error.message.split("\n"), ...unread];
  }
}

function shapeOf(cloud: "aws" | "gcp", workload: string, environment: Environment): z.ZodRawShape | undefined {
  const shapes: Readonly<Record<string, z.ZodRawShape>> = cloud === "aws" ? AWS : GCP;
  if (workload === "scheduler" && environment["PUNCTUAL_SCHEDULER"] === "single-stage") return shapes["single-stage"];
  return (isOnTasks(environment) ? shapes[`${workload}, tasks`] : undefined) ?? shapes[workload];
}

/** Who reads a variable has what contradictions with it are sought in. */
function contradictionsOf(shape: z.ZodRawShape): (given: unknown) => readonly string[] {
  const sought: readonly ((given: never) => readonly string[])[] = [
    ...("PUNCTUAL_AUTH" in shape ? [contradictionsIn] : []),
    ...("PUNCTUAL_DATABASE_PASSWORD_ARN" in shape ? [contradictionsInLogin] : []),
  ];
  return (given) => sought.flatMap((seek) => seek(given as never));
}

/** Where a variable names a secret, something stands in for what that holds. */
function unnamed(given: Environment): Environment {
  const names = new Map(SECRET_VARIABLES.map((name) => [`${name}_ARN`, name]));
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const secret = names.get(name);
      return secret === undefined ? [name, value] : [secret, HELD[secret]];
    }),
  );
}

const HELD: Readonly<Record<(typeof SECRET_VARIABLES)[number], string>> = {
  PUNCTUAL_SECRET_KEYS: "A".repeat(43) + "=",
  PUNCTUAL_AUTH_SECRET: "a".repeat(32),
};
