import { readJsonObject } from "./read-json-object.js";

const MAX_TOKEN_BYTES = 8 * 1024;
const BEARER = /^bearer (([\w-]+)\.([\w-]+)\.([\w-]+))$/i;
const TYPES: readonly unknown[] = ["jwt", "at+jwt"];

/** A token in its form, with nothing of it proven yet. */
export interface BearerToken {
  readonly text: string;
  readonly alg: unknown;
  readonly kid: unknown;
}

/** Reads the token from the header `authorization`, or throws. What else its own header has (`jku`, `jwk`, `x5u`) is not looked at. */
export function readToken(authorization: string | undefined): BearerToken {
  if (authorization === undefined) throw new Error("No header");
  if (authorization.length > "Bearer ".length + MAX_TOKEN_BYTES) throw new Error("Too long");
  const [, text = "", header = "", ...others] = BEARER.exec(authorization) ?? [];
  if (text === "") throw new Error("Not a bearer token of three parts");
  others.forEach(decode);
  const { alg, kid, typ, crit, b64 } = readJsonObject(decode(header));
  if (typ !== undefined && !TYPES.includes(typeof typ === "string" ? typ.toLowerCase() : typ)) {
    throw new Error("Of another type");
  }
  if (crit !== undefined || b64 !== undefined) throw new Error("Asks for an extension");
  return { text, alg, kid };
}

/** Strictly: of all texts that decode to the same bytes one is the token, or it could be altered and still be good. */
function decode(part: string): Uint8Array {
  const bytes = Buffer.from(part, "base64url");
  if (bytes.toString("base64url") !== part) throw new Error("Not base64url");
  return bytes;
}
