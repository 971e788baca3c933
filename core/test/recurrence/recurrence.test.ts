import { expect } from "chai";
import fc from "fast-check";
import { createHash } from "node:crypto";
import { cpuOf } from "../input/support/cpu.js";
import { eventIdOf, instantKey, parseKey, spreadOf, wallKey } from "../../src/recurrence/occurrence.js";
import { parseTiming } from "../../src/recurrence/parse-timing.js";
import { type CompiledTiming, compileTiming, type Occurrence, Recurrence } from "../../src/recurrence/recurrence.js";
import { sameTiming, type Timing, timingText } from "../../src/recurrence/timing.js";
import { formatDuration, parseDuration } from "../../src/recurrence/duration.js";
import { parsePoint } from "../../src/recurrence/point.js";
import { formatOffset, formatWall, HOUR, LAST_WALL, MINUTE, parseWall } from "../../src/recurrence/wall.js";
import { IntlZoneRules } from "../../src/recurrence/zones/intl-zone-rules.js";
import { TableZoneRules } from "../../src/recurrence/zones/table-zone-rules.js";
import type { ZoneSpanStart } from "../../src/recurrence/zones/zone-table.js";

const zones = new IntlZoneRules({ version: process.versions.tz ?? "" });

function timing(input: object): Timing {
  return parseTiming({ timeZone: "Europe/Berlin", ...input }, zones);
}

function compiled(input: object): CompiledTiming {
  return compileTiming(timing(input), zones);
}

function all(series: CompiledTiming, from = "1970-01-01T00:00:00Z", most = 20): readonly Occurrence[] {
  const found: Occurrence[] = [];
  let one = series.after(Date.parse(from) - 1);
  for (; one !== null && found.length < most; one = series.after(one.instant)) found.push(one);
  return found;
}

/** As the clocks of the zone show it, with the name where that is another time: `2027-03-28T03:30:00+02:00 gap`. */
function shown({ instant, offset, note }: Occurrence): string {
  return `${formatWall(instant + offset)}${formatOffset(offset)}${note === null ? "" : ` ${note}`}`;
}

function wall(text: string): number {
  const wall = parseWall(text);
  if (wall === null) throw new Error(`${text} is no local time`);
  return wall;
}

const daily = { when: { cron: "30 2 * * *" } };
const yearly = (month: number, day: number, time = "09:00") => ({ when: { yearly: { month, day, time } } });

