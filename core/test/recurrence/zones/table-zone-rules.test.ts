import { expect } from "chai";
import { describeZoneRules } from "../../../src/conformance/zone-rules.suite.js";
import { TableZoneRules } from "../../../src/recurrence/zones/table-zone-rules.js";
import { zoneTable, type ZoneSpanStart, type ZoneTable } from "../../../src/recurrence/zones/zone-table.js";
import { momentTable } from "../support/moment-zones.js";

const table = momentTable();

describeZoneRules("TableZoneRules", () => new TableZoneRules(table));

describe("TableZoneRules", () => {
  const small = (change: Partial<ZoneTable> = {}): ZoneTable => {
    return { version: "2026z", zones: { "Moon/Tycho": [[null, 0]] }, links: {}, ...change };
  };
  const make = (change: Partial<ZoneTable>) => () => new TableZoneRules(small(change));
  const spans = (...starts: ZoneSpanStart[]) => make({ zones: { "Moon/Tycho": starts } });

  it("comes through JSON unchanged", () => {
    const copy = zoneTable(JSON.parse(JSON.stringify(table)));

    expect(copy).to.deep.equal(table);
  });

  it("gives the spans of the table", () => {
    const rules = spans([null, 0], [1_000, 3_600_000], [5_000, -60_000])();

    expect(rules.span("Moon/Tycho", 999)).to.deep.equal({ from: -Infinity, until: 1_000, offset: 0 });
    expect(rules.span("moon/tycho", 1_000)).to.deep.equal({ from: 1_000, until: 5_000, offset: 3_600_000 });
    expect(rules.span("Moon/Tycho", 5_000)).to.deep.equal({ from: 5_000, until: Infinity, offset: -60_000 });
  });

  it("keeps the spelling of a link", () => {
    const rules = make({ links: { "Moon/Old_Tycho": "Moon/Tycho" } })();

    expect(rules.find("MOON/OLD_TYCHO")).to.equal("Moon/Old_Tycho");
  });

  it("throws for spans of a zone that is unknown", () => {
    expect(() => make({})().span("Moon/Clavius", 0)).to.throw(RangeError, "Moon/Clavius");
  });

  it("refuses tables that are not in order", () => {
    expect(spans(), "no span").to.throw(RangeError);
    expect(spans([0, 0]), "no beginning").to.throw(RangeError);
    expect(spans([null, 0], [5, 1], [5, 2]), "an empty span").to.throw(RangeError);
    expect(spans([null, 0], [5, 1], [4, 2]), "a span back in time").to.throw(RangeError);
    expect(spans([null, 0], [null, 1]), "two beginnings").to.throw(RangeError);
    expect(spans([null, 27 * 3_600_000]), "an offset over a day").to.throw(RangeError);
    expect(make({ zones: { local: [[null, 0]] } }), "no name").to.throw(RangeError);
    expect(make({ links: { "Moon/A": "Moon/B" } }), "a link to nowhere").to.throw(RangeError);
    expect(make({ links: { "moon/tycho": "Moon/Tycho" } }), "a name twice").to.throw(RangeError);
  });

  it("refuses what is no table", () => {
    const wrong = [
      ...[null, 7, "table", [], {}, small({ version: "" }), { version: "2026z", zones: {} }],
      ...[[null], [[null]], [["0", 0]], [[null, "0"]], [[null, 0, 0]], [[0.5, 0]], {}].map((starts) => {
        return { version: "2026z", zones: { "Moon/Tycho": starts }, links: {} };
      }),
      { ...small(), links: { "Moon/A": null } },
    ];
    for (const json of wrong) expect(() => zoneTable(json), JSON.stringify(json)).to.throw(TypeError);
  });
});
