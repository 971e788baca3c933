import { expect } from "chai";
import fc from "fast-check";
import { InvalidInput } from "../../src/errors.js";
import { parseTiming } from "../../src/recurrence/parse-timing.js";
import { cpuOf } from "../input/support/cpu.js";
import type { Timing } from "../../src/recurrence/timing.js";
import { IntlZoneRules } from "../../src/recurrence/zones/intl-zone-rules.js";

const zones = new IntlZoneRules({ version: process.versions.tz ?? "" });

/** The pointers and codes of all that is wrong, or the timing if nothing is. */
function wrong(input: unknown): readonly string[] | Timing {
  try {
    return parseTiming(input, zones);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return error.problems.map(({ pointer, code }) => `${pointer} ${code}`);
  }
}

const MOST_CPU_MS = 50;

const good = { timeZone: "Europe/Berlin", when: { cron: "0 9 * * *" } };
const zone = (timeZone: unknown) => ({ ...good, timeZone });
const when = (when: unknown) => ({ timeZone: "Europe/Berlin", when });
const cron = (cron: unknown) => when({ cron });
const rrule = (rrule: unknown, more: object = {}) => when({ rrule, start: "2027-01-29T17:00:00", ...more });
const yearly = (month: unknown, day: unknown, time: unknown = "09:00") => when({ yearly: { month, day, time } });
const every = (every: unknown, start: unknown = "2027-01-01T00:00:00Z") => when({ every, start });
const withField = (name: string, value: unknown) => ({ ...good, [name]: value });
const deep = (depth: number, kind: "list" | "object") => {
  const [open, close] = kind === "list" ? ["[", "]"] : ['{"when":', "}"];
  return JSON.parse(`${open.repeat(depth)}1${close.repeat(depth)}`) as unknown;
};
const twoMegabytes = "9".repeat(2_000_000);

type BadCase = readonly [title: string, input: unknown, ...problems: string[]];

const NOT_OBJECTS: readonly BadCase[] = Object.entries({
  ...{ null: null, "nothing at all": undefined, "a number": 5, "a text": "text", true: true, "an empty list": [] },
  ...{ "a list": [good], "not a number": Number.NaN, "a function": () => good },
}).map(([title, input]) => [title, input, " not_an_object", "/timeZone required", "/when required"]);

