import { expect } from "chai";
import type { ZoneRules, ZoneSpan } from "../ports/zone-rules.js";
import { DAY, FIRST_WALL, HOUR, LAST_WALL, SECOND, wallOf } from "../recurrence/wall.js";

/** One promise put to the test. `open` gives fresh rules, with nothing asked of them yet. */
export interface ZoneRulesCheck {
  readonly promise: "Z1" | "Z2" | "Z3" | "Z4";
  readonly title: string;
  run(open: () => ZoneRules): void;
}

/** `open` must give rules that know the whole IANA list. */
export function describeZoneRules(adapter: string, open: () => ZoneRules): void {
  describe(`${adapter} as ZoneRules`, () => {
    for (const check of zoneRulesChecks) it(`${check.title} (${check.promise})`, () => check.run(open));
  });
}

const KNOWN = [
  ...["Africa/Casablanca", "America/Argentina/Buenos_Aires", "America/New_York", "America/Port-au-Prince"],
  ...["America/Vancouver", "Antarctica/Troll", "Asia/Kolkata", "Australia/Lord_Howe", "Europe/Berlin", "Europe/Dublin"],
  ...["Europe/Kyiv", "Pacific/Apia", "Etc/GMT+5", "Etc/GMT-14", "Etc/UTC"],
];
const ALIASES: Readonly<Record<string, string>> = {
  "Asia/Calcutta": "Asia/Kolkata",
  "America/Argentina/ComodRivadavia": "America/Argentina/Catamarca",
  "Europe/Kiev": "Europe/Kyiv",
  "US/Pacific": "America/Los_Angeles",
  "W-SU": "Europe/Moscow",
  "NZ-CHAT": "Pacific/Chatham",
  EST5EDT: "America/New_York",
  EST: "America/Panama",
  MST: "America/Phoenix",
  HST: "Pacific/Honolulu",
  GMT: "Etc/GMT",
  "GMT+0": "Etc/GMT",
  UTC: "Etc/UTC",
  Zulu: "Etc/UTC",
};
const UNKNOWN = [
  ...["local", "Local", "system", "default", "", " ", "Z", "constructor", "__proto__", "toString"],
  ...["+05:30", "+0530", "-08", "-08:00", "05:30", "GMT+5", "UTC+5", "UTC+05:30", "EST5", "FOO+5", "<+03>-3"],
  ...["PST", "PDT", "AST", "IST", "JST", "CTT", "SystemV/EST5EDT", "posix/Europe/Paris", "right/UTC", "Etc/Unknown"],
  ...["Europe", "Europe/", "/Europe/Berlin", "../Europe/Berlin", "Europe//Berlin", "Europe/Nowhere", "Europe\\Berlin"],
  ...[" Europe/Berlin", "Europe/Berlin ", "Europe/Berlin\n", "Europe/Berlin\0", "Europe/Berlin,UTC", "Asia/To\u212ayo"],
  ...["A".repeat(65), "A/".repeat(500_000)],
];

/** Changes long past, on which all releases of the data agree: the offset before and after, in hours. */
const CHANGES: readonly [zone: string, at: string, before: number, after: number][] = [
  ["Africa/Casablanca", "2024-03-10T02:00:00Z", 1, 0],
  ["Africa/Monrovia", "1972-01-07T00:44:30Z", -44.5 / 60, 0],
  ["America/New_York", "2021-03-14T07:00:00Z", -5, -4],
  ["America/Noronha", "2000-10-08T02:00:00Z", -2, -1],
  ["America/Noronha", "2000-10-15T01:00:00Z", -1, -2],
  ["Antarctica/Troll", "2021-03-28T01:00:00Z", 0, 2],
  ["Asia/Kathmandu", "1985-12-31T18:30:00Z", 5.5, 5.75],
  ["Australia/Lord_Howe", "2021-04-03T15:00:00Z", 11, 10.5],
  ["Europe/Berlin", "2021-10-31T01:00:00Z", 2, 1],
  ["Pacific/Apia", "2011-12-30T10:00:00Z", -10, 14],
];

const FIRST = FIRST_WALL - 15 * HOUR;
const LAST = LAST_WALL + 15 * HOUR;

