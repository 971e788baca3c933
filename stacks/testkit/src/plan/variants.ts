import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import type { Project, StackSettings } from "../planner/project.js";

/** A stack's configuration with some of it changed. */
export interface Variant {
  readonly name: string;
  /**
   * What is laid over the stack's own; a key of a cloud only where the stack has it. What stands under the name of a cloud,
   * such as `aws`, its stacks are given where they say nothing themselves.
   */
  readonly settings: StackSettings;
}

export async function readVariants(file: string): Promise<readonly Variant[]> {
  const read = parse(await readFile(file, "utf8")) as Readonly<Record<string, StackSettings>>;
  return Object.entries(read).map(([name, settings]) => ({ name, settings }));
}

export function applied(
  variant: Variant | undefined,
  settings: StackSettings,
  { name, declared }: Project,
): StackSettings {
  if (variant === undefined) return settings;
  const own = Object.entries(variant.settings).filter(
    ([key]) => key in settings || key.replace(`${name}:`, "") in declared,
  );
  const below = Object.entries(variant.settings).flatMap(([cloud, given]) =>
    `${name}:${cloud}` in settings && isObject(given) ? Object.entries(given) : [],
  );
  const above = own.map(([key, value]) => [key, laid(settings[key], value)]);
  return { ...Object.fromEntries(below), ...settings, ...Object.fromEntries(above) } as StackSettings;
}

/** Objects are joined; anything else is replaced. */
function laid(below: unknown, above: unknown): unknown {
  if (!isObject(below) || !isObject(above)) return above;
  const keys = Object.entries(above).map(([key, value]) => [key, laid(below[key], value)]);
  return { ...below, ...(Object.fromEntries(keys) as StackSettings) };
}

function isObject(value: unknown): value is StackSettings {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