const BAD: readonly BadCase[] = [
  ["an empty object", {}, "/timeZone required", "/when required"],

  ["no zone", { when: good.when }, "/timeZone required"],
  ["an unknown zone", zone("Mars/Olympus"), "/timeZone unknown_zone"],
  ["a bare offset", zone("+05:30"), "/timeZone unknown_zone"],
  ["an offset from UTC", zone("UTC+1"), "/timeZone unknown_zone"],
  ["a POSIX zone", zone("EST5EDT4"), "/timeZone unknown_zone"],
  ["an abbreviation", zone("PST"), "/timeZone unknown_zone"],
  ["the server's zone", zone("local"), "/timeZone unknown_zone"],
  ["the system's zone", zone("system"), "/timeZone unknown_zone"],
  ["the default zone, in capitals", zone("DEFAULT"), "/timeZone unknown_zone"],
  ["a way out of the zone's folder", zone("../Europe/Berlin"), "/timeZone unknown_zone"],
  ["a name with a space", zone("Europe/Berlin "), "/timeZone unknown_zone"],
  ["a Kelvin sign for a K", zone("Europe/\u212Aiev"), "/timeZone unknown_zone"],
  ["an empty zone", zone(""), "/timeZone empty"],
  ["a blank zone", zone(" \u00a0 "), "/timeZone empty"],
  ["a zone with NUL", zone("Europe/Berlin\0"), "/timeZone control_characters"],
  ["a zone with half a character", zone("Europe/\ud83d"), "/timeZone control_characters"],
  ["a long zone", zone("A".repeat(65)), "/timeZone too_long"],
  ["null for a zone", zone(null), "/timeZone not_text"],
  ["a list for a zone", zone(["Europe/Berlin"]), "/timeZone not_text"],
  ["an object for a zone", zone({ toString: "Europe/Berlin" }), "/timeZone not_text"],

  ["no `when`", { timeZone: "UTC" }, "/when required"],
  ["null for `when`", when(null), "/when not_an_object"],
  ["a text for `when`", when("0 9 * * *"), "/when not_an_object"],
  ["a list for `when`", when([{ cron: "0 9 * * *" }]), "/when not_an_object"],
  ["an empty `when`", when({}), "/when not_one_form"],
  ["two forms", when({ cron: "0 9 * * *", at: "2027-01-01T00:00" }), "/when not_one_form"],
  ["two forms, one of them null", when({ cron: "0 9 * * *", at: null }), "/when not_one_form"],
  ["all forms", when({ at: 1, yearly: 1, cron: 1, rrule: 1, every: 1, start: 1 }), "/when not_one_form"],
  ["a slip in the form's name", when({ crom: "0 9 * * *" }), "/when not_one_form", "/when/crom unknown_field"],
  ["a start alone", when({ start: "2027-01-01T00:00" }), "/when not_one_form"],
  ["a form by inheritance", when(Object.create({ nothing: 1 })), "/when not_one_form"],

  ["null for a moment", when({ at: null }), "/when/at not_text"],
  ["a number for a moment", when({ at: 1_800_000_000 }), "/when/at not_text"],
  ["31 February", when({ at: "2027-02-31T09:00" }), "/when/at not_a_date_time"],
  ["29 February of a common year", when({ at: "2027-02-29T09:00" }), "/when/at not_a_date_time"],
  ["a date alone", when({ at: "2027-02-28" }), "/when/at not_a_date_time"],
  ["24 o'clock", when({ at: "2027-02-28T24:00" }), "/when/at not_a_date_time"],
  ["a leap second", when({ at: "2016-12-31T23:59:60Z" }), "/when/at not_a_date_time"],
  ["a space for the T", when({ at: "2027-02-28 09:00" }), "/when/at not_a_date_time"],
  ["a fraction of a millisecond", when({ at: "2027-02-28T09:00:00.1234Z" }), "/when/at not_a_date_time"],
  ["the year 10000", when({ at: "10000-01-01T00:00" }), "/when/at not_a_date_time"],
  ["the year +10000", when({ at: "+010000-01-01T00:00" }), "/when/at not_a_date_time"],
  ["the year 1969", when({ at: "1969-12-31T23:59" }), "/when/at not_a_date_time"],
  ["the year 0000", when({ at: "0000-01-01T00:00" }), "/when/at not_a_date_time"],
  ["an offset of a day", when({ at: "2027-02-28T09:00+24:00" }), "/when/at not_a_date_time"],
  ["an offset with 60 minutes", when({ at: "2027-02-28T09:00+05:60" }), "/when/at not_a_date_time"],
  ["a zone behind the time", when({ at: "2027-02-28T09:00[Europe/Berlin]" }), "/when/at not_a_date_time"],
  ["Arabic digits", when({ at: "٢٠٢٧-02-28T09:00" }), "/when/at not_a_date_time"],
  ["NUL in a moment", when({ at: "2027-02-28T09:00\0" }), "/when/at control_characters"],
  ["a field beside a moment", when({ at: "2027-02-28T09:00", start: "x" }), "/when/start unknown_field"],

  ["null for a year's day", when({ yearly: null }), "/when/yearly not_an_object"],
  ["a list for a year's day", when({ yearly: [2, 29] }), "/when/yearly not_an_object"],
  [
    "an empty day",
    when({ yearly: {} }),
    "/when/yearly/month required",
    "/when/yearly/day required",
    "/when/yearly/time required",
  ],
  ["30 February", yearly(2, 30), "/when/yearly/day no_such_day"],
  ["31 April", yearly(4, 31), "/when/yearly/day no_such_day"],
  ["a 13th month", yearly(13, 1), "/when/yearly/month out_of_range"],
  ["month 0", yearly(0, 1), "/when/yearly/month out_of_range"],
  ["day 0", yearly(1, 0), "/when/yearly/day out_of_range"],
  ["half a day", yearly(1, 1.5), "/when/yearly/day out_of_range"],
  ["a text for a day", yearly(1, "1"), "/when/yearly/day out_of_range"],
  ["no number for a month", yearly(Number.NaN, 1), "/when/yearly/month out_of_range"],
  [
    "1e400 for a month",
    JSON.parse('{"timeZone":"UTC","when":{"yearly":{"month":1e400,"day":1,"time":"09:00"}}}'),
    "/when/yearly/month out_of_range",
  ],
  ["25 o'clock", yearly(1, 1, "25:00"), "/when/yearly/time not_a_time"],
  ["a time without a zero", yearly(1, 1, "9:00"), "/when/yearly/time not_a_time"],
  ["a time with an offset", yearly(1, 1, "09:00Z"), "/when/yearly/time not_a_time"],
  [
    "a field more in a day",
    when({ yearly: { month: 1, day: 1, time: "09:00", hour: 1 } }),
    "/when/yearly/hour unknown_field",
  ],

  ["null for a cron", cron(null), "/when/cron not_text"],
  ["an empty cron", cron(""), "/when/cron empty"],
  ["four fields", cron("0 9 * *"), "/when/cron cron_fields"],
  ["seven fields", cron("0 0 9 * * * 2027"), "/when/cron cron_fields"],
  ["60 minutes", cron("60 9 * * *"), "/when/cron cron_value"],
  ["a cron for 30 February", cron("0 9 30 2 *"), "/when/cron cron_never"],
  ["a cron for 31 in months of 30", cron("0 9 31 4,6,9,11 *"), "/when/cron cron_never"],
  ["a cron for start-up", cron("@reboot"), "/when/cron cron_reboot"],
  ["a cron on two lines", cron("0 9 * * *\n0 10 * * *"), "/when/cron control_characters"],
  ["a cron that is too long", cron(`0 9 * * ${"1,".repeat(130)}1`), "/when/cron too_long"],
  ["a field beside a cron", when({ cron: "0 9 * * *", tz: "UTC" }), "/when/tz unknown_field"],

  ["null for a rule", rrule(null), "/when/rrule not_text"],
  ["a rule without FREQ", rrule("BYDAY=MO"), "/when/rrule rrule_freq_missing"],
  ["a rule with an unknown part", rrule("FREQ=DAILY;SKIP=OMIT"), "/when/rrule rrule_part_unknown"],
  ["a rule that ends twice", rrule("FREQ=DAILY;COUNT=3;UNTIL=20270101"), "/when/rrule rrule_count_and_until"],
  ["a rule for 30 February", rrule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "/when never"],
  ["a rule that ends before its start", rrule("FREQ=DAILY;UNTIL=20200101"), "/when never"],
  ["a rule whose only day is taken out", rrule("FREQ=DAILY;COUNT=1", { exdates: ["2027-01-29T17:00"] }), "/when never"],
  ["a rule without a start", when({ rrule: "FREQ=DAILY" }), "/when/start required"],
  ["a start with an offset", rrule("FREQ=DAILY", { start: "2027-01-29T17:00Z" }), "/when/start not_a_local_date_time"],
  ["a start on 31 February", rrule("FREQ=DAILY", { start: "2027-02-31T17:00" }), "/when/start not_a_local_date_time"],
  ["null for a start", rrule("FREQ=DAILY", { start: null }), "/when/start not_text"],
  ["a text for exceptions", rrule("FREQ=DAILY", { exdates: "2027-01-29T17:00" }), "/when/exdates not_a_list"],
  ["null for additions", rrule("FREQ=DAILY", { rdates: null }), "/when/rdates not_a_list"],
  [
    "exceptions that are no dates",
    rrule("FREQ=DAILY", { exdates: ["2027-01-30T17:00", "", 5, null, "2027-02-30T17:00", {}, "20270130T170000"] }),
    "/when/exdates/1 not_a_local_date_time",
    "/when/exdates/2 not_text",
    "/when/exdates/3 not_text",
    "/when/exdates/4 not_a_local_date_time",
    "/when/exdates/5 not_text",
    "/when/exdates/6 not_a_local_date_time",
  ],
  [
    "an addition with an offset",
    rrule("FREQ=DAILY", { rdates: ["2027-01-30T17:00Z"] }),
    "/when/rdates/0 not_a_local_date_time",
  ],
  [
    "100,000 exceptions",
    rrule("FREQ=DAILY", { exdates: Array(100_000).fill("2027-01-30T17:00") }),
    "/when/exdates too_many",
  ],
  ["100,000 holes", rrule("FREQ=DAILY", { rdates: Array(100_000) }), "/when/rdates too_many"],

  ["null for a step", every(null), "/when/every not_text"],
  ["a number for a step", every(900), "/when/every not_text"],
  ["a step without a unit", every("900"), "/when/every not_a_duration"],
  ["a step of no length", every("PT0S"), "/when/every out_of_range"],
  ["a step below a second", every("PT0.999S"), "/when/every out_of_range"],
  ["a step with a fraction", every("PT1.5S"), "/when/every out_of_range"],
  ["a step of months", every("P1M"), "/when/every not_a_duration"],
  ["a step of years", every("P1Y"), "/when/every not_a_duration"],
  ["a step backwards", every("-PT15M"), "/when/every not_a_duration"],
  ["a huge step", every("P999999D"), "/when/every out_of_range"],
  ["a step of more digits than there are", every(`PT${"9".repeat(30)}S`), "/when/every not_a_duration"],
  ["a step with nothing behind the T", every("P1DT"), "/when/every not_a_duration"],
  ["a step without a start", when({ every: "PT15M" }), "/when/start required"],
  ["a step and its start, both wrong", every("soon", "now"), "/when/start not_a_date_time"],

  ["an unknown gap", withField("gap", "before"), "/gap not_a_choice"],
  ["null for a gap", withField("gap", null), "/gap not_a_choice"],
  ["a choice in capitals", withField("overlap", "FIRST"), "/overlap not_a_choice"],
  ["a choice in a list", withField("overlap", ["first"]), "/overlap not_a_choice"],
  ["an inherited name for a choice", withField("leapDay", "constructor"), "/leapDay not_a_choice"],
  ["count 0", withField("count", 0), "/count out_of_range"],
  ["count 1.5", withField("count", 1.5), "/count out_of_range"],
  ['count "3"', withField("count", "3"), "/count out_of_range"],
  ["count -1", withField("count", -1), "/count out_of_range"],
  ["count 1e300", withField("count", 1e300), "/count out_of_range"],
  ["count null", withField("count", null), "/count out_of_range"],
  [
    "`until` before `from`",
    { ...good, from: "2027-03-02T00:00", until: "2027-03-01T00:00" },
    "/until until_before_from",
  ],
  [
    "`until` before `from` as instants",
    { ...good, from: "2027-03-02T00:30:00+01:00", until: "2027-03-01T23:29:59Z" },
    "/until until_before_from",
  ],
  [
    "bounds without an occurrence between",
    { ...good, from: "2027-03-02T10:00", until: "2027-03-03T08:00" },
    "/when never",
  ],
  ["a moment before `from`", { ...when({ at: "2027-03-01T00:00" }), from: "2027-03-02T00:00" }, "/when never"],
  ["a skipped moment", { ...when({ at: "2027-03-28T02:30" }), gap: "skip" }, "/when never"],
  ["31 February as `from`", withField("from", "2027-02-31T00:00"), "/from not_a_date_time"],
  ["the year 10000 as `until`", withField("until", "10000-01-01T00:00"), "/until not_a_date_time"],
  ["null for `until`", withField("until", null), "/until not_text"],
  ["a spread that is none", withField("spread", "10 minutes"), "/spread not_a_duration"],
  ["a spread of no length", withField("spread", "PT0S"), "/spread out_of_range"],
  ["a spread of a year", withField("spread", "P365D"), "/spread out_of_range"],
  ["a number for a spread", withField("spread", 600), "/spread not_text"],

  ["an unknown field", withField("timezone", "UTC"), "/timezone unknown_field"],
  ["an unknown field without a name", withField("", 1), "/ unknown_field"],
  [
    "unknown fields whose names need escapes",
    { ...good, "a/b": 1, "~c": 2 },
    "/a~1b unknown_field",
    "/~0c unknown_field",
  ],
  ["`constructor` for a field", withField("constructor", {}), "/constructor unknown_field"],
  [
    "`__proto__` for a field",
    JSON.parse(`{"__proto__":{"when":1},${JSON.stringify(good).slice(1)}`),
    "/__proto__ unknown_field",
  ],
  [
    "`__proto__` in `when`",
    when(JSON.parse('{"__proto__":{"cron":"0 9 * * *"}}')),
    "/when not_one_form",
    "/when/__proto__ unknown_field",
  ],
  ["`toString` in `when`", when({ cron: "0 9 * * *", toString: 1 }), "/when/toString unknown_field"],
  ["half a character in a name", withField("\ud800", 1), "/\ufffd unknown_field"],
  ["a deep list", deep(50_000, "list"), " not_an_object", "/timeZone required", "/when required"],
  [
    "a deep object",
    { ...good, ...(deep(20_000, "object") as object) },
    "/when not_one_form",
    "/when/when unknown_field",
  ],
  ["a deep list in a field", withField("gap", deep(20_000, "list")), "/gap not_a_choice"],
  [
    "much at once",
    {
      timeZone: "local",
      when: { yearly: { month: 13, day: "x" } },
      gap: 1,
      overlap: 2,
      leapDay: 3,
      from: 4,
      until: 5,
      count: 6.5,
      spread: 7,
      more: 8,
    },
    "/timeZone unknown_zone",
    "/when/yearly/month out_of_range",
    "/when/yearly/day out_of_range",
    "/when/yearly/time required",
    "/gap not_a_choice",
    "/overlap not_a_choice",
    "/leapDay not_a_choice",
    "/from not_text",
    "/until not_text",
    "/count out_of_range",
    "/spread not_text",
    "/more unknown_field",
  ],
];

