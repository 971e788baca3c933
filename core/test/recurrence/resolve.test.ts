import { expect } from "chai";
import type { ZoneRules } from "../../src/ports/zone-rules.js";
import { type Gap, localOf, type Overlap, resolve } from "../../src/recurrence/resolve.js";
import { FIRST_WALL, formatOffset, formatWall, HOUR, LAST_WALL, MINUTE, parseWall } from "../../src/recurrence/wall.js";
import { IntlZoneRules } from "../../src/recurrence/zones/intl-zone-rules.js";
import { TableZoneRules } from "../../src/recurrence/zones/table-zone-rules.js";
import type { ZoneSpanStart } from "../../src/recurrence/zones/zone-table.js";
import { momentTable } from "./support/moment-zones.js";

/** A time that the clocks skip: what they show instead, and when, if it is shifted, and at the end of the gap. */
type GapCase = readonly [zone: string, wall: string, shift: string, boundary: string];
const GAPS: readonly GapCase[] = [
  ["America/New_York", "2024-03-10T02:00", "2024-03-10T03:00:00-04:00", "2024-03-10T03:00:00-04:00"],
  ["America/New_York", "2024-03-10T02:30", "2024-03-10T03:30:00-04:00", "2024-03-10T03:00:00-04:00"],
  ["America/New_York", "2024-03-10T02:59:59", "2024-03-10T03:59:59-04:00", "2024-03-10T03:00:00-04:00"],
  ["America/Vancouver", "2024-03-10T02:30", "2024-03-10T03:30:00-07:00", "2024-03-10T03:00:00-07:00"],
  ["Europe/Berlin", "2024-03-31T02:30", "2024-03-31T03:30:00+02:00", "2024-03-31T03:00:00+02:00"],
  ["Europe/Dublin", "2024-03-31T01:30", "2024-03-31T02:30:00+01:00", "2024-03-31T02:00:00+01:00"],
  ["Australia/Lord_Howe", "2024-10-06T02:15", "2024-10-06T02:45:00+11:00", "2024-10-06T02:30:00+11:00"],
  ["Antarctica/Troll", "2024-03-31T02:30", "2024-03-31T04:30:00+02:00", "2024-03-31T03:00:00+02:00"],
  ["Africa/Casablanca", "2024-04-14T02:30", "2024-04-14T03:30:00+01:00", "2024-04-14T03:00:00+01:00"],
  ["Africa/Cairo", "2024-04-26T00:30", "2024-04-26T01:30:00+03:00", "2024-04-26T01:00:00+03:00"],
  ["Asia/Beirut", "2024-03-31T00:00", "2024-03-31T01:00:00+03:00", "2024-03-31T01:00:00+03:00"],
  ["America/Havana", "2024-03-10T00:30", "2024-03-10T01:30:00-04:00", "2024-03-10T01:00:00-04:00"],
  ["America/Asuncion", "2023-10-01T00:30", "2023-10-01T01:30:00-03:00", "2023-10-01T01:00:00-03:00"],
  // Samoa crossed the date line: it had no 30 December.
  ["Pacific/Apia", "2011-12-30T00:00", "2011-12-31T00:00:00+14:00", "2011-12-31T00:00:00+14:00"],
  ["Pacific/Apia", "2011-12-30T12:00", "2011-12-31T12:00:00+14:00", "2011-12-31T00:00:00+14:00"],
  ["Pacific/Apia", "2011-12-30T23:59:59", "2011-12-31T23:59:59+14:00", "2011-12-31T00:00:00+14:00"],
  // From -00:44:30, the last offset that was not whole minutes.
  ["Africa/Monrovia", "1972-01-07T00:10", "1972-01-07T00:54:30+00:00", "1972-01-07T00:44:30+00:00"],
];

