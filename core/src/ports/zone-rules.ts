/**
 * What the clocks of the world show. Every source of zone data promises:
 *   Z1. a name of the IANA list is known whatever its case, and aliases lead to data too; `local`, `system`, bare
 *       offsets and everything else are unknown;
 *   Z2. spans of a zone follow each other without hole or overlap, and cover 1970 to 9999;
 *   Z3. the same zone and instant always give the same span;
 *   Z4. `version` names the data, so that a change of data can be seen.
 * Instants are milliseconds since 1970-01-01T00:00Z.
 */
export interface ZoneRules {
  /** As the IANA names its releases: `2026c`. */
  readonly version: string;
  /** The name in its usual spelling, an alias kept as it is; null for what is no zone. */
  find(name: string): string | null;
  /** The stretch around `instant` in which the zone's offset stays the same. It need not be the longest such stretch. */
  span(zone: string, instant: number): ZoneSpan;
}

export interface ZoneSpan {
  /** The first instant of the span, or `-Infinity`. */
  readonly from: number;
  /** The first instant after it, or `Infinity`. */
  readonly until: number;
  /** Local time minus UTC, in milliseconds. */
  readonly offset: number;
}