/** Every text field there is, as an input with a given text in it. */
const TEXTS: readonly (readonly [pointer: string, input: (text: string) => unknown])[] = [
  ["/timeZone", zone],
  ["/when/at", (text) => when({ at: text })],
  ["/when/cron", cron],
  ["/when/rrule", (text) => rrule(text)],
  ["/when/start", (text) => rrule("FREQ=DAILY", { start: text })],
  ["/when/start", (text) => every("PT15M", text)],
  ["/when/every", (text) => every(text)],
  ["/when/exdates/0", (text) => rrule("FREQ=DAILY", { exdates: [text] })],
  ["/when/rdates/0", (text) => rrule("FREQ=DAILY", { rdates: [text] })],
  ["/when/yearly/time", (text) => yearly(1, 1, text)],
  ["/from", (text) => withField("from", text)],
  ["/until", (text) => withField("until", text)],
  ["/spread", (text) => withField("spread", text)],
  ["/gap", (text) => withField("gap", text)],
  ["/overlap", (text) => withField("overlap", text)],
  ["/leapDay", (text) => withField("leapDay", text)],
];

const HOSTILE: readonly (readonly [title: string, text: string])[] = [
  ["NUL", "\0"],
  ["NUL within", "2027-01-01T00:00\0:00"],
  ["half a character", "2027-01-01T00:00\ud83d"],
  ["the other half", "\ude00 9 * * *"],
  ["two megabytes of digits", twoMegabytes],
  ["two megabytes of spaces", " ".repeat(2_000_000)],
  ["two megabytes of commas", ",".repeat(2_000_000)],
  ["a line end", "UTC\r\n"],
  ["nothing", ""],
];

