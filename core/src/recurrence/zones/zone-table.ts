/** Where a span begins, and its offset, both in milliseconds. The first of a zone begins at `null`: it was always so. */
export type ZoneSpanStart = readonly [from: number | null, offset: number];

/** Zone data as plain JSON. A link leads to a zone, not to another link. */
export interface ZoneTable {
  readonly version: string;
  readonly zones: Readonly<Record<string, readonly ZoneSpanStart[]>>;
  readonly links: Readonly<Record<string, string>>;
}

/** The table that a file holds, looked through as to its shape; throws a `TypeError` for anything else. */
export function zoneTable(json: unknown): ZoneTable {
  const { version, zones, links } = record(json, "The table");
  if (typeof version !== "string" || version === "") throw new TypeError("The table names no version");
  for (const [name, starts] of Object.entries(record(zones, "zones"))) {
    if (!Array.isArray(starts) || !starts.every(isSpanStart)) throw new TypeError(`zones.${name} is no list of spans`);
  }
  for (const [name, zone] of Object.entries(record(links, "links"))) {
    if (typeof zone !== "string") throw new TypeError(`links.${name} is no name`);
  }
  return json as ZoneTable;
}

function record(json: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw new TypeError(`${what} is no object`);
  return json as Readonly<Record<string, unknown>>;
}

function isSpanStart(json: unknown): boolean {
  if (!Array.isArray(json) || json.length !== 2) return false;
  const [from, offset] = json as readonly unknown[];
  return (from === null || Number.isSafeInteger(from)) && Number.isSafeInteger(offset);
}
