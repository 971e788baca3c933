import { isDeepStrictEqual } from "node:util";
import { Broken } from "../installed/api.js";

export function same(what: string, seen: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(seen, wanted)) {
    throw new Broken(`${what}: ${JSON.stringify(seen)}, not ${JSON.stringify(wanted)}`);
  }
}
