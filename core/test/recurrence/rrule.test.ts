import { expect } from "chai";
import { InvalidRule } from "../../src/recurrence/local-rule.js";
import { parseRRule, type RRuleText } from "../../src/recurrence/rrule.js";
import { FIRST_WALL, LAST_WALL, SECOND, formatWall, parseWall, type Wall } from "../../src/recurrence/wall.js";

/** The examples of RFC 5545, section 3.8.5.3: start, rule, and the occurrences the RFC prints, each day at the start's time. */
const RFC_DAYS: readonly (readonly [start: string, rrule: string, expected: string])[] = [
  ["1997-09-02", "FREQ=DAILY;COUNT=10", "1997-09: 2-11."],
  ["1997-09-02", "FREQ=DAILY;UNTIL=19971224T000000", "1997-09: 2-30; 1997-10: 1-31; 1997-11: 1-30; 1997-12: 1-23."],
  ["1997-09-02", "FREQ=DAILY;INTERVAL=2", "1997-09: 2,4,6,8,10,12,14,16,18,20,22,24,26,28,30; 1997-10: 2,4,6"],
  ["1997-09-02", "FREQ=DAILY;INTERVAL=10;COUNT=5", "1997-09: 2,12,22; 1997-10: 2,12."],
  [
    "1998-01-01",
    "FREQ=YEARLY;UNTIL=20000131T090000;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
    "1998-01: 1-31; 1999-01: 1-31; 2000-01: 1-31.",
  ],
  ["1998-01-01", "FREQ=DAILY;UNTIL=20000131T090000;BYMONTH=1", "1998-01: 1-31; 1999-01: 1-31; 2000-01: 1-31."],
  ["1997-09-02", "FREQ=WEEKLY;COUNT=10", "1997-09: 2,9,16,23,30; 1997-10: 7,14,21,28; 1997-11: 4."],
  [
    "1997-09-02",
    "FREQ=WEEKLY;UNTIL=19971224T000000",
    "1997-09: 2,9,16,23,30; 1997-10: 7,14,21,28; 1997-11: 4,11,18,25; 1997-12: 2,9,16,23.",
  ],
  [
    "1997-09-02",
    "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
    "1997-09: 2,16,30; 1997-10: 14,28; 1997-11: 11,25; 1997-12: 9,23; 1998-01: 6,20; 1998-02: 3,17",
  ],
  [
    "1997-09-02",
    "FREQ=WEEKLY;UNTIL=19971007T000000;WKST=SU;BYDAY=TU,TH",
    "1997-09: 2,4,9,11,16,18,23,25,30; 1997-10: 2.",
  ],
  ["1997-09-02", "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", "1997-09: 2,4,9,11,16,18,23,25,30; 1997-10: 2."],
  [
    "1997-09-01",
    "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000;WKST=SU;BYDAY=MO,WE,FR",
    "1997-09: 1,3,5,15,17,19,29; 1997-10: 1,3,13,15,17,27,29,31; 1997-11: 10,12,14,24,26,28; 1997-12: 8,10,12,22.",
  ],
  ["1997-09-02", "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", "1997-09: 2,4,16,18,30; 1997-10: 2,14,16."],
  [
    "1997-09-05",
    "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
    "1997-09: 5; 1997-10: 3; 1997-11: 7; 1997-12: 5; 1998-01: 2; 1998-02: 6; 1998-03: 6; 1998-04: 3; 1998-05: 1; 1998-06: 5.",
  ],
  ["1997-09-05", "FREQ=MONTHLY;UNTIL=19971224T000000;BYDAY=1FR", "1997-09: 5; 1997-10: 3; 1997-11: 7; 1997-12: 5."],
  [
    "1997-09-07",
    "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
    "1997-09: 7,28; 1997-11: 2,30; 1998-01: 4,25; 1998-03: 1,29; 1998-05: 3,31.",
  ],
  [
    "1997-09-22",
    "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
    "1997-09: 22; 1997-10: 20; 1997-11: 17; 1997-12: 22; 1998-01: 19; 1998-02: 16.",
  ],
  [
    "1997-09-28",
    "FREQ=MONTHLY;BYMONTHDAY=-3",
    "1997-09: 28; 1997-10: 29; 1997-11: 28; 1997-12: 29; 1998-01: 29; 1998-02: 26",
  ],
  [
    "1997-09-02",
    "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
    "1997-09: 2,15; 1997-10: 2,15; 1997-11: 2,15; 1997-12: 2,15; 1998-01: 2,15.",
  ],
  [
    "1997-09-30",
    "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
    "1997-09: 30; 1997-10: 1,31; 1997-11: 1,30; 1997-12: 1,31; 1998-01: 1,31; 1998-02: 1.",
  ],
  ["1997-09-10", "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15", "1997-09: 10-15; 1999-03: 10-13."],
  [
    "1997-09-02",
    "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
    "1997-09: 2,9,16,23,30; 1997-11: 4,11,18,25; 1998-01: 6,13,20,27; 1998-03: 3,10,17,24,31",
  ],
  [
    "1997-06-10",
    "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
    "1997-06: 10; 1997-07: 10; 1998-06: 10; 1998-07: 10; 1999-06: 10; 1999-07: 10; " +
      "2000-06: 10; 2000-07: 10; 2001-06: 10; 2001-07: 10.",
  ],
  [
    "1997-03-10",
    "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
    "1997-03: 10; 1999-01: 10; 1999-02: 10; 1999-03: 10; 2001-01: 10; 2001-02: 10; 2001-03: 10; " +
      "2003-01: 10; 2003-02: 10; 2003-03: 10.",
  ],
  [
    "1997-01-01",
    "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
    "1997-01: 1; 1997-04: 10; 1997-07: 19; 2000-01: 1; 2000-04: 9; 2000-07: 18; " +
      "2003-01: 1; 2003-04: 10; 2003-07: 19; 2006-01: 1.",
  ],
  ["1997-05-19", "FREQ=YEARLY;BYDAY=20MO", "1997-05: 19; 1998-05: 18; 1999-05: 17"],
  ["1997-05-12", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05: 12; 1998-05: 11; 1999-05: 17"],
  ["1997-03-13", "FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "1997-03: 13,20,27; 1998-03: 5,12,19,26; 1999-03: 4,11,18,25"],
  [
    "1997-06-05",
    "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
    "1997-06: 5,12,19,26; 1997-07: 3,10,17,24,31; 1997-08: 7,14,21,28; " +
      "1998-06: 4,11,18,25; 1998-07: 2,9,16,23,30; 1998-08: 6,13,20,27; " +
      "1999-06: 3,10,17,24; 1999-07: 1,8,15,22,29; 1999-08: 5,12,19,26",
  ],
  [
    "1997-09-02",
    "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
    "1998-02: 13; 1998-03: 13; 1998-11: 13; 1999-08: 13; 2000-10: 13",
  ],
  [
    "1997-09-13",
    "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
    "1997-09: 13; 1997-10: 11; 1997-11: 8; 1997-12: 13; 1998-01: 10; 1998-02: 7; 1998-03: 7; 1998-04: 11; 1998-05: 9; 1998-06: 13",
  ],
  [
    "1996-11-05",
    "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
    "1996-11: 5; 2000-11: 7; 2004-11: 2",
  ],
  ["1997-09-04", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09: 4; 1997-10: 7; 1997-11: 6."],
  [
    "1997-09-29",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
    "1997-09: 29; 1997-10: 30; 1997-11: 27; 1997-12: 30; 1998-01: 29; 1998-02: 26; 1998-03: 30",
  ],
  ["1997-08-05", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08: 5,10,19,24."],
  ["1997-08-05", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08: 5,17,19,31."],
  ["2007-01-15", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01: 15,30; 2007-02: 15; 2007-03: 15,30."],
];

const TWENTY_MINUTES = [9, 10, 11, 12, 13, 14, 15, 16]
  .flatMap((hour) => [`${hour}:00`, `${hour}:20`, `${hour}:40`])
  .join(" ");

/** The same for a frequency below a day: times from 1997-09-02 on, a bar between two days. */
const RFC_TIMES: readonly (readonly [rrule: string, expected: string])[] = [
  ["FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000", "9:00 12:00 15:00."],
  ["FREQ=MINUTELY;INTERVAL=15;COUNT=6", "9:00 9:15 9:30 9:45 10:00 10:15."],
  ["FREQ=MINUTELY;INTERVAL=90;COUNT=4", "9:00 10:30 12:00 13:30."],
  ["FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40", `${TWENTY_MINUTES} | ${TWENTY_MINUTES}`],
  ["FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16", `${TWENTY_MINUTES} | ${TWENTY_MINUTES}`],
];

describe("parseRRule", () => {
  describe("the examples of RFC 5545", () => {
    for (const [start, rrule, expected] of RFC_DAYS) {
      it(`${start} ${rrule}`, () => {
        const days = daysOf(expected).map((day) => `${day}T09:00:00`);
        expectSeries({ rrule, start: wall(`${start}T09:00`) }, days, expected.endsWith("."));
      });
    }
    for (const [rrule, expected] of RFC_TIMES) {
      it(`1997-09-02 ${rrule}`, () => {
        const times = expected
          .replace(".", "")
          .split(" | ")
          .flatMap((day, index) => day.split(" ").map((time) => `1997-09-0${index + 2}T${time.padStart(5, "0")}:00`));
        expectSeries({ rrule, start: wall("1997-09-02T09:00") }, times, expected.endsWith("."));
      });
    }
    it("leaves out the first Friday 13th by EXDATE", () => {
      const rule = { rrule: "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", start: wall("1997-09-02T09:00") };
      const exdates = [wall("1998-02-13T09:00")];
      expectSeries({ ...rule, exdates }, ["1998-03-13T09:00:00", "1998-11-13T09:00:00"], false);
    });
  });

  describe("what a rule leaves out", () => {
    const cases: readonly (readonly [start: string, rrule: string, expected: readonly string[]])[] = [
      ["2027-03-17T09:30:15", "FREQ=YEARLY", ["2027-03-17T09:30:15", "2028-03-17T09:30:15"]],
      ["2028-02-29T09:30:00", "FREQ=YEARLY", ["2028-02-29T09:30:00", "2032-02-29T09:30:00"]],
      ["2027-03-17T09:30:00", "FREQ=YEARLY;BYMONTH=5", ["2027-05-17T09:30:00", "2028-05-17T09:30:00"]],
      ["2027-03-17T09:30:00", "FREQ=YEARLY;BYWEEKNO=20", ["2027-05-19T09:30:00", "2028-05-17T09:30:00"]],
      ["2027-01-31T09:30:00", "FREQ=MONTHLY", ["2027-01-31T09:30:00", "2027-03-31T09:30:00"]],
      ["2027-03-17T09:30:00", "FREQ=WEEKLY", ["2027-03-17T09:30:00", "2027-03-24T09:30:00"]],
      ["2027-03-17T09:30:00", "FREQ=DAILY;BYHOUR=8", ["2027-03-18T08:30:00", "2027-03-19T08:30:00"]],
      ["2027-03-17T09:30:15", "FREQ=HOURLY", ["2027-03-17T09:30:15", "2027-03-17T10:30:15"]],
      ["2027-03-17T09:30:15", "FREQ=MINUTELY", ["2027-03-17T09:30:15", "2027-03-17T09:31:15"]],
      ["2027-03-17T09:30:15", "FREQ=SECONDLY", ["2027-03-17T09:30:15", "2027-03-17T09:30:16"]],
    ];
    for (const [start, rrule, expected] of cases) {
      it(`${start} ${rrule}`, () => expectSeries({ rrule, start: wall(start) }, expected, false));
    }
  });

  describe("the edges", () => {
    const start = wall("2027-01-01T09:00");

    it("counts the start only if the rule produces it", () => {
      const days = ["2027-01-04T09:00:00", "2027-01-11T09:00:00"];
      expectSeries({ rrule: "FREQ=WEEKLY;BYDAY=MO;COUNT=2", start }, days, true);
    });
    it("takes an UNTIL without a time as the whole of that day", () => {
      const times = ["2027-01-01T09:00:00", "2027-01-01T21:00:00", "2027-01-02T09:00:00", "2027-01-02T21:00:00"];
      expectSeries({ rrule: "FREQ=DAILY;BYHOUR=9,21;UNTIL=20270102", start }, times, true);
    });
    it("has an UNTIL as its last occurrence", () => {
      expectSeries(
        { rrule: "FREQ=DAILY;UNTIL=20270102T090000", start },
        ["2027-01-01T09:00:00", "2027-01-02T09:00:00"],
        true,
      );
      expectSeries({ rrule: "FREQ=DAILY;UNTIL=20270102T085959", start }, ["2027-01-01T09:00:00"], true);
      expectSeries({ rrule: "FREQ=DAILY;UNTIL=20261231", start }, [], true);
    });
    it("adds rdates and removes exdates, which change no count", () => {
      const rule: RRuleText = {
        rrule: "FREQ=DAILY;COUNT=3",
        start,
        rdates: [
          wall("2027-02-01T10:00"),
          wall("2026-12-24T10:00"),
          wall("2027-01-02T09:00"),
          wall("2027-03-01T10:00"),
        ],
        exdates: [wall("2027-01-01T09:00"), wall("2027-03-01T10:00"), wall("2027-07-01T10:00")],
      };
      const expected = ["2026-12-24T10:00:00", "2027-01-02T09:00:00", "2027-01-03T09:00:00", "2027-02-01T10:00:00"];
      expectSeries(rule, expected, true);
    });
    it("is strict on both sides, between two seconds too", () => {
      const rule = parseRRule({ rrule: "FREQ=SECONDLY", start });
      expect(rule.after(start)).to.equal(start + SECOND);
      expect(rule.after(start + 0.5)).to.equal(start + SECOND);
      expect(rule.before(start + SECOND)).to.equal(start);
      expect(rule.before(start + SECOND + 0.5)).to.equal(start + SECOND);
      expect(rule.before(start)).to.equal(null);
    });
    it("ends with the year 9999", () => {
      const rule = parseRRule({ rrule: "FREQ=SECONDLY", start });
      expect(rule.after(LAST_WALL - 1)).to.equal(LAST_WALL);
      expect(rule.after(LAST_WALL)).to.equal(null);
      expect(rule.after(Infinity)).to.equal(null);
      expect(rule.before(Infinity)).to.equal(LAST_WALL);
      expect(parseRRule({ rrule: "FREQ=YEARLY;BYSETPOS=-1;BYDAY=FR", start }).before(Infinity)).to.equal(
        wall("9999-12-31T09:00"),
      );
    });
    it("reads any case, order and repetition", () => {
      const rule = { rrule: "rrule:byhour=21,9,21;byday=sa,FR,fr;freq=Weekly;count=03", start };
      expectSeries(rule, ["2027-01-01T09:00:00", "2027-01-01T21:00:00", "2027-01-02T09:00:00"], true);
    });
    it("finds what comes once in a long while", () => {
      const first = (rrule: string, from: string) => format(parseRRule({ rrule, start }).after(wall(from)));
      expect(first("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2096-03-01T00:00")).to.equal("2104-02-29T09:00:00");
      expect(first("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29", "2096-03-01T00:00")).to.equal("2104-02-29T00:00:00");
      expect(first("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU", "2080-01-01T00:00")).to.equal("2088-02-29T09:00:00");
      expect(first("FREQ=MONTHLY;BYDAY=5MO;BYMONTH=2", "2027-01-01T00:00")).to.equal("2044-02-29T09:00:00");
      expect(first("FREQ=YEARLY;BYDAY=53MO", "2027-01-01T00:00")).to.equal("2029-12-31T09:00:00");
      expect(first("FREQ=YEARLY;INTERVAL=397;BYYEARDAY=366", "2027-01-02T00:00")).to.equal("2424-12-31T09:00:00");
      expect(first("FREQ=MINUTELY;INTERVAL=7;BYHOUR=9;BYMONTHDAY=31", "2027-02-01T00:00")).to.match(/^2027-03-31T09:0/);
    });
  });

  describe("rules made to be slow", () => {
    const cases: readonly string[] = [
      "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
      "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
      "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30,31",
      "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
      "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29",
      "FREQ=SECONDLY;BYMONTH=1;BYYEARDAY=200",
      "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31,33,35,37,39,41,43,45,47,49",
      "FREQ=SECONDLY;INTERVAL=60;BYSECOND=30",
      "FREQ=SECONDLY;INTERVAL=86400;BYHOUR=8",
      "FREQ=SECONDLY;INTERVAL=86401;BYHOUR=9;BYMINUTE=0;BYSECOND=1",
      "FREQ=SECONDLY;INTERVAL=86401;BYHOUR=8;BYMINUTE=59;BYSECOND=59;COUNT=10000",
      "FREQ=SECONDLY;INTERVAL=86399;BYHOUR=9;BYMINUTE=0;BYSECOND=0;BYMONTHDAY=31;COUNT=10000",
      "FREQ=SECONDLY;INTERVAL=604800;BYDAY=MO",
      "FREQ=SECONDLY;INTERVAL=9999999999",
      "FREQ=SECONDLY;COUNT=10000",
      "FREQ=SECONDLY;BYSETPOS=2;BYHOUR=1",
      `FREQ=SECONDLY;BYMINUTE=${upTo(59)};BYSECOND=${upTo(59)};BYHOUR=${upTo(23)};BYMONTH=2;BYMONTHDAY=30`,
      `FREQ=DAILY;BYMINUTE=${upTo(59)};BYSECOND=${upTo(59)};BYHOUR=${upTo(23)};BYMONTH=2;BYMONTHDAY=29`,
      "FREQ=MINUTELY;INTERVAL=7;BYHOUR=9;BYMONTHDAY=31",
      "FREQ=MINUTELY;INTERVAL=1440;BYHOUR=10",
      "FREQ=MINUTELY;INTERVAL=1439;BYHOUR=3;BYMINUTE=3;BYYEARDAY=366;COUNT=10000",
      "FREQ=HOURLY;INTERVAL=24;BYHOUR=10",
      "FREQ=HOURLY;INTERVAL=168;BYDAY=MO",
      "FREQ=HOURLY;INTERVAL=25;BYMONTH=2;BYMONTHDAY=29;BYHOUR=9;COUNT=10000",
      "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
      "FREQ=DAILY;INTERVAL=7;BYDAY=MO;COUNT=10000",
      "FREQ=DAILY;INTERVAL=2147483647;BYDAY=MO",
      `FREQ=DAILY;BYSETPOS=${upTo(250).slice(4)};BYDAY=MO`,
      "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2",
      "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;BYSETPOS=-3;COUNT=10000",
      "FREQ=MONTHLY;INTERVAL=12;BYMONTH=2",
      "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=24",
      `FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=${upTo(250).slice(62)}`,
      "FREQ=MONTHLY;BYDAY=53MO",
      "FREQ=MONTHLY;BYDAY=5MO;BYMONTH=2;COUNT=10000",
      "FREQ=MONTHLY;INTERVAL=4800;BYMONTHDAY=31;BYMONTH=2",
      "FREQ=YEARLY;INTERVAL=2147483648",
      "FREQ=YEARLY;INTERVAL=9999999999;BYWEEKNO=53",
      "FREQ=YEARLY;INTERVAL=2;BYYEARDAY=366",
      "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
      "FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU;BYMONTHDAY=3;BYMONTH=1;WKST=SU;COUNT=10000",
      "FREQ=YEARLY;BYDAY=5MO",
      "FREQ=YEARLY;BYDAY=53MO",
      "FREQ=YEARLY;BYSETPOS=366",
      "FREQ=YEARLY;BYDAY=MO;BYSETPOS=366,-366",
      "FREQ=YEARLY;BYSETPOS=366;BYMONTH=2;BYDAY=MO,TU;COUNT=10000",
    ];
    for (const rrule of cases) {
      it(rrule.length > 90 ? `${rrule.slice(0, 87)}...` : rrule, () => {
        const walls = [
          FIRST_WALL,
          wall("2027-06-30T12:00"),
          wall("2100-02-28T12:00"),
          wall("9990-01-01T00:00"),
          LAST_WALL,
        ];
        for (const at of walls) {
          // Read anew each time, as what a rule has found out once it remembers.
          for (const search of ["after", "before"] as const)
            expect(cpuMs(() => tryRule(rrule, search, at))).to.be.below(50);
        }
      });
    }

    function tryRule(rrule: string, search: "after" | "before", at: Wall): void {
      refusalOf(() => parseRRule({ rrule, start: wall("2027-01-01T09:00") })[search](at));
    }
  });

  describe("what is refused", () => {
    const cases: readonly (readonly [rrule: string, code: string])[] = [
      ["", "rrule_freq_missing"],
      ["RRULE:", "rrule_freq_missing"],
      ["INTERVAL=2", "rrule_freq_missing"],
      ["FREQ=FORTNIGHTLY", "rrule_freq_unknown"],
      ["FREQ=DAILY;", "rrule_part_malformed"],
      ["FREQ", "rrule_part_malformed"],
      ["=DAILY", "rrule_part_malformed"],
      ["FREQ=", "rrule_part_empty"],
      ["FREQ=DAILY;BYHOUR=", "rrule_part_empty"],
      ["FREQ=DAILY;FREQ=DAILY", "rrule_part_duplicate"],
      ["FREQ=DAILY;byhour=1;BYHOUR=1", "rrule_part_duplicate"],
      ["FREQ=DAILY;X-MINE=1", "rrule_part_unknown"],
      ["FREQ=DAILY;BYEASTER=1", "rrule_part_unknown"],
      ["RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD", "rrule_part_unknown"],
      ["FREQ=MONTHLY;SKIP=FORWARD", "rrule_part_unknown"],
      ["DTSTART:20270101T090000\nRRULE:FREQ=DAILY", "rrule_character"],
      ["FREQ=DAILY ;COUNT=1", "rrule_character"],
      ["FREQ=MıNUTELY", "rrule_character"],
      [`FREQ=DAILY;BYHOUR=${"1,".repeat(600)}1`, "rrule_too_long"],
      ["FREQ=DAILY;INTERVAL=0", "rrule_part_range"],
      ["FREQ=DAILY;INTERVAL=-1", "rrule_part_value"],
      ["FREQ=DAILY;INTERVAL=1.5", "rrule_part_value"],
      ["FREQ=DAILY;INTERVAL=10000000000", "rrule_part_range"],
      ["FREQ=DAILY;INTERVAL=00000000001", "rrule_part_range"],
      ["FREQ=DAILY;COUNT=0", "rrule_part_range"],
      ["FREQ=DAILY;COUNT=10001", "rrule_count_high"],
      ["FREQ=DAILY;COUNT=1;UNTIL=20270101", "rrule_count_and_until"],
      ["FREQ=DAILY;UNTIL=20270101T090000Z", "rrule_until_zoned"],
      ["FREQ=DAILY;UNTIL=20270229", "rrule_until_value"],
      ["FREQ=DAILY;UNTIL=20270101T240000", "rrule_until_value"],
      ["FREQ=DAILY;UNTIL=20270101T0900", "rrule_until_value"],
      ["FREQ=DAILY;UNTIL=2027-01-01", "rrule_until_value"],
      ["FREQ=DAILY;BYSECOND=60", "rrule_part_range"],
      ["FREQ=DAILY;BYMINUTE=60", "rrule_part_range"],
      ["FREQ=DAILY;BYHOUR=24", "rrule_part_range"],
      ["FREQ=DAILY;BYHOUR=-1", "rrule_part_value"],
      ["FREQ=DAILY;BYHOUR=1,,2", "rrule_part_value"],
      ["FREQ=DAILY;BYMONTH=0", "rrule_part_range"],
      ["FREQ=DAILY;BYMONTH=13", "rrule_part_range"],
      ["FREQ=DAILY;BYMONTH=5L", "rrule_part_value"],
      ["FREQ=MONTHLY;BYMONTHDAY=0", "rrule_part_zero"],
      ["FREQ=MONTHLY;BYMONTHDAY=-32", "rrule_part_range"],
      ["FREQ=YEARLY;BYYEARDAY=367", "rrule_part_range"],
      ["FREQ=YEARLY;BYYEARDAY=-0", "rrule_part_zero"],
      ["FREQ=YEARLY;BYWEEKNO=54", "rrule_part_range"],
      ["FREQ=YEARLY;BYWEEKNO=0", "rrule_part_zero"],
      ["FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "rrule_part_zero"],
      ["FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367", "rrule_part_range"],
      ["FREQ=MONTHLY;BYSETPOS=1", "rrule_bysetpos_alone"],
      ["FREQ=MONTHLY;BYDAY=XX", "rrule_part_value"],
      ["FREQ=MONTHLY;BYDAY=M", "rrule_part_value"],
      ["FREQ=MONTHLY;BYDAY=MONDAY", "rrule_part_value"],
      ["FREQ=MONTHLY;BYDAY=0MO", "rrule_part_zero"],
      ["FREQ=MONTHLY;BYDAY=54MO", "rrule_part_range"],
      ["FREQ=WEEKLY;BYDAY=1MO", "rrule_byday_ordinal"],
      ["FREQ=DAILY;BYDAY=-1MO", "rrule_byday_ordinal"],
      ["FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "rrule_byday_ordinal"],
      ["FREQ=WEEKLY;BYMONTHDAY=1", "rrule_part_misplaced"],
      ["FREQ=MONTHLY;BYYEARDAY=1", "rrule_part_misplaced"],
      ["FREQ=DAILY;BYYEARDAY=1", "rrule_part_misplaced"],
      ["FREQ=MONTHLY;BYWEEKNO=1", "rrule_part_misplaced"],
      ["FREQ=WEEKLY;WKST=1", "rrule_part_value"],
    ];
    for (const [rrule, code] of cases) {
      it(`${JSON.stringify(rrule.slice(0, 60))} as ${code}`, () => {
        expect(refusalOf(() => parseRRule({ rrule, start: FIRST_WALL }))?.code).to.equal(code);
      });
    }

    it("a start or a date that is no whole second of the calendar", () => {
      const rrule = "FREQ=DAILY";
      const code = (rule: Omit<RRuleText, "rrule">) => refusalOf(() => parseRRule({ rrule, ...rule }))?.code;
      for (const bad of [-SECOND, 0.5, 1, LAST_WALL + SECOND, NaN, Infinity]) {
        expect(code({ start: bad })).to.equal("rrule_start");
        expect(code({ start: 0, exdates: [bad] })).to.equal("rrule_exdates");
        expect(code({ start: 0, rdates: [bad] })).to.equal("rrule_rdates");
      }
      const many = Array.from({ length: 1_001 }, (_, index) => index * SECOND);
      expect(code({ start: 0, exdates: many })).to.equal("rrule_exdates_many");
      expect(code({ start: 0, rdates: many })).to.equal("rrule_rdates_many");
    });

    it("names the part and the reason", () => {
      const message = (rrule: string) => refusalOf(() => parseRRule({ rrule, start: 0 }))?.message;
      expect(message("FREQ=DAILY;BYHOUR=24")).to.equal("BYHOUR has 24, and runs from 0 to 23");
      expect(message("FREQ=DAILY;BYSECOND=60")).to.contain("leap seconds");
      expect(message("FREQ=DAILY;UNTIL=20270101T090000Z")).to.contain("schedule's own `until`");
    });
  });

  describe("garbage", () => {
    it("is refused by InvalidRule, or is a rule", () => {
      const random = lcg(42);
      const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)]!;
      let accepted = 0;
      for (let i = 0; i < 20_000; i++) {
        let text = pick(SEEDS);
        for (let edits = Math.floor(random() * 4); edits > 0; edits--) {
          const at = Math.floor(random() * (text.length + 1));
          text = text.slice(0, at) + pick(SCRAPS) + text.slice(at + Math.floor(random() * 3));
        }
        const search = pick(["after", "before"] as const);
        const from = FIRST_WALL + Math.floor(random() * LAST_WALL);
        const refusal = refusalOf(() => {
          const found = parseRRule({ rrule: text, start: wall("2027-01-01T09:00") })[search](from);
          if (found !== null) expect(found % SECOND, text).to.equal(0);
        });
        if (refusal === null) accepted++;
        else expect(refusal.code, text).to.match(/^rrule_[a-z_]+$/);
      }
      expect(accepted).to.be.within(4_000, 16_000);
    });
  });
});

const SEEDS: readonly string[] = [
  "FREQ=DAILY",
  "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,FR;WKST=SU",
  "FREQ=MONTHLY;BYDAY=-1FR,2MO;BYSETPOS=1,-1;COUNT=9",
  "FREQ=YEARLY;BYWEEKNO=1,-1,53;BYDAY=TH;BYHOUR=0,23",
  "RRULE:FREQ=YEARLY;BYYEARDAY=1,-1,366;UNTIL=20401231T235959",
  "FREQ=HOURLY;INTERVAL=5;BYMONTHDAY=31;BYMINUTE=0,30",
  "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYSECOND=59",
  "",
];
const SCRAPS: readonly string[] = [
  ..."0123456789-+,;=:TZ ",
  ...[
    "\0",
    "é",
    "𝟙",
    "ß",
    "FREQ=",
    "BYDAY=",
    "MO",
    "53",
    "99999999999",
    ";COUNT=3",
    ";WKST=MO",
    "__proto__=1",
    "",
    "",
    "",
    "",
  ],
];

function wall(text: string): Wall {
  const parsed = parseWall(text);
  if (parsed === null) throw new Error(`${text} is not a wall time`);
  return parsed;
}

function format(found: Wall | null): string | null {
  return found === null ? null : formatWall(found);
}

/** `1997-09: 2,4-6; 1997-10: 1.`: lists and ranges of days by month; a full stop ends the series. */
function daysOf(text: string): string[] {
  return text
    .replace(".", "")
    .split("; ")
    .flatMap((month) => {
      const [name, days] = month.split(": ");
      return days!.split(",").flatMap((range) => {
        const [first, last = first] = range.split("-").map(Number);
        return Array.from({ length: last! - first! + 1 }, (_, i) => `${name}-${String(first! + i).padStart(2, "0")}`);
      });
    });
}

/** Walks both ways: what comes forward must come backward. */
function expectSeries(text: RRuleText, expected: readonly string[], isWhole: boolean): void {
  const rule = parseRRule(text);
  const forward: Wall[] = [];
  const limit = expected.length + (isWhole ? 1 : 0);
  for (let at = rule.after(-Infinity); at !== null && forward.length < limit; at = rule.after(at)) forward.push(at);
  expect(forward.map(formatWall)).to.deep.equal(expected);

  const back: Wall[] = [];
  const past = isWhole ? Infinity : (forward.at(-1) ?? 0) + 1;
  for (let at = rule.before(past); at !== null && back.length <= limit; at = rule.before(at)) back.unshift(at);
  expect(back.map(formatWall)).to.deep.equal(expected);
}

function refusalOf(run: () => unknown): InvalidRule | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof InvalidRule) return error;
    throw error;
  }
}

function cpuMs(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function upTo(last: number): string {
  return Array.from({ length: last + 1 }, (_, index) => index).join(",");
}

function lcg(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296) / 4_294_967_296;
}
