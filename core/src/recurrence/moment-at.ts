import type { ZoneRules } from "../ports/zone-rules.js";
import type { Moment } from "./resolve.js";

/** What the clock of a zone shows at an instant, and whether it shows it for the second time. */
export function momentAt(zones: ZoneRules, zone: string, instant: number): Moment {
  const span = zones.span(zone, instant);
  const wall = instant + span.offset;
  const offsetBefore = span.from === -Infinity ? span.offset : zones.span(zone, span.from - 1).offset;
  return { instant, wall, fold: wall < span.from + offsetBefore ? 1 : 0, offset: span.offset, note: null };
}
