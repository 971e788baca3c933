import { hash } from "node:crypto";
import type { Moment } from "./resolve.js";
import { formatWall, parseWall, type Wall } from "./wall.js";

/**
 * An occurrence's name within its series, the same for ever: local date-time and fold (`2027-10-31T02:30:00/1`), or the
 * instant where the series stands on the line of instants (`2027-01-01T00:15:00Z`). New zone data move an occurrence's
 * instant, never its name.
 */
export type OccurrenceKey = string;

export function wallKey(moment: Pick<Moment, "wall" | "fold">): OccurrenceKey {
  return `${formatWall(moment.wall)}/${moment.fold}`;
}

export function instantKey(moment: Pick<Moment, "instant">): OccurrenceKey {
  return `${formatWall(moment.instant)}Z`;
}

export type KeyParts = { readonly wall: Wall; readonly fold: 0 | 1 } | { readonly instant: number };

/** Reads back what `wallKey` and `instantKey` wrote. */
export function parseKey(key: OccurrenceKey): KeyParts {
  if (key.endsWith("Z")) return { instant: parseWall(key.slice(0, -1)) ?? Number.NaN };
  return { wall: parseWall(key.slice(0, -2)) ?? Number.NaN, fold: key.endsWith("/1") ? 1 : 0 };
}

/**
 * The id of a schedule's occurrence: a name-based UUID (RFC 9562, version 5) of the key, in the name space that the
 * schedule's own id is. Anyone can compute it again, so the same occurrence is the same event for ever.
 */
export function eventIdOf(scheduleId: string, key: OccurrenceKey): string {
  return asUuid(hash("sha1", namedIn(scheduleId, key), "hex"), "5");
}

const UUID_BYTES = 16;

/** The bytes of a UUID, and behind them those of a name, which is ASCII. */
function namedIn(uuid: string, name: string): Uint8Array {
  const bytes = new Uint8Array(UUID_BYTES + name.length);
  let digits = 0;
  for (let index = 0; index < uuid.length; index++) {
    const digit = hexDigit(uuid.charCodeAt(index));
    if (digit < 0) continue;
    if (digits < 2 * UUID_BYTES) bytes[digits >> 1]! |= digits % 2 === 0 ? digit << 4 : digit;
    digits++;
  }
  if (digits !== 2 * UUID_BYTES) throw new RangeError(`"${uuid}" is no UUID`);
  for (let index = 0; index < name.length; index++) bytes[UUID_BYTES + index] = name.charCodeAt(index);
  return bytes;
}

/** -1 for what is no hexadecimal digit. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = (code | 0x20) - 0x61;
  return letter >= 0 && letter < 6 ? letter + 10 : -1;
}

/** A repeatable number from 0 up to, not including, `range`: where in its spread an event falls. */
export function spreadOf(eventId: string, range: number): number {
  return Math.floor((Number.parseInt(eventId.slice(24), 16) / 0x1_0000_0000_0000) * range);
}

function asUuid(digest: string, version: string): string {
  const variant = ((Number.parseInt(digest.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    version + digest.slice(13, 16),
    variant + digest.slice(17, 20),
    digest.slice(20, 32),
  ].join("-");
}