/** A time that comes twice, with the two offsets. */
const OVERLAPS: readonly (readonly [zone: string, wall: string, first: string, second: string])[] = [
  ["America/New_York", "2024-11-03T01:00", "-04:00", "-05:00"],
  ["America/New_York", "2024-11-03T01:30", "-04:00", "-05:00"],
  ["America/New_York", "2024-11-03T01:59:59", "-04:00", "-05:00"],
  ["America/Vancouver", "2025-11-02T01:30", "-07:00", "-08:00"],
  ["Europe/Berlin", "2024-10-27T02:30", "+02:00", "+01:00"],
  ["Europe/Dublin", "2024-10-27T01:30", "+01:00", "+00:00"],
  ["Australia/Lord_Howe", "2024-04-07T01:45", "+11:00", "+10:30"],
  ["Antarctica/Troll", "2024-10-27T01:30", "+02:00", "+00:00"],
  ["Africa/Casablanca", "2024-03-10T02:30", "+01:00", "+00:00"],
  ["Africa/Cairo", "2024-10-31T23:30", "+03:00", "+02:00"],
  ["Asia/Beirut", "2024-10-26T23:30", "+03:00", "+02:00"],
  ["America/Havana", "2024-11-03T00:30", "-04:00", "-05:00"],
  ["America/Asuncion", "2024-03-23T23:30", "-03:00", "-04:00"],
];

/** Right before or after a change, and far from any: exactly once. */
const ONCE: readonly (readonly [zone: string, wall: string, offset: string])[] = [
  ["America/New_York", "2024-03-10T01:59:59", "-05:00"],
  ["America/New_York", "2024-03-10T03:00", "-04:00"],
  ["America/New_York", "2024-11-03T00:59:59", "-04:00"],
  ["America/New_York", "2024-11-03T02:00", "-05:00"],
  ["Africa/Cairo", "2024-04-25T23:59:59", "+02:00"],
  ["Africa/Cairo", "2024-04-26T01:00", "+03:00"],
  ["Pacific/Apia", "2011-12-29T23:59:59", "-10:00"],
  ["Pacific/Apia", "2011-12-31T00:00", "+14:00"],
  ["Asia/Kathmandu", "2024-02-29T12:00", "+05:45"],
  ["Etc/GMT+5", "2024-02-29T12:00", "-05:00"],
];

const intl = new IntlZoneRules({ version: process.versions.tz ?? "" });
const table = new TableZoneRules(momentTable());

function wallAt(text: string): number {
  const wall = parseWall(text);
  if (wall === null) throw new Error(`${text} is no local time`);
  return wall;
}

/** The moments as a reader would write them: `2024-03-10T03:30:00-04:00 gap`. */
function shown(rules: ZoneRules, zone: string, wall: number, gap: Gap, overlap: Overlap): string[] {
  return resolve(rules, zone, wall, gap, overlap).map((moment) => {
    expect(moment.instant + moment.offset).to.equal(moment.wall);
    expect(localOf(rules, zone, moment.instant)).to.equal(moment.wall);
    const text = formatWall(moment.wall) + formatOffset(moment.offset);
    expect(Date.parse(text)).to.equal(moment.instant);
    return [text, ...(moment.fold === 1 ? ["fold"] : []), ...(moment.note === null ? [] : [moment.note])].join(" ");
  });
}

for (const [name, rules] of Object.entries({ intl, table })) {
  describe(`resolve on ${name}`, () => {
    for (const [zone, text, shift, boundary] of GAPS) {
      it(`moves ${text} in ${zone} out of the gap`, () => {
        for (const overlap of ["first", "second", "both"] as const) {
          expect(shown(rules, zone, wallAt(text), "shift", overlap)).to.deep.equal([`${shift} gap`]);
          expect(shown(rules, zone, wallAt(text), "boundary", overlap)).to.deep.equal([`${boundary} gap`]);
          expect(shown(rules, zone, wallAt(text), "skip", overlap)).to.deep.equal([]);
        }
      });
    }

    for (const [zone, text, first, second] of OVERLAPS) {
      it(`finds ${text} in ${zone} twice`, () => {
        const wall = wallAt(text);
        const [one, two] = [`${formatWall(wall)}${first} overlap`, `${formatWall(wall)}${second} fold overlap`];
        for (const gap of ["shift", "boundary", "skip"] as const) {
          expect(shown(rules, zone, wall, gap, "first")).to.deep.equal([one]);
          expect(shown(rules, zone, wall, gap, "second")).to.deep.equal([two]);
          expect(shown(rules, zone, wall, gap, "both")).to.deep.equal([one, two]);
        }
      });
    }

    for (const [zone, text, offset] of ONCE) {
      it(`finds ${text} in ${zone} once`, () => {
        expect(shown(rules, zone, wallAt(text), "skip", "both")).to.deep.equal([formatWall(wallAt(text)) + offset]);
      });
    }

    it("answers at both ends of time", () => {
      for (const zone of ["Etc/GMT-14", "Etc/GMT+12"]) {
        const offset = zone === "Etc/GMT-14" ? "+14:00" : "-12:00";
        for (const wall of [FIRST_WALL, LAST_WALL]) {
          expect(shown(rules, zone, wall, "skip", "both")).to.deep.equal([formatWall(wall) + offset]);
        }
      }
    });
  });
}