describe("the bounds of a timing", () => {
  type BoundCase = readonly [title: string, input: object, days: readonly string[]];
  const cases: readonly BoundCase[] = [
    [
      "include both ends, as local times",
      { when: { cron: "0 9 * * *" }, from: "2027-03-01T09:00", until: "2027-03-03T09:00:00" },
      ["2027-03-01T09:00:00+01:00", "2027-03-02T09:00:00+01:00", "2027-03-03T09:00:00+01:00"],
    ],
    [
      "leave out what is a second beyond",
      { when: { cron: "0 9 * * *" }, from: "2027-03-01T09:00:01", until: "2027-03-03T08:59:59" },
      ["2027-03-02T09:00:00+01:00"],
    ],
    [
      "include both ends, as instants",
      { when: { cron: "0 9 * * *" }, from: "2027-03-01T08:00:00Z", until: "2027-03-02T03:00:00-05:00" },
      ["2027-03-01T09:00:00+01:00", "2027-03-02T09:00:00+01:00"],
    ],
    [
      "hold for steps",
      {
        when: { every: "PT10M", start: "2027-03-01T00:00:00Z" },
        from: "2027-03-01T01:25",
        until: "2027-03-01T00:40:00Z",
      },
      ["2027-03-01T01:30:00+01:00", "2027-03-01T01:40:00+01:00"],
    ],
    [
      "hold for rules, where COUNT counts from the start all the same",
      { when: { rrule: "FREQ=DAILY;COUNT=3", start: "2027-03-01T09:00" }, from: "2027-03-02T00:00" },
      ["2027-03-02T09:00:00+01:00", "2027-03-03T09:00:00+01:00"],
    ],
    [
      "include an occurrence that a gap moves",
      { ...daily, from: "2027-03-28T02:30", until: "2027-03-28T02:30" },
      ["2027-03-28T03:30:00+02:00 gap"],
    ],
    [
      "include it also at the boundary",
      { ...daily, gap: "boundary", from: "2027-03-28T02:30", until: "2027-03-28T02:30" },
      ["2027-03-28T03:00:00+02:00 gap"],
    ],
    [
      "include what follows a start that the clocks skip",
      { when: { cron: "0 3 * * *" }, from: "2027-03-28T02:30", until: "2027-03-28T12:00" },
      ["2027-03-28T03:00:00+02:00"],
    ],
    [
      "include the first pass of a repeated hour",
      { ...daily, from: "2027-10-31T02:30", until: "2027-10-31T02:30" },
      ["2027-10-31T02:30:00+02:00 overlap"],
    ],
    [
      "include the second pass",
      { ...daily, overlap: "second", from: "2027-10-31T02:30", until: "2027-10-31T02:30" },
      ["2027-10-31T02:30:00+01:00 overlap"],
    ],
    [
      "include both passes",
      { ...daily, overlap: "both", from: "2027-10-31T02:30", until: "2027-10-31T02:30" },
      ["2027-10-31T02:30:00+02:00 overlap", "2027-10-31T02:30:00+01:00 overlap"],
    ],
  ];
  for (const [title, input, days] of cases) {
    it(title, () => {
      const series = compiled(input);
      expect(all(series).map(shown)).to.deep.equal(days);
      const backwards: Occurrence[] = [];
      for (let one = series.before(Infinity); one !== null; one = series.before(one.instant)) backwards.unshift(one);
      expect(backwards.map(shown)).to.deep.equal(days);
    });
  }

  it("do not count: a series' length is for its events to count", () => {
    const limited = compiled({ when: { cron: "0 9 * * *" }, count: 2 });
    expect(all(limited)).to.have.length(20);
  });
});

describe("the names of occurrences", () => {
  const cases: readonly (readonly [title: string, input: object, key: string])[] = [
    ["a local time", { when: { at: "2027-03-14T09:00" } }, "2027-03-14T09:00:00/0"],
    ["a time that a gap moves", { when: { at: "2027-03-28T02:30" } }, "2027-03-28T02:30:00/0"],
    ["a time at the boundary", { when: { at: "2027-03-28T02:30" }, gap: "boundary" }, "2027-03-28T02:30:00/0"],
    ["a first pass", { when: { at: "2027-10-31T02:30" } }, "2027-10-31T02:30:00/0"],
    ["a second pass", { when: { at: "2027-10-31T02:30" }, overlap: "second" }, "2027-10-31T02:30:00/1"],
    ["an instant", { when: { at: "2027-10-31T02:30:00+01:00" } }, "2027-10-31T01:30:00Z"],
    ["a step", { when: { every: "PT1H", start: "2027-10-31T02:30" } }, "2027-10-31T00:30:00Z"],
  ];
  for (const [title, input, key] of cases) {
    it(`name ${title} ${key}`, () => {
      const series = compiled(input);
      const [one] = all(series);
      expect(one?.key).to.equal(key);
      expect(series.instantOf(key)).to.equal(one?.instant);
      expect(series.find(key)).to.deep.equal(one);
    });
  }

  it("read back what they say", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), fc.constantFrom(0, 1), (second, fold) => {
        const at = second * 1_000;
        expect(parseKey(wallKey({ wall: at, fold }))).to.deep.equal({ wall: at, fold });
        expect(parseKey(instantKey({ instant: at }))).to.deep.equal({ instant: at });
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });

  it("find nothing of what the series has not", () => {
    const series = compiled({ when: { cron: "0 9 * * *" }, until: "2027-12-31T00:00" });
    for (const key of ["2027-03-14T10:00:00/0", "2027-03-14T08:00:00Z", "2028-01-01T09:00:00/0"]) {
      expect(series.find(key), key).to.equal(null);
    }
  });

  it("find a second pass where there is one", () => {
    const both = compiled({ ...daily, overlap: "both" });
    expect(both.find("2027-10-31T02:30:00/1")?.key).to.equal("2027-10-31T02:30:00/1");
    expect(both.find("2027-10-30T02:30:00/1")).to.equal(null);
  });

  it("are all different within a series, also in the autumn", () => {
    for (const overlap of ["first", "second", "both"]) {
      const series = compiled({ when: { cron: "*/15 * * * *" }, overlap });
      const keys = all(series, "2027-10-30T00:00:00Z", 400).map((one) => one.key);
      expect(new Set(keys).size).to.equal(400);
    }
  });
});

