import { type ConfigType, fits, nameOf } from "./config-types.js";

/** What a program is told, as the CLI tells it: all are texts, and what is no text is JSON. */
export interface ProjectConfig {
  readonly values: Readonly<Record<string, string>>;
  /** The keys of those that are secret. */
  readonly secrets: readonly string[];
}

/** A key as Pulumi.yaml declares it. */
export interface Declared extends Partial<ConfigType> {
  readonly default?: unknown;
  readonly value?: unknown;
  readonly secret?: boolean;
}

type Declarations = Readonly<Record<string, Declared>>;
type Settings = Readonly<Record<string, unknown>>;

/** What is wrong with a stack's configuration, in the words of the CLI. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** What stands for a value that only the holder of a stack's key can read. */
const PLACEHOLDER = "secret";

/** Joins what a project declares and what a stack sets, and checks it as the CLI does before it runs the program. */
export function configOf(
  { project, stack }: { readonly project: string; readonly stack: string },
  declared: Declarations,
  set: Settings,
): ProjectConfig {
  const full = (key: string) => (key.includes(":") ? key : `${project}:${key}`);
  const merged = new Map(Object.entries(set).map(([key, value]) => [full(key), value]));
  const missing: string[] = [];
  for (const [key, { default: usual, value = usual }] of Object.entries(declared)) {
    if (merged.has(full(key))) continue;
    if (value !== undefined) merged.set(full(key), value);
    else if (full(key).startsWith(`${project}:`)) missing.push(key);
  }
  if (missing.length > 0) {
    throw new ConfigError(
      `Stack '${stack}' is missing configuration value${missing.length > 1 ? "s" : ""} ${listed(missing)}`,
    );
  }
  for (const [key, type] of Object.entries(declared)) check(stack, key, type, merged.get(full(key)));
  return {
    values: Object.fromEntries([...merged].map(([key, value]) => [key, textOf(opened(value))])),
    secrets: [...merged].filter(([, value]) => holdsSecret(value)).map(([key]) => key),
  };
}

function check(stack: string, key: string, declared: Declared, value: unknown): void {
  const { type, items, secret = false } = declared;
  if (type === undefined) return;
  const about = `Stack '${stack}' with configuration key '${key}'`;
  // Of a default, too, which is in clear: a key that is declared secret can have none.
  if (secret && !holdsSecret(value)) throw new ConfigError(`${about} must be encrypted as it's secret`);
  const wanted = { type, ...(items !== undefined && { items }) };
  if (!fits(wanted, opened(value))) throw new ConfigError(`${about} must be of type '${nameOf(wanted)}'`);
}

function listed(keys: readonly string[]): string {
  const quoted = keys.toSorted().map((key) => `'${key}'`);
  const last = quoted.pop() ?? "";
  return quoted.length === 0 ? last : `${quoted.join(", ")} and ${last}`;
}

function isSecure(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 1 && typeof value["secure"] === "string";
}

function isObject(value: unknown): value is Settings {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function holdsSecret(value: unknown): boolean {
  if (isSecure(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsSecret);
}

function opened(value: unknown): unknown {
  if (isSecure(value)) return PLACEHOLDER;
  if (Array.isArray(value)) return value.map(opened);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, opened(part)]));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
