import { expect } from "chai";
import { zoneRulesChecks } from "../../../src/conformance/zone-rules.suite.js";
import type { ZoneRules, ZoneSpan } from "../../../src/ports/zone-rules.js";
import { DAY, HOUR } from "../../../src/recurrence/wall.js";
import { TableZoneRules } from "../../../src/recurrence/zones/table-zone-rules.js";
import { momentTable } from "../support/moment-zones.js";

const right = new TableZoneRules(momentTable());

function broken(promises: Partial<ZoneRules>): ZoneRules {
  return {
    version: right.version,
    find: (name) => right.find(name),
    span: (zone, instant) => right.span(zone, instant),
    ...promises,
  };
}

function caughtBy(open: () => ZoneRules): string[] {
  const failed = zoneRulesChecks.filter((check) => {
    try {
      check.run(open);
      return false;
    } catch {
      return true;
    }
  });
  return [...new Set(failed.map((check) => check.promise))];
}

describe("the conformance suite of ZoneRules", () => {
  const changed = (change: (span: ZoneSpan, instant: number) => ZoneSpan) => () => {
    return broken({ span: (zone, instant) => change(right.span(zone, instant), instant) });
  };

  it("passes rules that keep all promises", () => {
    expect(caughtBy(() => broken({}))).to.deep.equal([]);
  });

  it("catches names taken on trust (Z1)", () => {
    expect(caughtBy(() => broken({ find: (name) => right.find(name) ?? name }))).to.deep.equal(["Z1"]);
  });

  it("catches whatever Intl takes for a zone (Z1)", () => {
    const find = (timeZone: string) => {
      try {
        return new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone;
      } catch {
        return null;
      }
    };
    expect(caughtBy(() => broken({ find }))).to.deep.equal(["Z1"]);
  });

  it("catches a name that is matched by case alone (Z1)", () => {
    const find = (name: string) => (right.find(name) === name ? name : null);
    expect(caughtBy(() => broken({ find }))).to.deep.equal(["Z1"]);
  });

  it("catches an alias without its zone's data (Z1)", () => {
    const span = (zone: string, instant: number) => right.span(zone === "US/Pacific" ? "UTC" : zone, instant);
    expect(caughtBy(() => broken({ span }))).to.deep.equal(["Z1"]);
  });

  it("catches a hole between spans (Z2)", () => {
    expect(caughtBy(changed((span) => ({ ...span, from: span.from + 1 })))).to.include("Z2");
  });

  it("catches an end before 9999 (Z2)", () => {
    const end = Date.UTC(9999, 0, 1);
    const cut = changed((span, instant) => {
      return instant < end ? { ...span, until: Math.min(span.until, end) } : { ...span, from: end, until: end };
    });
    expect(caughtBy(cut)).to.include("Z2");
  });

  it("catches clocks that change at midnight UTC (Z2)", () => {
    const day = (instant: number) => Math.floor(instant / DAY) * DAY;
    const span = (zone: string, instant: number) => {
      const { from, until, offset } = right.span(zone, day(instant));
      return { from: Math.ceil(from / DAY) * DAY, until: Math.ceil(until / DAY) * DAY, offset };
    };
    expect(caughtBy(() => broken({ span }))).to.deep.equal(["Z2"]);
  });

  it("catches spans that depend on what was asked before (Z3)", () => {
    const forgetful = () => {
      let asked = 0;
      return changed((span, instant) => {
        asked += 1;
        const half = instant - (instant % HOUR);
        return asked % 7 === 0 && span.from < half ? { ...span, from: half } : span;
      })();
    };
    expect(caughtBy(forgetful)).to.include("Z3");
  });

  it("catches a release without a name (Z4)", () => {
    for (const version of ["", "latest", "v24.21.0"]) {
      expect(caughtBy(() => broken({ version }))).to.deep.equal(["Z4"]);
    }
  });
});
