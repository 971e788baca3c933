import type { ComponentResourceOptions, Input } from "@pulumi/pulumi";
import type { Settings } from "./settings.js";

/** What `TransportStack` asks for. It rises when one that was written before would no longer fit. */
export const TRANSPORT_STACK_VERSION = 1;

/** What every variable of a transport begins with; all others are the platform's. */
export const TRANSPORT_PREFIX = "PUNCTUAL_TRANSPORT_";

/** What a program is told by which it finds its transport. `Secret` is how a cloud names what it keeps secret. */
export interface TransportPart<Secret = unknown> {
  readonly variables: Readonly<Record<string, Input<string>>>;
  /** Variables whose values nobody but the program sees, and where the cloud keeps each. */
  readonly secrets: Readonly<Record<string, Secret>>;
}

/** Makes a transport. Each cloud says what it gives as ground, and what it wants to be told. */
export type MakeTransport<Ground = never, Part extends TransportPart = TransportPart> = (
  name: string,
  ground: Ground,
  opts: ComponentResourceOptions,
) => Part;

/**
 * What a transport needs to be there. A package has it beside its run-time half: where `@acme/queue` exports `transport`,
 * `@acme/queue/stack` exports `stack`, which is one of these.
 *   S1. it is imported, and asked for a cloud, without anything being registered;
 *   S2. all that it registers is below one component that has the given options, with names that begin with the given name;
 *   S3. its variables and secrets are all that the run-time half reads, and what opens a door is among the secrets;
 *   S4. whoever the ground does not name cannot reach it, and it is sealed, at rest by keys of the ground;
 *   S5. it drops nothing that it has accepted to make room, and what is precious outlasts a machine.
 */
export interface TransportStack {
  readonly apiVersion: number;
  /** By the names of clouds: `aws`, `gcp`. The SDK of another cloud need not be there. */
  readonly clouds: Readonly<Record<string, () => Promise<MakeTransport>>>;
}

/** The variables of whoever carries messages. */
export function transportBindings(
  { transport }: Pick<Settings, "transport">,
  { variables, secrets }: TransportPart,
): Readonly<Record<string, Input<string>>> {
  if (transport === undefined) throw new RangeError("No transport is named, and there is one");
  const strange = [...Object.keys(variables), ...Object.keys(secrets)].filter(
    (name) => !name.startsWith(TRANSPORT_PREFIX),
  );
  if (strange.length > 0) throw new RangeError(`${transport} would set ${strange.join(", ")}, and that is not its own`);
  return { PUNCTUAL_TRANSPORT: transport, ...variables };
}
