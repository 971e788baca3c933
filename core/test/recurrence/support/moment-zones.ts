import moment from "moment-timezone";
import type { ZoneSpanStart, ZoneTable } from "../../../src/recurrence/zones/zone-table.js";

/** Zone data that share nothing with the runtime: newer, from another packer, read by other code. */
export const momentNames: readonly string[] = moment.tz.names();

/** A zone of moment-timezone; its offsets are minutes west of UTC. */
export function momentZone(name: string) {
  const zone = moment.tz.zone(name);
  if (zone === null) throw new Error(`moment-timezone has no ${name}`);
  return zone;
}

export function momentOffsetAt(name: string): (instant: number) => number {
  const zone = momentZone(name);
  return (instant) => milliseconds(zone.utcOffset(instant));
}

/** moment's data as a table. It does not tell links from zones, so a name with another's data is made a link to it. */
export function momentTable(): ZoneTable {
  const zones: Record<string, readonly ZoneSpanStart[]> = {};
  const links: Record<string, string> = {};
  const seen = new Map<string, string>();
  for (const name of momentNames) {
    const starts = spanStarts(name);
    const text = JSON.stringify(starts);
    const other = seen.get(text);
    if (other === undefined) {
      seen.set(text, name);
      zones[name] = starts;
    } else {
      links[name] = other;
    }
  }
  return { version: moment.tz.dataVersion, zones, links };
}

function spanStarts(name: string): readonly ZoneSpanStart[] {
  const { untils, offsets } = momentZone(name);
  return offsets.map((offset, index) => [untils[index - 1] ?? null, milliseconds(offset)]);
}

function milliseconds(minutesWest: number): number {
  return Math.round((0 - minutesWest) * 60) * 1_000;
}