const DEFAULTS = { gap: "shift", overlap: "first", leapDay: "feb28" };

const GOOD: readonly (readonly [title: string, input: object, timing: object])[] = [
  ["a cron", good, { ...good, ...DEFAULTS }],
  ["a moment", when({ at: "2027-03-14T09:00" }), { ...when({ at: "2027-03-14T09:00" }), ...DEFAULTS }],
  [
    "an instant",
    when({ at: "2027-03-14T09:00:30-03:30" }),
    { ...when({ at: "2027-03-14T09:00:30-03:30" }), ...DEFAULTS },
  ],
  ["a moment in a gap", when({ at: "2027-03-28T02:30:00" }), { ...when({ at: "2027-03-28T02:30:00" }), ...DEFAULTS }],
  ["the first moment", when({ at: "1970-01-01T00:00" }), { ...when({ at: "1970-01-01T00:00" }), ...DEFAULTS }],
  ["the last moment", when({ at: "9999-12-31T23:59:59" }), { ...when({ at: "9999-12-31T23:59:59" }), ...DEFAULTS }],
  ["29 February", yearly(2, 29), { ...yearly(2, 29), ...DEFAULTS }],
  ["a time with seconds", yearly(12, 31, "23:59:59"), { ...yearly(12, 31, "23:59:59"), ...DEFAULTS }],
  ["six fields", cron("30 0 9 * * MON-FRI"), { ...cron("30 0 9 * * MON-FRI"), ...DEFAULTS }],
  ["a macro", cron("@daily"), { ...cron("@daily"), ...DEFAULTS }],
  ["the last day of each month", cron("0 9 L * *"), { ...cron("0 9 L * *"), ...DEFAULTS }],
  ["a rule", rrule("FREQ=MONTHLY;BYDAY=-1FR"), { ...rrule("FREQ=MONTHLY;BYDAY=-1FR"), ...DEFAULTS }],
  [
    "a rule with dates",
    rrule("FREQ=DAILY", { exdates: [], rdates: ["2027-02-01T10:00"] }),
    { ...rrule("FREQ=DAILY", { exdates: [], rdates: ["2027-02-01T10:00"] }), ...DEFAULTS },
  ],
  ["a step", every("PT15M"), { ...every("PT15M"), ...DEFAULTS }],
  ["the shortest step", every("PT1S", "2027-01-01T00:00"), { ...every("PT1S", "2027-01-01T00:00"), ...DEFAULTS }],
  ["the longest step", every("P3660D"), { ...every("P3660D"), ...DEFAULTS }],
  ["a step with a whole fraction", every("PT2.000S"), { ...every("PT2.000S"), ...DEFAULTS }],
  ["a zone in any case", zone("eUROPE/bERLIN"), { ...good, ...DEFAULTS }],
  ["a zone by its alias", zone("us/eastern"), { ...zone("US/Eastern"), ...DEFAULTS }],
  ["a zone by its new name", zone("Europe/Kyiv"), { ...zone("Europe/Kyiv"), ...DEFAULTS }],
  [
    "every option",
    {
      ...good,
      gap: "skip",
      overlap: "both",
      leapDay: "mar1",
      from: "2027-01-01T00:00",
      until: "2027-12-31T23:59:59Z",
      count: 3,
      spread: "PT10M",
    },
    {
      ...good,
      gap: "skip",
      overlap: "both",
      leapDay: "mar1",
      from: "2027-01-01T00:00",
      until: "2027-12-31T23:59:59Z",
      count: 3,
      spread: "PT10M",
    },
  ],
  [
    "bounds at one occurrence",
    { ...good, from: "2027-03-02T09:00", until: "2027-03-02T09:00" },
    { ...good, ...DEFAULTS, from: "2027-03-02T09:00", until: "2027-03-02T09:00" },
  ],
  ["undefined options", { ...good, gap: undefined, from: undefined, count: undefined }, { ...good, ...DEFAULTS }],
  [
    "the most exceptions",
    rrule("FREQ=DAILY", { exdates: Array(1_000).fill("2027-01-30T17:00") }),
    { ...rrule("FREQ=DAILY", { exdates: Array(1_000).fill("2027-01-30T17:00") }), ...DEFAULTS },
  ],
];