describe("resolve on new data", () => {
  it("knows that Vancouver's clocks stay as they are from 2026 on", () => {
    const zone = "America/Vancouver";
    const moments = shown(table, zone, wallAt("2026-11-01T01:30"), "skip", "both");
    expect(moments).to.deep.equal(["2026-11-01T01:30:00-07:00"]);
  });
});

describe("resolve on made-up data", () => {
  const noon = wallAt("2030-06-01T12:00");
  const rulesOf = (...starts: ZoneSpanStart[]) => {
    return new TableZoneRules({ version: "2030a", zones: { "Moon/Tycho": starts }, links: {} });
  };
  const at = (rules: ZoneRules, wall: number, gap: Gap, overlap: Overlap) => {
    return resolve(rules, "Moon/Tycho", wall, gap, overlap).map(({ instant, note }) => {
      return `${(instant - noon) / MINUTE} ${note}`;
    });
  };

  it("sees no change where two spans have the same offset", () => {
    const rules = rulesOf([null, HOUR], [noon - HOUR, HOUR], [noon, HOUR], [noon + HOUR, HOUR]);

    for (let wall = noon - 3 * HOUR; wall <= noon + 3 * HOUR; wall += MINUTE) {
      expect(at(rules, wall, "skip", "both")).to.deep.equal([`${(wall - noon) / MINUTE - 60} null`]);
    }
  });

  it("sees a gap whose edge is cut once more", () => {
    const rules = rulesOf([null, 0], [noon - MINUTE, 0], [noon, HOUR], [noon + MINUTE, HOUR]);

    expect(at(rules, noon + 30 * MINUTE, "shift", "both")).to.deep.equal(["30 gap"]);
    expect(at(rules, noon + 30 * MINUTE, "boundary", "both")).to.deep.equal(["0 gap"]);
  });

  it("keeps apart two changes within hours", () => {
    const rules = rulesOf([null, 0], [noon, HOUR], [noon + 3 * HOUR, 0]);

    expect(at(rules, noon + 30 * MINUTE, "boundary", "both")).to.deep.equal(["0 gap"]);
    expect(at(rules, noon + 2 * HOUR, "skip", "both")).to.deep.equal(["60 null"]);
    expect(at(rules, noon + 3.5 * HOUR, "skip", "both")).to.deep.equal(["150 overlap", "210 overlap"]);
  });

  it("takes the offset in force where a shifted time lands behind another change", () => {
    const rules = rulesOf([null, 0], [noon, 2 * HOUR], [noon + HOUR, 3 * HOUR]);

    const [moment] = resolve(rules, "Moon/Tycho", noon + 90 * MINUTE, "shift", "first");

    expect(moment?.instant).to.equal(noon + 90 * MINUTE);
    expect(moment?.offset).to.equal(3 * HOUR);
    expect(moment?.wall).to.equal(noon + 4.5 * HOUR);
  });

  it("takes the first and the last of a time that comes three times", () => {
    const rules = rulesOf([null, 0], [noon, -HOUR], [noon + HOUR, -2 * HOUR]);

    expect(at(rules, noon - MINUTE, "skip", "both")).to.deep.equal(["-1 overlap", "119 overlap"]);
  });
});
