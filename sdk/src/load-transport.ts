import type { Clock, Telemetry } from "@punctual/core";
import {
  API_VERSION,
  type OpenedTransport,
  type StandardSchema,
  type TransportDefinition,
} from "./define-transport.js";
import { importOr } from "./import-from.js";

export interface LoadTransportContext {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** For envelopes: the same in every process of an installation. */
  readonly keys: readonly Uint8Array[];
  /** The folder that a relative path starts from, and from which a package is looked for. */
  readonly from: string;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** Why a transport cannot be used: all of it, and none of what the variables hold. */
export class BadTransport extends Error {
  override readonly name = "BadTransport";
  readonly problems: readonly string[];

  constructor(specifier: string, problems: readonly string[], options?: ErrorOptions) {
    super(`The transport ${specifier} cannot be used: ${problems.join("; ")}`, options);
    this.problems = problems;
  }
}

/** What every variable of a transport begins with. */
export const VARIABLE_PREFIX = "PUNCTUAL_TRANSPORT_";

/**
 * Opens the transport of a package, a path or a `file:` URL: its module exports, as `transport`, what `defineTransport` made.
 * Throws `BadTransport` with all that is wrong; what `create` throws goes up as it is.
 */
export async function loadTransport(
  specifier: string,
  variables: Variables,
  { clock, telemetry, keys, from }: LoadTransportContext,
): Promise<OpenedTransport> {
  const { transport: exported } = await importFrom(specifier, from);
  if (exported === undefined) {
    throw new BadTransport(specifier, [
      "its module has no export named `transport`: export what defineTransport answers",
    ]);
  }
  const strangeVersion = objectionToVersion(exported);
  if (strangeVersion !== null) throw new BadTransport(specifier, [strangeVersion]);
  const problems = shapeProblems(exported);
  const definition = exported as TransportDefinition<unknown>;
  const read = isSchema(definition.config) ? await readVariables(definition.config, variables) : { problems: [] };
  const all = [...problems, ...read.problems];
  if (all.length > 0) throw new BadTransport(specifier, all);
  const opened: unknown = await definition.create({ config: read.config, clock, telemetry, keys });
  const unfit = methodProblems("what `create` answers", opened, ["check", "close"]);
  const { transport } = Object(opened) as { readonly transport?: unknown };
  unfit.push(...methodProblems("its `transport`", transport, ["send", "consume", "consumeDeadLetters"]));
  if (unfit.length > 0) throw new BadTransport(specifier, unfit);
  return opened as OpenedTransport;
}

/** The module of a package, a path or a `file:` URL, as a program in the folder `from` sees it. */
export async function importFrom(specifier: string, from: string): Promise<Readonly<Record<string, unknown>>> {
  return importOr(specifier, from, (problem, options) => new BadTransport(specifier, [problem], options));
}

function objectionToVersion(exported: unknown): string | null {
  const { apiVersion } = Object(exported) as { readonly apiVersion?: unknown };
  if (typeof apiVersion !== "number" || apiVersion === API_VERSION) return null;
  const what = apiVersion > API_VERSION ? "update this program" : "update the transport";
  return `it was written for version ${apiVersion} of the adapter interface, and this program has version ${API_VERSION}: ${what}`;
}

const CAPABILITIES = {
  name: (value) => typeof value === "string" && value !== "",
  maxDelaySeconds: isCount,
  maxBatch: (value) => isCount(value) && value > 0,
  maxBodyBytes: (value) => isCount(value) && value > 0,
  ordering: (value) => ["none", "per_schedule", "total"].includes(value as string),
  deadLetters: (value) => typeof value === "boolean",
  push: (value) => typeof value === "boolean",
  early: (value) => ["transport", "scheduler", "worker"].includes(value as string),
} as const satisfies Readonly<Record<string, (value: unknown) => boolean>>;

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}

function shapeProblems(exported: unknown): string[] {
  const { name, apiVersion, capabilities, config } = Object(exported) as Readonly<Record<string, unknown>>;
  const known = Object(capabilities) as Readonly<Record<string, unknown>>;
  return [
    ...(typeof name === "string" && name !== "" ? [] : ["its `name` is no text"]),
    ...(typeof apiVersion === "number" ? [] : ["its `apiVersion` is missing: say API_VERSION"]),
    ...Object.entries(CAPABILITIES).flatMap(([key, isFit]) =>
      isFit(known[key]) ? [] : [`its \`capabilities.${key}\` is missing or wrong`],
    ),
    ...(isSchema(config) ? [] : ["its `config` is no Standard Schema, as Zod, Valibot and ArkType make them"]),
    ...methodProblems("it", exported, ["create"]),
  ];
}

function methodProblems(what: string, value: unknown, methods: readonly string[]): string[] {
  const has = Object(value) as Readonly<Record<string, unknown>>;
  return methods.flatMap((method) =>
    typeof has[method] === "function" ? [] : [`${what} has no method \`${method}\``],
  );
}

function isSchema(value: unknown): value is StandardSchema<unknown> {
  const { "~standard": standard } = Object(value) as { readonly "~standard"?: unknown };
  const { version, validate } = Object(standard) as Readonly<Record<string, unknown>>;
  return version === 1 && typeof validate === "function";
}

interface Read {
  readonly config?: unknown;
  readonly problems: readonly string[];
}

/** An unset variable may come as an empty one. */
async function readVariables(schema: StandardSchema<unknown>, variables: Variables): Promise<Read> {
  const own = Object.entries(variables).filter(
    ([name, value]) => name.startsWith(VARIABLE_PREFIX) && (value ?? "") !== "",
  );
  const result = await schema["~standard"].validate(Object.fromEntries(own));
  if (result.issues === undefined) return { config: result.value, problems: [] };
  const values = own.flatMap(([, value]) => value ?? []);
  return {
    problems: result.issues.map(({ path = [], message }) => {
      const [first] = path;
      const name = typeof first === "object" ? first.key : first;
      const where = name === undefined ? "the variables together" : String(name);
      return `${where}: ${values.some((value) => repeats(message, value)) ? "not valid" : message}`;
    }),
  };
}

/** What is short stands in a message by chance, unless it stands there as a word. */
function repeats(message: string, value: string): boolean {
  if (value.length > 5) return message.includes(value);
  const at = message.indexOf(value);
  const isWord = (character: string | undefined) => character !== undefined && /\w/.test(character);
  return at >= 0 && !isWord(message[at - 1]) && !isWord(message[at + value.length]);
}
