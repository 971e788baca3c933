import { expect } from "chai";
import { describeZoneRules } from "../../../src/conformance/zone-rules.suite.js";
import { DAY, wallOf } from "../../../src/recurrence/wall.js";
import { IntlZoneRules } from "../../../src/recurrence/zones/intl-zone-rules.js";
import { LINKS } from "../../../src/recurrence/zones/links.js";
import { momentNames, momentOffsetAt, momentZone } from "../support/moment-zones.js";
import { rawOffsetAt } from "../support/raw-intl.js";

const open = () => new IntlZoneRules({ version: process.versions.tz ?? "" });

describeZoneRules("IntlZoneRules", open);

describe("IntlZoneRules", () => {
  it("finds every name of the IANA list, and keeps its spelling", () => {
    const rules = open();

    expect(momentNames).to.have.length.above(590);
    for (const name of momentNames) {
      expect(rules.find(name), name).to.equal(name);
      expect(rules.find(name.toUpperCase()), name).to.equal(name);
    }
  });

  it("lists links once each, and in order", () => {
    expect(LINKS).to.deep.equal([...new Set(LINKS)].sort());
  });

  it("throws for spans of what it does not find, though Intl would take it", () => {
    const rules = open();
    for (const name of ["PST", "AST", "+05:30", "local"]) {
      expect(() => rules.span(name, 0), name).to.throw(RangeError, name);
    }
    expect(() => rules.span("Europe/Berlin", Number.NaN)).to.throw(RangeError);
  });

  it("misses no change in a far year, where it looks less often", function () {
    this.timeout(60_000);
    const rules = open();
    for (const name of momentNames) {
      const raw = rawOffsetAt(name);
      for (const year of [2_100, 2_101, 2_104, 9_998]) {
        let { until } = rules.span(name, wallOf(year, 1, 1));
        for (let at = wallOf(year, 1, 1); at < wallOf(year + 1, 1, 1); at += 7 * DAY) {
          expect(rules.span(name, at).offset, `${name} at ${new Date(at).toISOString()}`).to.equal(raw(at));
        }
        while (until < wallOf(year + 1, 1, 1)) {
          const { from, offset, until: next } = rules.span(name, until);
          expect([raw(from - 1_000), raw(from)], name).to.deep.equal([rules.span(name, from - 1_000).offset, offset]);
          until = next;
        }
      }
    }
  });

  it("misses no change since 1970", function () {
    this.timeout(60_000);
    const rules = open();
    const [start, end] = [wallOf(1970, 1, 1), wallOf(2100, 1, 1)];
    let changes = 0;
    let checked = 0;
    for (const name of momentNames) {
      const raw = rawOffsetAt(name);
      const known = momentOffsetAt(name);
      for (const until of momentZone(name).untils) {
        if (until < start || until >= end || known(until - 1) === known(until)) continue;
        changes += 1;
        // Where releases differ nothing can be learned; `zones-oracle.test.ts` lists those zones.
        if (raw(until - 1) !== known(until - 1) || raw(until) !== known(until)) continue;
        checked += 1;
        const before = rules.span(name, until - 1);
        const after = rules.span(name, until);
        expect([before.until, before.offset], name).to.deep.equal([until, known(until - 1)]);
        expect([after.from, after.offset], name).to.deep.equal([until, known(until)]);
      }
    }
    expect(checked / changes).to.be.above(0.99);
  });
});
