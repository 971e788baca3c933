import {
  specialArchiveSig,
  specialAssetSig,
  specialOutputValueSig,
  specialResourceSig,
  specialSecretSig,
  specialSigKey,
  unknownValue,
} from "@pulumi/pulumi/runtime/rpc.js";
import { UNKNOWN } from "./graph.js";

/** Where a part is: the names of fields and the places in lists that lead to it. */
export type Path = readonly string[];

/** A value as it goes over Pulumi's wire, made readable. */
export interface Readable {
  readonly value: unknown;
  /** Where it is secret; an empty path is all of it. */
  readonly secrets: readonly Path[];
}

const ALL: Path = [];

const plain = (value: unknown): Readable => ({ value, secrets: [] });

export function readable(wire: unknown): Readable {
  if (wire === unknownValue) return plain(UNKNOWN);
  if (Array.isArray(wire)) {
    const parts = wire.map(readable);
    return { value: parts.map(({ value }) => value), secrets: parts.flatMap((part, at) => below(String(at), part)) };
  }
  if (typeof wire !== "object" || wire === null) return plain(wire);
  const special = new Map<string, unknown>(Object.entries(wire));
  switch (special.get(specialSigKey)) {
    case specialSecretSig:
      return { value: readable(special.get("value")).value, secrets: [ALL] };
    case specialOutputValueSig: {
      const held = special.has("value") ? readable(special.get("value")) : plain(UNKNOWN);
      return special.get("secret") === true ? { ...held, secrets: [ALL] } : held;
    }
    case specialResourceSig:
      return plain(`[resource ${String(special.get("urn"))}]`);
    case specialAssetSig:
    case specialArchiveSig:
      return plain(packageOf(special));
    default: {
      const { values, secretParts } = readableFields(wire as Readonly<Record<string, unknown>>);
      return { value: values, secrets: secretParts };
    }
  }
}

function below(name: string, { secrets }: Readable): readonly Path[] {
  return secrets.map((path) => [name, ...path]);
}

/** What is packed is the programmer's: only where it comes from is shown. */
function packageOf(special: ReadonlyMap<string, unknown>): unknown {
  const held = special.get("path") ?? special.get("uri");
  if (held !== undefined) return { archive: held };
  const assets = special.get("assets");
  if (typeof assets === "object" && assets !== null) return { assets: Object.keys(assets).toSorted() };
  return { text: special.get("text") };
}

/** Of an object each field by itself. */
export function readableFields(wire: Readonly<Record<string, unknown>>): {
  readonly values: Readonly<Record<string, unknown>>;
  /** The fields that are secret, or hold something that is. */
  readonly secrets: readonly string[];
  /** Where just that is. */
  readonly secretParts: readonly Path[];
} {
  const parts = Object.entries(wire).map(([name, value]) => [name, readable(value)] as const);
  return {
    values: Object.fromEntries(parts.map(([name, part]) => [name, part.value])),
    secrets: parts.filter(([, part]) => part.secrets.length > 0).map(([name]) => name),
    secretParts: parts.flatMap(([name, part]) => below(name, part)),
  };
}
