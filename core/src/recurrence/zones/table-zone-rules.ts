import type { ZoneRules, ZoneSpan } from "../../ports/zone-rules.js";
import { REACH } from "../resolve.js";
import { couldBeZone } from "./zone-name.js";
import type { ZoneSpanStart, ZoneTable } from "./zone-table.js";

/** Zone data from a table: newer than the runtime's, or made for a test. Throws a `RangeError` if the table is not in order. */
export class TableZoneRules implements ZoneRules {
  readonly version: string;
  readonly #spellings = new Map<string, string>();
  readonly #spans = new Map<string, readonly ZoneSpan[]>();

  constructor(table: ZoneTable) {
    this.version = table.version;
    for (const [name, starts] of Object.entries(table.zones)) this.#add(name, spansFrom(name, starts));
    for (const [name, zone] of Object.entries(table.links)) {
      const spans = Object.hasOwn(table.zones, zone) ? this.#spans.get(zone) : undefined;
      if (spans === undefined) throw new RangeError(`The link "${name}" leads to "${zone}", which is no zone`);
      this.#add(name, spans);
    }
  }

  find(name: string): string | null {
    return couldBeZone(name) ? (this.#spellings.get(name.toLowerCase()) ?? null) : null;
  }

  span(zone: string, instant: number): ZoneSpan {
    const spans = this.#spans.get(zone) ?? this.#spans.get(this.find(zone) ?? "");
    if (spans === undefined) throw new RangeError(`No time zone is called "${zone}"`);
    let low = 0;
    let high = spans.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (instant < spans[middle]!.until) high = middle;
      else low = middle + 1;
    }
    return spans[low]!;
  }

  #add(name: string, spans: readonly ZoneSpan[]): void {
    if (!couldBeZone(name)) throw new RangeError(`"${name}" is no name for a time zone`);
    const key = name.toLowerCase();
    if (this.#spellings.has(key)) throw new RangeError(`The time zone "${name}" comes twice`);
    this.#spellings.set(key, name);
    this.#spans.set(name, spans);
  }
}

function spansFrom(name: string, starts: readonly ZoneSpanStart[]): readonly ZoneSpan[] {
  const froms = starts.map(([from]) => from ?? -Infinity);
  const spans = starts.map(([, offset], index) => ({
    from: froms[index]!,
    until: froms[index + 1] ?? Infinity,
    offset,
  }));
  const inOrder = spans.every(({ from, until, offset }) => from < until && Math.abs(offset) <= REACH);
  if (froms[0] !== -Infinity || !inOrder) throw new RangeError(`The spans of "${name}" are not in order`);
  return spans;
}
