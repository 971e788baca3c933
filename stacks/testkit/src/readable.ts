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

/** A value as it goes over Pulumi's wire, made readable. */
export interface Readable {
  readonly value: unknown;
  /** Whether it is a secret, or holds one. */
  readonly secret: boolean;
}

const plain = (value: unknown): Readable => ({ value, secret: false });

export function readable(wire: unknown): Readable {
  if (wire === unknownValue) return plain(UNKNOWN);
  if (Array.isArray(wire)) {
    const parts = wire.map(readable);
    return { value: parts.map((part) => part.value), secret: parts.some((part) => part.secret) };
  }
  if (typeof wire !== "object" || wire === null) return plain(wire);
  const fields = Object.entries(wire);
  const special = new Map<string, unknown>(fields);
  switch (special.get(specialSigKey)) {
    case specialSecretSig:
      return { value: readable(special.get("value")).value, secret: true };
    case specialOutputValueSig: {
      const held = special.has("value") ? readable(special.get("value")) : plain(UNKNOWN);
      return { value: held.value, secret: held.secret || special.get("secret") === true };
    }
    case specialResourceSig:
      return plain(`[resource ${String(special.get("urn"))}]`);
    case specialAssetSig:
    case specialArchiveSig:
      return plain(packageOf(special));
    default: {
      const parts = fields.map(([name, value]) => [name, readable(value)] as const);
      return {
        value: Object.fromEntries(parts.map(([name, part]) => [name, part.value])),
        secret: parts.some(([, part]) => part.secret),
      };
    }
  }
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
  readonly secrets: readonly string[];
} {
  const parts = Object.entries(wire).map(([name, value]) => [name, readable(value)] as const);
  return {
    values: Object.fromEntries(parts.map(([name, part]) => [name, part.value])),
    secrets: parts.filter(([, part]) => part.secret).map(([name]) => name),
  };
}