describe("parseTiming", () => {
  for (const [title, input, ...problems] of [...NOT_OBJECTS, ...BAD]) {
    it(`refuses ${title}`, () => {
      let found: unknown;
      const cpu = cpuOf(() => (found = wrong(input)), MOST_CPU_MS);
      expect(found).to.deep.equal(problems);
      expect(cpu).to.be.lessThan(MOST_CPU_MS);
    });
  }

  for (const [hostile, text] of HOSTILE) {
    it(`refuses ${hostile} in every text, at once and without repeating it`, () => {
      for (const [pointer, inputWith] of TEXTS) {
        const input = inputWith(text);
        let problems: readonly string[] | Timing = [];
        const cpu = cpuOf(() => (problems = wrong(input)), MOST_CPU_MS);
        expect(problems, pointer).to.have.length(1);
        expect((problems as string[])[0]?.split(" ")[0]).to.equal(pointer);
        expect(cpu, pointer).to.be.lessThan(MOST_CPU_MS);
      }
    });
  }

  for (const [title, input, timing] of GOOD) {
    it(`reads ${title}`, () => {
      expect(wrong(input)).to.deep.equal(timing);
      // What it gives is what it takes.
      expect(wrong(wrong(input))).to.deep.equal(timing);
      expect(wrong(JSON.parse(JSON.stringify(wrong(input))))).to.deep.equal(timing);
    });
  }

  it("names 50 problems and no more", () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`field${index}`, index]));
    expect(wrong({ ...good, ...many })).to.have.length(50);
    expect(wrong(rrule("FREQ=DAILY", { exdates: Array(60).fill("never") }))).to.have.length(50);
  });

  it("is quick about 100,000 unknown fields, and about names of two megabytes", () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`field${index}`, index]));
    const long = { ...good, [twoMegabytes]: 1, ["/".repeat(2_000_000)]: 2 };
    for (const input of [{ ...many, ...good }, when(many), when({ yearly: many }), long]) {
      let problems: readonly string[] | Timing = [];
      const cpu = cpuOf(() => (problems = wrong(input)), MOST_CPU_MS);
      expect(problems).to.have.length.within(2, 50);
      expect(cpu).to.be.lessThan(MOST_CPU_MS);
      expect(JSON.stringify(problems).length).to.be.lessThan(10_000);
    }
  });

  it("repeats no more than a hundred characters of what it refuses", () => {
    const texts = [..."0123456789ABCXYZ=;,*/-# "].flatMap((character) => [
      cron(`${character.repeat(240)} * * * *`),
      cron(character.repeat(250)),
      rrule(character.repeat(990)),
      rrule(`FREQ=${character.repeat(900)}`),
      rrule(`FREQ=DAILY;BYDAY=${character.repeat(900)}`),
      rrule(`FREQ=DAILY;UNTIL=${character.repeat(900)}`),
      zone(character.repeat(64)),
    ]);
    for (const input of texts) {
      try {
        parseTiming(input, zones);
      } catch (error) {
        for (const { message } of (error as InvalidInput).problems) expect(message.length).to.be.lessThan(200);
      }
    }
  });

  it("is quick about rules that are hard to search", () => {
    const rules = [
      "FREQ=SECONDLY;INTERVAL=9999999999;BYMONTH=2;BYMONTHDAY=29;BYHOUR=3;BYMINUTE=7;BYSECOND=11",
      "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;INTERVAL=7;COUNT=10000",
      "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;BYMONTH=6",
      "FREQ=DAILY;INTERVAL=397;BYMONTH=2;BYMONTHDAY=29;COUNT=10000",
      "FREQ=MINUTELY;INTERVAL=1009;BYHOUR=3;BYDAY=FR;BYMONTHDAY=13;BYMONTH=2;COUNT=10000",
      "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;BYSETPOS=366",
    ];
    const exdates = Array.from({ length: 1_000 }, (_, day) =>
      new Date(Date.UTC(2027, 0, 29 + day, 17)).toISOString().slice(0, 19),
    );
    const inputs = [
      ...rules.map((rule) => rrule(rule)),
      rrule("FREQ=DAILY;COUNT=1000", { exdates }),
      { ...rrule("FREQ=SECONDLY"), until: "2027-01-29T17:00:00", from: "2027-01-29T17:00:00", gap: "skip" },
      { ...yearly(2, 29), leapDay: "skip", from: "9997-01-01T00:00" },
      { ...cron("30 2 28 3 *"), gap: "skip", from: "2100-01-01T00:00", until: "2106-01-01T00:00" },
      { ...cron("* * * * * *"), from: "9999-12-31T23:59:59" },
    ];
    for (const input of inputs) {
      for (const timeZone of ["UTC", "Africa/Casablanca", "Pacific/Chatham"]) {
        const cpu = cpuOf(() => void wrong({ ...input, timeZone }), MOST_CPU_MS);
        expect(cpu, JSON.stringify(input).slice(0, 100)).to.be.lessThan(MOST_CPU_MS);
      }
    }
  });

  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSparseArray: true,
  });

  it("throws nothing but InvalidInput, whatever it is given", () => {
    fc.assert(
      fc.property(anything, (input) => {
        wrong(input);
      }),
      { seed: 1, numRuns: 10_000 },
    );
  });

  const names = ["timeZone", "when", "gap", "overlap", "leapDay", "from", "until", "count", "spread"];
  const inner = ["at", "yearly", "cron", "rrule", "every", "start", "exdates", "rdates", "month", "day", "time"];
  const telling = fc.constantFrom<unknown>(
    ...[
      "UTC",
      "Europe/Berlin",
      "0 9 * * *",
      "FREQ=DAILY",
      "FREQ=DAILY;COUNT=1",
      "2027-03-28T02:30",
      "2027-01-01T00:00Z",
    ],
    ...["PT1S", "P3660D", "skip", "shift", "both", "", "\0", "09:00", 0, 1, 2, 29, 31, 1.5, -1, null, true, [], {}],
  );
  const value = fc.oneof({ weight: 4, arbitrary: telling }, fc.array(telling, { maxLength: 3 }), anything);
  const someWhen = fc.dictionary(fc.constantFrom(...inner, "x"), value, { maxKeys: 4, noNullPrototype: false });

  it("throws nothing but InvalidInput for what is nearly valid", () => {
    let valid = 0;
    const base = fc.constantFrom<object>(...GOOD.slice(0, -1).map(([, input]) => input));
    const changes = fc.dictionary(fc.constantFrom(...names, "x", "__proto__"), fc.oneof(value, someWhen), {
      maxKeys: 2,
    });
    fc.assert(
      fc.property(base, changes, someWhen, fc.boolean(), (input, changes, inside, both) => {
        const { when } = input as { when: object };
        const found = wrong({ ...input, ...(both && { when: { ...when, ...inside } }), ...changes });
        if (Array.isArray(found)) expect(found).to.have.length.within(1, 50);
        else valid++;
      }),
      { seed: 2, numRuns: 15_000 },
    );
    expect(valid).to.be.greaterThan(100);
  });
});
