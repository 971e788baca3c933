import { isJsonObject, type Json } from "./fields.js";

/** No field of ours lies deeper: what does is of no schedule, and is refused as it is. */
const DEEPEST = 4;

/** A merge patch (RFC 7396): objects are merged, null takes away, and all else takes the place of what was there. */
export function mergePatch(value: Json, patch: Json, depth = 1): Json {
  const fields = new Map(Object.entries(value));
  for (const [name, change] of Object.entries(patch)) {
    if (change === null) {
      fields.delete(name);
      continue;
    }
    const before = fields.get(name);
    const isDeep = isJsonObject(change) && depth < DEEPEST;
    fields.set(name, isDeep ? mergePatch(isJsonObject(before) ? before : {}, change, depth + 1) : change);
  }
  return Object.fromEntries(fields);
}
