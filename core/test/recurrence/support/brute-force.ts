import type { Gap, Overlap } from "../../../src/recurrence/resolve.js";

/** What is known of a zone: its offset at any instant, and which offsets it has near the time that is asked about. */
export interface OffsetSource {
  readonly offsets: readonly number[];
  offsetAt(instant: number): number;
}

/** What a local time may stand for, before any policy: its instants, or else the jump over it. */
export interface Reading {
  readonly instants: readonly number[];
  readonly jump: { readonly end: number; readonly shifted: number } | null;
}

const MINUTE = 60_000;
const FAR = 15 * 60 * MINUTE;

/**
 * Reads a local time by trying all offsets and, where none fits, by watching the clocks minute for minute until they show
 * a later time. Slow and simple on purpose, and for data that change at whole minutes only.
 */
export function read({ offsets, offsetAt }: OffsetSource, wall: number): Reading {
  const instants: number[] = [];
  for (const offset of offsets) if (offsetAt(wall - offset) === offset) instants.push(wall - offset);
  if (instants.length > 0) return { instants: instants.sort((a, b) => a - b), jump: null };

  let minute = Math.ceil((wall - FAR) / MINUTE) * MINUTE;
  while (minute + offsetAt(minute) <= wall) minute += MINUTE;
  return { instants, jump: { end: minute, shifted: wall - offsetAt(minute - MINUTE) } };
}

/** What the written policies make of it. */
export function choose({ instants, jump }: Reading, gap: Gap, overlap: Overlap): readonly number[] {
  if (jump !== null) return { skip: [], boundary: [jump.end], shift: [jump.shifted] }[gap];
  if (instants.length === 1) return instants;
  const [first, last] = [instants.slice(0, 1), instants.slice(-1)];
  return { first, second: last, both: [...first, ...last] }[overlap];
}
