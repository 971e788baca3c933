import { RunError } from "@pulumi/pulumi";
import {
  blueprintOf,
  type Cloud,
  parseStackName,
  type PlatformOutputs,
  type Raw,
  type Reading,
  readSettings,
} from "@punctual/stack-blueprint";
import { CLOUDS } from "./clouds.js";

export interface Stack {
  readonly project: string;
  readonly name: string;
  /** Its configuration, by names without the project's. */
  readonly config: Raw;
}

/** Registers a whole platform, or throws all that is wrong with what it was told, before anything is registered. */
export async function provision(stack: Stack, clouds = CLOUDS): Promise<PlatformOutputs> {
  const { wrong, ok } = await read(stack, clouds);
  if (wrong !== undefined) throw new RunError([`${stack.name} cannot be planned:`, ...wrong].join("\n  - "));
  return ok();
}

async function read(stack: Stack, clouds: typeof CLOUDS): Promise<Reading<() => PlatformOutputs>> {
  const named = parseStackName(stack.name, Object.keys(clouds));
  if (named.ok === undefined) return named;
  const load = clouds[named.ok.cloud];
  if (load === undefined) return { wrong: [`there is no cloud ${named.ok.cloud}`] };
  const cloud = await load();
  const { [cloud.name]: own, ...common } = stack.config;
  const settings = readSettings(common, named.ok);
  const mine = cloud.readSettings(own);
  if (settings.ok === undefined || mine.ok === undefined) {
    return { wrong: [...(settings.wrong ?? []), ...(mine.wrong ?? [])] };
  }
  return prepared(cloud, mine.ok, blueprintOf(stack.project, cloud.name, settings.ok));
}

function prepared(
  cloud: Cloud,
  own: unknown,
  blueprint: ReturnType<typeof blueprintOf>,
): Reading<() => PlatformOutputs> {
  const wrong = cloud.objections(own, blueprint);
  return wrong.length > 0 ? { wrong } : { ok: () => cloud.provision(own, blueprint) };
}