/** The suite as data, so that a test can show that each check does catch rules that break its promise. */
export const zoneRulesChecks: readonly ZoneRulesCheck[] = [
  {
    promise: "Z1",
    title: "finds a name whatever its case and answers its usual spelling",
    run: (open) => {
      const rules = open();
      for (const name of [...KNOWN, ...Object.keys(ALIASES)]) {
        for (const given of [name, name.toUpperCase(), name.toLowerCase()]) {
          expect(rules.find(given), given).to.equal(name);
        }
      }
    },
  },
  {
    promise: "Z1",
    title: "leads aliases to the data of their zone",
    run: (open) => {
      const rules = open();
      for (const [alias, zone] of Object.entries(ALIASES)) {
        for (let at = wallOf(2015, 1, 1); at < wallOf(2025, 1, 1); at += 9 * DAY) {
          expect(rules.span(alias, at).offset, alias).to.equal(rules.span(zone, at).offset);
        }
      }
    },
  },
  {
    promise: "Z1",
    title: "knows nothing that the IANA list has not",
    run: (open) => {
      const rules = open();
      for (const name of UNKNOWN) expect(rules.find(name), JSON.stringify(name.slice(0, 80))).to.equal(null);
    },
  },
  {
    promise: "Z2",
    title: "joins span to span from 1970 on, and in far years",
    run: (open) => {
      const rules = open();
      for (const zone of KNOWN) {
        walk(rules, zone, FIRST, wallOf(2045, 1, 1));
        walk(rules, zone, wallOf(9995, 1, 1), LAST);
      }
    },
  },
  {
    promise: "Z2",
    title: "changes the offset in the very second in which the clocks do",
    run: (open) => {
      const rules = open();
      for (const [zone, at, before, after] of CHANGES) {
        const change = Date.parse(at);
        expect(rules.span(zone, change - SECOND).offset, `${zone} before ${at}`).to.equal(before * HOUR);
        expect(rules.span(zone, change - 1).offset, `${zone} just before ${at}`).to.equal(before * HOUR);
        expect(rules.span(zone, change).offset, `${zone} at ${at}`).to.equal(after * HOUR);
      }
    },
  },
  {
    promise: "Z3",
    title: "gives the same span in whatever order it is asked, and for each instant in it",
    run: (open) => {
      const instants = Array.from({ length: 120 }, (_, i) => wallOf(2020, 1, 1) + i * 31 * DAY);
      // In between, enough of other years to drive the first out of any cache.
      const elsewhere = Array.from({ length: 160 }, (_, i) => FIRST + ((LAST - FIRST) * i) / 160);
      for (const zone of ["America/New_York", "Africa/Casablanca", "Asia/Kolkata"]) {
        const rules = open();
        const forwards = instants.map((instant) => rules.span(zone, instant));
        for (const instant of elsewhere) rules.span(zone, instant);
        const late = open();
        for (const [i, instant] of [...instants.entries()].reverse()) {
          const { from, until } = same(rules.span(zone, instant), forwards[i], zone);
          same(late.span(zone, instant), forwards[i], zone);
          if (from > -Infinity) same(rules.span(zone, from), forwards[i], zone);
          if (until < Infinity) same(rules.span(zone, until - 1), forwards[i], zone);
        }
      }
    },
  },
  {
    promise: "Z4",
    title: "names the release of its data",
    run: (open) => {
      const { version } = open();
      expect(version).to.match(/^20\d\d[a-z]{1,2}$/);
      expect(open().version).to.equal(version);
    },
  },
];

function walk(rules: ZoneRules, zone: string, first: number, last: number): void {
  let span = rules.span(zone, first);
  for (;;) {
    // Plain comparisons first: chai would be most of the time.
    if (!(span.from < span.until)) expect.fail(`${zone}: a span from ${span.from} until ${span.until}`);
    if (span.until > last) break;
    const next = rules.span(zone, span.until);
    if (next.from !== span.until) expect.fail(`${zone}: after ${span.until} comes a span from ${next.from}`);
    span = next;
  }
  expect(rules.span(zone, first).from, `${zone}: the span asked for`).to.be.at.most(first);
}

function same(span: ZoneSpan, other: ZoneSpan | undefined, zone: string): ZoneSpan {
  const equal = span.from === other?.from && span.until === other.until && span.offset === other.offset;
  if (!equal) expect(span, zone).to.deep.equal(other);
  return span;
}
