import { RunError } from "@pulumi/pulumi";
import {
  blueprintOf,
  type Cloud,
  loadTransport,
  type MakeTransport,
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
  if (named.ok === undefined) return { wrong: named.wrong };
  const load = clouds[named.ok.cloud];
  if (load === undefined) return { wrong: [`there is no cloud ${named.ok.cloud}`] };
  const cloud = await load();
  const { [cloud.name]: own, ...common } = stack.config;
  const settings = readSettings(common, named.ok);
  const mine = cloud.readSettings(own);
  const transport = await transportOf(common, cloud);
  const wrong = [...(settings.wrong ?? []), ...(transport.wrong ?? []), ...(mine.wrong ?? [])];
  const [{ ok: said = settings.otherwise }, { ok: ownSaid = mine.otherwise }] = [settings, mine];
  if (said === undefined || ownSaid === undefined) return { wrong };
  const blueprint = blueprintOf(stack.project, cloud.name, said);
  wrong.push(...cloud.objections(ownSaid, blueprint));
  return wrong.length > 0 ? { wrong } : { ok: () => cloud.provision(ownSaid, blueprint, transport.ok?.make) };
}

/** Looked for even where other settings are wrong, so that all of it is told at once. */
async function transportOf({ transport }: Raw, { name }: Cloud): Promise<Reading<{ readonly make?: MakeTransport }>> {
  if (typeof transport !== "string" || transport === "") return { ok: {} };
  const { ok, wrong } = await loadTransport(transport, { cloud: name });
  return wrong === undefined ? { ok: { make: ok } } : { wrong: [wrong.says] };
}