/** RFC 9562, section 5.5, word for word. */
function uuidV5(namespace: string, name: string): string {
  const bytes = createHash("sha1")
    .update(Buffer.from(namespace.replaceAll("-", ""), "hex"))
    .update(name, "utf8")
    .digest()
    .subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

describe("eventIdOf", () => {
  const dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";

  it("gives the published example", () => {
    expect(eventIdOf(dns, "www.example.com")).to.equal("2ed6657d-e927-568b-95e1-2665a8aea6a2");
    expect(uuidV5(dns, "www.example.com")).to.equal("2ed6657d-e927-568b-95e1-2665a8aea6a2");
  });

  it("makes what RFC 9562 calls a version 5 of the schedule's id and the occurrence's key", () => {
    const key = fc.integer({ min: 0, max: 4e9 }).map((second) => wallKey({ wall: second * 1_000, fold: 0 }));
    fc.assert(
      fc.property(fc.uuid(), key, (scheduleId, key) => {
        expect(eventIdOf(scheduleId, key)).to.equal(uuidV5(scheduleId, key));
        expect(eventIdOf(scheduleId.toUpperCase(), key)).to.equal(uuidV5(scheduleId, key));
      }),
      { seed: 5, numRuns: 2_000 },
    );
  });

  it("refuses a name space that is no UUID", () => {
    for (const id of ["", "daily-report", dns.slice(1), `${dns}0`]) {
      expect(() => eventIdOf(id, "2027-01-01T00:00:00/0"), id).to.throw(RangeError, "is no UUID");
    }
  });

  it("is quick enough to be asked for each event", () => {
    const ids = () => {
      for (let index = 0; index < 10_000; index++) eventIdOf(dns, `2027-01-01T00:00:${index % 60}/0`);
    };
    expect(cpuOf(ids, 100)).to.be.lessThan(100);
  });
});

describe("dueAt", () => {
  const id = (index: number) => `00000000-0000-7000-8000-${String(index).padStart(12, "0")}`;

  it("is the occurrence's instant where there is no spread", () => {
    const series = compiled({ when: { cron: "0 9 * * *" } });
    const [one] = all(series);
    expect(series.dueAt(id(1), one!)).to.equal(one!.instant);
  });

  it("is the same each time it is asked, wherever it is asked", () => {
    const input = { when: { cron: "0 9 * * *" }, spread: "PT10M" };
    const [one] = all(compiled(input), "2027-03-14T00:00:00Z");
    const due = compiled(input).dueAt(id(1), one!);
    expect(compiled(input).dueAt(id(1), one!)).to.equal(due);
    expect(due - one!.instant).to.equal(spreadOf(eventIdOf(id(1), one!.key), 10 * MINUTE));
  });

  it("spreads nothing beyond the year 9999", () => {
    const series = compiled({ when: { at: "9999-12-31T23:00:00" }, timeZone: "Etc/UTC", spread: "P30D" });
    const last = series.after(0)!;
    const dues = Array.from({ length: 50 }, (_, nth) => series.dueAt(id(nth), last));
    expect(Math.max(...dues)).to.be.within(last.instant + MINUTE, LAST_WALL);
  });

  it("uses the whole spread, evenly", () => {
    const series = compiled({ when: { cron: "0 9 * * *" }, spread: "PT10M" });
    const [one] = all(series, "2027-03-14T00:00:00Z");
    const delays = Array.from({ length: 2_000 }, (_, index) => series.dueAt(id(index), one!) - one!.instant);
    const tenths = Array.from({ length: 10 }, (_, tenth) => {
      return delays.filter((delay) => Math.floor(delay / MINUTE) === tenth).length;
    });
    for (const count of tenths) expect(count).to.be.within(140, 260);
    expect(Math.min(...delays)).to.be.at.least(0);
    expect(Math.max(...delays)).to.be.lessThan(10 * MINUTE);
  });

  it("never comes to the next occurrence, nor changes their order", () => {
    const spread = fc.constantFrom("PT1S", "PT7M", "PT1H", "P1D", "P30D");
    const rule = fc.constantFrom<object>(
      { cron: "*/7 * * * *" },
      { cron: "* * * * * *" },
      { cron: "0 0,1,2,3,23 * * *" },
      { every: "PT1S", start: "2027-01-01T00:00" },
      { every: "PT61S", start: "2027-01-01T00:00" },
      { rrule: "FREQ=MINUTELY;INTERVAL=23", start: "2027-01-01T00:00" },
    );
    const from = fc.constantFrom("2027-03-27T22:00:00Z", "2027-10-30T22:00:00Z", "2027-06-01T00:00:00Z");
    fc.assert(
      fc.property(
        rule,
        spread,
        from,
        fc.constantFrom("first", "second", "both"),
        fc.uuid(),
        (when, spread, from, overlap, id) => {
          const series = compiled({ when, spread, overlap });
          const occurrences = all(series, from, 100);
          const dues = occurrences.map((one) => series.dueAt(id, one));
          occurrences.forEach((one, index) => {
            expect(dues[index]).to.be.at.least(one.instant);
            expect(dues[index]! - one.instant).to.be.lessThan(parseDuration(spread)!);
            if (index > 0) expect(dues[index - 1]).to.be.lessThan(one.instant);
          });
        },
      ),
      { seed: 9, numRuns: 200 },
    );
  });

  it("has the whole spread where nothing follows", () => {
    const series = compiled({ when: { at: "2027-03-14T09:00" }, spread: "P1D" });
    const [one] = all(series);
    const delays = Array.from({ length: 100 }, (_, index) => series.dueAt(id(index), one!) - one!.instant);
    expect(Math.max(...delays)).to.be.greaterThan(20 * HOUR);
  });
});

describe("new zone data", () => {
  const noon = wall("2030-06-01T12:00");
  const at = (...starts: ZoneSpanStart[]) => {
    return new TableZoneRules({ version: "2030b", zones: { "Moon/Tycho": starts }, links: {} });
  };
  const tycho = (when: object, more: object = {}): Timing => {
    return { timeZone: "Moon/Tycho", gap: "shift", overlap: "first", leapDay: "feb28", when, ...more } as Timing;
  };
  const before = at([null, 0]);
  const nine = tycho({ cron: "0 9 * * *" });

  it("move an occurrence's instant and not its name", () => {
    const after = compileTiming(nine, at([null, HOUR]));
    const key = "2030-06-02T09:00:00/0";
    expect(compileTiming(nine, before).find(key)?.instant).to.equal(wall("2030-06-02T09:00"));
    expect(after.find(key)?.instant).to.equal(wall("2030-06-02T08:00"));
  });

  it("give each occurrence one successor, east and west", () => {
    for (const offset of [-14 * HOUR, -HOUR, HOUR, 14 * HOUR]) {
      const after = compileTiming(nine, at([null, 0], [noon, offset]));
      expect(after.successor("2030-06-01T09:00:00/0")?.key).to.equal("2030-06-02T09:00:00/0");
      expect(after.successor("2030-06-02T09:00:00/0")?.key).to.equal("2030-06-03T09:00:00/0");
    }
  });

  it("go on behind an occurrence that they have taken away", () => {
    // From noon on the clocks are half a day ahead: there is no 18:00 on that day any more.
    const gone = compileTiming({ ...tycho({ cron: "0 18 * * *" }), gap: "skip" }, at([null, 0], [noon, 12 * HOUR]));
    expect(gone.find("2030-06-01T18:00:00/0")).to.equal(null);
    expect(gone.successor("2030-06-01T18:00:00/0")?.key).to.equal("2030-06-02T18:00:00/0");
  });

  it("send no second time what has come to be repeated, but where both passes are asked for", () => {
    const repeated = at([null, 0], [noon, -HOUR]); // 11:00 to 12:00 comes twice
    const half = { cron: "30 11 * * *" };
    const successor = (overlap: string, fold: number) => {
      return compileTiming(tycho(half, { overlap }), repeated).successor(`2030-06-01T11:30:00/${fold}`)?.key;
    };
    expect(successor("first", 0)).to.equal("2030-06-02T11:30:00/0");
    expect(successor("first", 1)).to.equal("2030-06-02T11:30:00/0");
    expect(successor("second", 0)).to.equal("2030-06-02T11:30:00/0");
    expect(successor("second", 1)).to.equal("2030-06-02T11:30:00/0");
    expect(successor("both", 0)).to.equal("2030-06-01T11:30:00/1");
    expect(successor("both", 1)).to.equal("2030-06-02T11:30:00/0");
  });

  it("find a second pass that they have taken away where its time is now", () => {
    const series = compileTiming(tycho({ cron: "30 11 * * *" }, { overlap: "both" }), before);
    expect(series.instantOf("2030-06-01T11:30:00/1")).to.equal(wall("2030-06-01T11:30"));
    expect(series.successor("2030-06-01T11:30:00/1")?.key).to.equal("2030-06-02T11:30:00/0");
  });

  it("do not touch what stands on the line of instants", () => {
    const steps = tycho({ every: "PT1H", start: "2030-06-01T00:00:00Z" });
    for (const rules of [before, at([null, 0], [noon, 12 * HOUR])]) {
      expect(compileTiming(steps, rules).successor("2030-06-01T12:00:00Z")?.key).to.equal("2030-06-01T13:00:00Z");
    }
  });
});

describe("afterBoth", () => {
  const keys = (input: object, now: string, after: string) => {
    return compiled(input).afterBoth(Date.parse(now), wall(after))?.key;
  };

  it("lies behind the instant and behind the local time", () => {
    const nine = { when: { cron: "0 9 * * *" } };
    expect(keys(nine, "2027-03-14T12:00:00Z", "2027-03-14T09:00")).to.equal("2027-03-15T09:00:00/0");
    expect(keys(nine, "2027-03-14T12:00:00Z", "2027-03-16T09:00")).to.equal("2027-03-17T09:00:00/0");
    expect(keys(nine, "2027-03-14T12:00:00Z", "2027-03-16T08:59:59")).to.equal("2027-03-16T09:00:00/0");
    expect(keys(nine, "2027-03-14T00:00:00Z", "2020-01-01T00:00")).to.equal("2027-03-14T09:00:00/0");
  });

  it("passes a day over for who has moved west on it", () => {
    const birthday = { ...yearly(3, 14), timeZone: "America/Los_Angeles" };
    expect(keys(birthday, "2027-03-14T13:05:00Z", "2027-03-14T09:00")).to.equal("2028-03-14T09:00:00/0");
  });

  it("passes both passes of a local time", () => {
    const both = { ...daily, overlap: "both" };
    expect(keys(both, "2027-10-31T00:00:00Z", "2027-10-31T02:30")).to.equal("2027-11-01T02:30:00/0");
  });

  it("looks at instants alone where the series stands on their line", () => {
    const steps = { when: { every: "PT1H", start: "2027-01-01T00:00:00Z" } };
    expect(keys(steps, "2027-03-14T12:00:00Z", "2030-01-01T00:00")).to.equal("2027-03-14T13:00:00Z");
  });

  it("is null where the series has ended", () => {
    expect(keys({ when: { at: "2027-03-14T09:00" } }, "2027-01-01T00:00:00Z", "2027-03-14T09:00")).to.equal(undefined);
  });
});

describe("the notes of occurrences", () => {
  const cases: readonly (readonly [input: object, from: string, ...shown: string[]])[] = [
    [
      daily,
      "2027-03-27T00:00:00Z",
      "2027-03-27T02:30:00+01:00",
      "2027-03-28T03:30:00+02:00 gap",
      "2027-03-29T02:30:00+02:00",
    ],
    [{ ...daily, gap: "skip" }, "2027-03-27T00:00:00Z", "2027-03-27T02:30:00+01:00", "2027-03-29T02:30:00+02:00"],
    [
      daily,
      "2027-10-30T00:00:00Z",
      "2027-10-30T02:30:00+02:00",
      "2027-10-31T02:30:00+02:00 overlap",
      "2027-11-01T02:30:00+01:00",
    ],
    [yearly(2, 29), "2027-01-01T00:00:00Z", "2027-02-28T09:00:00+01:00 leap_day", "2028-02-29T09:00:00+01:00"],
    [
      { ...yearly(2, 29), leapDay: "mar1" },
      "2027-01-01T00:00:00Z",
      "2027-03-01T09:00:00+01:00 leap_day",
      "2028-02-29T09:00:00+01:00",
    ],
    [yearly(2, 28), "2027-01-01T00:00:00Z", "2027-02-28T09:00:00+01:00", "2028-02-28T09:00:00+01:00"],
    // A gap on a moved leap day: the gap is what explains the time.
    [
      { ...yearly(2, 29, "00:30"), leapDay: "mar1", timeZone: "Asia/Amman" },
      "2027-01-01T00:00:00Z",
      "2027-03-01T00:30:00+03:00 leap_day",
    ],
    // Samoa had no 30 December 2011.
    [
      { timeZone: "Pacific/Apia", when: { cron: "0 9 * * *" } },
      "2011-12-29T00:00:00Z",
      "2011-12-29T09:00:00-10:00",
      "2011-12-31T09:00:00+14:00",
    ],
    [
      { timeZone: "Pacific/Apia", when: { cron: "0 9 * * *" }, gap: "boundary" },
      "2011-12-29T00:00:00Z",
      "2011-12-29T09:00:00-10:00",
      "2011-12-31T00:00:00+14:00 gap",
      "2011-12-31T09:00:00+14:00",
    ],
    [
      { timeZone: "Pacific/Apia", ...yearly(12, 30) },
      "2010-01-01T00:00:00Z",
      "2010-12-30T09:00:00-10:00",
      "2011-12-31T09:00:00+14:00 gap",
      "2012-12-30T09:00:00+14:00",
    ],
    [
      { timeZone: "Pacific/Apia", ...yearly(12, 30), gap: "skip" },
      "2010-01-01T00:00:00Z",
      "2010-12-30T09:00:00-10:00",
      "2012-12-30T09:00:00+14:00",
    ],
  ];
  for (const [input, from, ...expected] of cases) {
    it(`tell of ${expected.join(", ")}`, () => {
      expect(all(compiled(input), from, expected.length).map(shown)).to.deep.equal(expected);
    });
  }
});

describe("29 February in the years around 2100", () => {
  const days = (leapDay: string) => {
    const series = compiled({ ...yearly(2, 29), leapDay, timeZone: "UTC", until: "2104-12-31T00:00" });
    return all(series, "2096-01-01T00:00:00Z").map((one) => formatWall(one.wall).slice(0, 10));
  };

  it("is 28 February, or 1 March, or not at all where there is none", () => {
    const common = [2097, 2098, 2099, 2100, 2101, 2102, 2103];
    expect(days("skip")).to.deep.equal(["2096-02-29", "2104-02-29"]);
    expect(days("feb28")).to.deep.equal(["2096-02-29", ...common.map((year) => `${year}-02-28`), "2104-02-29"]);
    expect(days("mar1")).to.deep.equal(["2096-02-29", ...common.map((year) => `${year}-03-01`), "2104-02-29"]);
  });

  it("concerns crons and rules not: they name a day that there is or is not", () => {
    for (const when of [{ cron: "0 9 29 2 *" }, { rrule: "FREQ=YEARLY", start: "2096-02-29T09:00" }]) {
      const series = compiled({ when, timeZone: "UTC", until: "2104-12-31T00:00" });
      const found = all(series, "2096-01-01T00:00:00Z").map((one) => formatWall(one.wall).slice(0, 10));
      expect(found).to.deep.equal(["2096-02-29", "2104-02-29"]);
    }
  });
});

describe("the last day of the month", () => {
  it("is L for a cron, and -1 for a rule", () => {
    const expected = ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"];
    for (const when of [{ cron: "0 9 L * *" }, { rrule: "FREQ=MONTHLY;BYMONTHDAY=-1", start: "2027-01-31T09:00" }]) {
      const found = all(compiled({ when }), "2027-12-01T00:00:00Z", 5);
      expect(found.map((one) => formatWall(one.wall).slice(0, 10))).to.deep.equal(expected);
    }
  });

  it("is not what the 31st means", () => {
    for (const when of [{ cron: "0 9 31 * *" }, { rrule: "FREQ=MONTHLY", start: "2027-01-31T09:00" }]) {
      const found = all(compiled({ when }), "2027-03-01T00:00:00Z", 3);
      expect(found.map((one) => formatWall(one.wall).slice(0, 10))).to.deep.equal([
        "2027-03-31",
        "2027-05-31",
        "2027-07-31",
      ]);
    }
  });
});

describe("Recurrence", () => {
  it("compiles a timing once, whichever copy of it is given", () => {
    const recurrence = new Recurrence(zones);
    const one = recurrence.of(timing(daily));
    expect(recurrence.of(timing(daily))).to.equal(one);
    expect(recurrence.of(structuredClone(timing(daily)))).to.equal(one);
    expect(recurrence.of(timing({ ...daily, gap: "skip" }))).not.to.equal(one);
  });

  it("forgets what was asked for least recently", () => {
    const recurrence = new Recurrence(zones, 2);
    const [first, second, third] = [1, 2, 3].map((hour) => timing({ when: { cron: `0 ${hour} * * *` } }));
    const [one, two] = [recurrence.of(first!), recurrence.of(second!)];
    expect(recurrence.of(first!)).to.equal(one);
    recurrence.of(third!);
    expect(recurrence.of(first!)).to.equal(one);
    expect(recurrence.of(second!)).not.to.equal(two);
  });

  it("does not come back empty at either end of time", () => {
    const series = compiled({ when: { cron: "0 0 * * *" }, timeZone: "Pacific/Kiritimati" });
    expect(series.after(-Infinity)?.key).to.equal("1970-01-01T00:00:00/0");
    expect(series.before(Infinity)?.key).to.equal("9999-12-31T00:00:00/0");
    const steps = compiled({ when: { every: "P1D", start: "1970-01-02T00:00:00Z" }, timeZone: "Pacific/Kiritimati" });
    expect(steps.before(Infinity)?.key).to.match(/^9999-12-30/);
  });
});

describe("sameTiming", () => {
  it("looks at what is said, not at the order in which a database gives it back", () => {
    const rule = timing({
      when: { rrule: "FREQ=DAILY", start: "2027-01-01T09:00", exdates: ["2027-01-02T09:00"], rdates: [] },
    });
    const { rrule, start, exdates, rdates } = rule.when as {
      rrule: string;
      start: string;
      exdates: string[];
      rdates: string[];
    };
    expect(sameTiming(rule, { ...rule, when: { start, rdates, exdates, rrule } })).to.equal(true);
    const day = timing(yearly(3, 14));
    expect(sameTiming(day, { ...day, when: { yearly: { time: "09:00", day: 14, month: 3 } } })).to.equal(true);
    const step = timing({ when: { every: "PT1H", start: "2027-01-01T09:00" } });
    expect(sameTiming(step, { ...step, when: { start: "2027-01-01T09:00", every: "PT1H" } })).to.equal(true);
  });

  it("tells apart all that can be said", () => {
    const base = { when: { cron: "0 9 * * *" } };
    const inputs: readonly object[] = [
      base,
      { ...base, timeZone: "Europe/Paris" },
      { ...base, gap: "skip" },
      { ...base, overlap: "both" },
      { ...base, leapDay: "skip" },
      { ...base, from: "2027-01-01T09:00" },
      { ...base, until: "2027-01-01T09:00" },
      { ...base, count: 3 },
      { ...base, spread: "PT1H" },
      { when: { cron: "0 10 * * *" } },
      { when: { at: "2027-01-01T09:00" } },
      yearly(3, 14),
      yearly(3, 15),
      yearly(4, 14),
      yearly(3, 14, "10:00"),
      { when: { rrule: "FREQ=DAILY", start: "2027-01-01T09:00" } },
      { when: { rrule: "FREQ=DAILY", start: "2027-01-01T10:00" } },
      { when: { rrule: "FREQ=DAILY", start: "2027-01-01T09:00", exdates: ["2027-01-02T09:00"] } },
      { when: { rrule: "FREQ=DAILY", start: "2027-01-01T09:00", rdates: ["2027-01-02T09:00"] } },
      { when: { every: "PT1H", start: "2027-01-01T09:00" } },
      { when: { every: "PT2H", start: "2027-01-01T09:00" } },
    ];
    const texts = inputs.map((input) => timingText(timing(input)));
    expect(new Set(texts).size).to.equal(inputs.length);
  });
});

describe("parseDuration", () => {
  const cases: readonly (readonly [text: string, ms: number | null])[] = [
    ["PT1S", 1_000],
    ["PT0.5S", 500],
    ["PT0.05S", 50],
    ["PT15M", 15 * MINUTE],
    ["PT36H", 36 * HOUR],
    ["P1D", 24 * HOUR],
    ["P2W", 14 * 24 * HOUR],
    ["P1DT2H3M4S", 93_784_000],
    ["PT0S", 0],
    ...["", "P", "PT", "P1DT", "1S", "PT1", "P1M", "P1Y", "P1W1D", "-PT1S", "PT-1S", "PT1,5S", "pt1s", " PT1S"].map(
      (text) => [text, null] as const,
    ),
  ];
  for (const [text, ms] of cases) {
    it(`reads ${JSON.stringify(text)} as ${ms}`, () => expect(parseDuration(text)).to.equal(ms));
  }

  it("reads what formatDuration writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e11 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).to.equal(ms);
      }),
      { seed: 4, numRuns: 2_000 },
    );
  });
});

describe("parsePoint", () => {
  const cases: readonly (readonly [text: string, point: object | null])[] = [
    ["2027-03-14T09:00", { wall: wall("2027-03-14T09:00") }],
    ["2027-03-14T09:00:30", { wall: wall("2027-03-14T09:00:30") }],
    ["2027-03-14T09:00Z", { instant: Date.UTC(2027, 2, 14, 9) }],
    ["2027-03-14T09:00:00+05:45", { instant: Date.UTC(2027, 2, 14, 3, 15) }],
    ["2027-03-14T09:00:00-03:30", { instant: Date.UTC(2027, 2, 14, 12, 30) }],
    ["2027-03-14T09:00:00-00:00", { instant: Date.UTC(2027, 2, 14, 9) }],
    ...["2027-03-14T09:00z", "2027-03-14T09:00+0530", "2027-03-14T09:00+05", "2027-03-14", "2027-03-14T09:00ZZ"].map(
      (text) => [text, null] as const,
    ),
  ];
  for (const [text, point] of cases) {
    it(`reads ${text}`, () => expect(parsePoint(text)).to.deep.equal(point));
  }
});
