import fc from "fast-check";
import { type Gap, type Overlap, resolve } from "../../src/recurrence/resolve.js";
import { MINUTE, wallOf } from "../../src/recurrence/wall.js";
import { TableZoneRules } from "../../src/recurrence/zones/table-zone-rules.js";
import type { ZoneSpanStart } from "../../src/recurrence/zones/zone-table.js";
import { choose, read } from "./support/brute-force.js";

const start = wallOf(2030, 6, 1);
const offset = fc.integer({ min: -48, max: 56 }).map((quarters) => quarters * 15 * MINUTE);

/** Clocks gone mad: up to a dozen changes within four days. */
const starts = fc
  .tuple(
    offset,
    fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 384 }), offset), { maxLength: 12, selector: (s) => s[0] }),
  )
  .map(([first, later]): readonly ZoneSpanStart[] => {
    const changes = later.sort((a, b) => a[0] - b[0]);
    return [[null, first], ...changes.map(([quarter, to]): ZoneSpanStart => [start + quarter * 15 * MINUTE, to])];
  });

describe("resolve, on any zone", () => {
  it("agrees with brute force under every policy", () => {
    fc.assert(
      fc.property(
        starts,
        fc.integer({ min: -24 * 60, max: 5 * 24 * 60 }),
        fc.constantFrom<Gap>("shift", "boundary", "skip"),
        fc.constantFrom<Overlap>("first", "second", "both"),
        (spans, minutes, gap, overlap) => {
          const rules = new TableZoneRules({ version: "2030a", zones: { "Moon/Tycho": spans }, links: {} });
          const offsetAt = (instant: number) => spans.findLast(([from]) => from === null || from <= instant)?.[1] ?? 0;
          const wall = start + minutes * MINUTE;
          const source = { offsets: [...new Set(spans.map(([, offset]) => offset))], offsetAt };
          const expected = choose(read(source, wall), gap, overlap);

          const moments = resolve(rules, "Moon/Tycho", wall, gap, overlap);

          const consistent = moments.every((m) => m.offset === offsetAt(m.instant) && m.wall === m.instant + m.offset);
          return consistent && String(moments.map((m) => m.instant)) === String(expected);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
