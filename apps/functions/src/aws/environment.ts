import { openSecrets } from "@punctual/adapter-aws/wiring";
import { localClock } from "@punctual/adapter-local/wiring";
import { BadConfig, type Environment } from "../config.js";
import { SECRET_VARIABLES } from "./variables.js";

/** Where `X_ARN` names a secret, `X` is what it holds: in the environment of a function stand names alone. */
export async function environmentOf(given: Environment): Promise<Environment> {
  const named = SECRET_VARIABLES.filter((name) => (given[`${name}_ARN`] ?? "") !== "");
  const twice = named.filter((name) => (given[name] ?? "") !== "");
  if (twice.length > 0) throw new BadConfig(twice.map((name) => `${name} and ${name}_ARN are both set`).join("\n"));
  if (named.length === 0) return given;
  const secrets = openSecrets({ endpoint: given["PUNCTUAL_AWS_ENDPOINT"] ?? null }, localClock());
  const held = await Promise.all(
    named.map(async (name) => [name, (await secrets.read(given[`${name}_ARN`] ?? "")).trim()] as const),
  );
  return { ...given, ...Object.fromEntries(held) };
}
