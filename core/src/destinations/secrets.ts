import { Conflict } from "../errors.js";
import type { Fields } from "../input/fields.js";
import { parseDuration } from "../recurrence/duration.js";
import { DAY } from "../recurrence/wall.js";
import { activeSecrets, type Destination, type SigningSecret } from "./destination.js";

export const DEFAULT_OVERLAP = "P1D";
const LONGEST_OVERLAP_MS = 7 * DAY;

/** A caller's own secret, as Standard Webhooks writes it; undefined where none is given. */
export function readSecret(fields: Fields): string | undefined {
  const secret = fields.text("secret", { max: 128 });
  if (secret === undefined || isSecret(secret)) return secret;
  return fields.problem("secret", "not_a_secret", "Must be whsec_ and then 24 to 64 bytes in Base64");
}

/** How long the old secret signs beside the new one. */
export function readOverlap(fields: Fields): number {
  const text = fields.text("overlap") ?? DEFAULT_OVERLAP;
  const ms = parseDuration(text);
  if (ms === null) fields.problem("overlap", "not_a_duration", "Must be an ISO 8601 duration such as PT1H");
  else if (ms < 0 || ms > LONGEST_OVERLAP_MS) fields.problem("overlap", "out_of_range", "Must be from PT0S to P7D");
  return ms ?? 0;
}

/**
 * The secrets after a rotation: the new one, and the old one for as long as the overlap. A third is refused, since two
 * rotations at a time are mostly a mistake; without an overlap, for a secret that has leaked, the new one takes over alone.
 */
export function rotated(
  destination: Destination,
  fresh: SigningSecret,
  overlapMs: number,
  now: Date,
): readonly SigningSecret[] {
  const active = activeSecrets(destination, now);
  if (overlapMs === 0) return [fresh];
  const ending = active.find(({ expiresAt }) => expiresAt !== null);
  if (ending !== undefined) {
    const until = ending.expiresAt?.toISOString() ?? "";
    const message = `Destination ${destination.id} signs with its former secret too until ${until}: wait, or rotate without overlap`;
    throw new Conflict("rotation_under_way", message);
  }
  return [fresh, ...active.map((secret) => ({ ...secret, expiresAt: new Date(now.getTime() + overlapMs) }))];
}

/** Whether a text is a secret as Standard Webhooks writes it: `whsec_`, then 24 to 64 bytes in Base64. */
export function isSecret(text: string): boolean {
  const base64 = /^whsec_((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/.exec(text)?.[1];
  if (base64 === undefined) return false;
  const bytes = (base64.replaceAll("=", "").length * 6) >> 3;
  return bytes >= 24 && bytes <= 64;
}
