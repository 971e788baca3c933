import { expect } from "chai";
import fc from "fast-check";
import { InvalidInput } from "../../src/errors.js";
import { rawField } from "../../src/input/raw-field.js";
import {
  LONGEST_PAYLOAD,
  parseSchedule,
  scheduleFields,
  type ScheduleInput,
} from "../../src/schedules/parse-schedule.js";
import { type Schedule, SCHEDULE_DEFAULTS } from "../../src/schedules/schedule.js";
import { cpuOf } from "../input/support/cpu.js";
import { IntlZoneRules } from "../../src/recurrence/zones/intl-zone-rules.js";

const zones = new IntlZoneRules({ version: process.versions.tz ?? "" });
const destinationId = "018f3c2e-7b1a-7c3d-9e4f-0123456789ff";
const base = { type: "report.due", timeZone: "Europe/Berlin", when: { cron: "0 9 * * *" }, destinationId };
const url = "https://example.com/hook";

function wrong(input: unknown, payload: string | null = null): unknown {
  try {
    return parseSchedule(input, payload, zones);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return error.problems.map(({ pointer, code }) => `${pointer} ${code}`);
  }
}

const set = (name: string, value: unknown) => ({ ...base, [name]: value });
const without = (name: keyof typeof base) =>
  Object.fromEntries(Object.entries(base).filter(([field]) => field !== name));
const inline = (destination: unknown) => ({ ...without("destinationId"), destination });
const nested = (depth: number) => JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`) as unknown;
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`l${index}`, "x"]));

type Case = readonly [title: string, input: unknown, ...problems: string[]];

const BAD: readonly Case[] = [
  ["null", null, " not_an_object", "/timeZone required", "/when required", "/type required", "/destinationId required"],
  ["no type", without("type"), "/type required"],
  ["an empty type", set("type", ""), "/type empty"],
  ["a long type", set("type", "a".repeat(129)), "/type too_long"],
  ["NUL in a type", set("type", "a\0"), "/type control_characters"],
  ["a number for a key", set("key", 5), "/key not_text"],
  ["an empty key", set("key", " "), "/key empty"],
  ["a long key", set("key", "a".repeat(257)), "/key too_long"],
  ["half a character in a key", set("key", "\ud800"), "/key control_characters"],
  ["no time", without("when"), "/when required"],
  ["an unknown zone", set("timeZone", "local"), "/timeZone unknown_zone"],

  ["no destination", without("destinationId"), "/destinationId required"],
  ["two destinations", set("destination", { url }), "/destinationId not_one_form"],
  ["a callback to nowhere", set("onSuccess", {}), "/onSuccess/destinationId required"],
  ["a callback that is a text", set("onFailure", url), "/onFailure not_an_object"],
  ["a callback to a bad URL", set("onFailure", { destination: { url: "x" } }), "/onFailure/destination/url not_a_url"],
  ["a callback with more", set("onSuccess", { destinationId, then: 1 }), "/onSuccess/then unknown_field"],
  ["a number for a destination's id", set("destinationId", 5), "/destinationId not_text"],
  ["null for a destination's id", set("destinationId", null), "/destinationId not_text"],
  ["a long id", set("destinationId", "a".repeat(65)), "/destinationId too_long"],
  ["a text for a destination", inline(url), "/destination not_an_object"],
  ["a destination without a URL", inline({}), "/destination/url required"],
  ["a destination with credentials", inline({ url: "https://a:b@example.com" }), "/destination/url credentials_in_url"],
  ["our header in it", inline({ url, headers: { Host: "x" } }), "/destination/headers/Host header_not_settable"],
  ["too many headers in it", inline({ url, headers: many(33) }), "/destination/headers too_many"],
  ["an unknown field in it", inline({ url, secret: "x" }), "/destination/secret unknown_field"],

  ["a large payload", set("payload", "a".repeat(LONGEST_PAYLOAD - 1)), "/payload too_long"],
  ["a payload that is large in bytes", set("payload", "é".repeat(LONGEST_PAYLOAD / 2)), "/payload too_long"],
  ["a payload too deep to be written", set("payload", nested(50_000)), "/payload not_json"],
  ["a payload that is no JSON", set("payload", () => 5), "/payload not_json"],

  ["an unknown policy", set("catchUp", "some"), "/catchUp not_a_choice"],
  ["an unknown policy within", set("catchUp", { policy: "some" }), "/catchUp/policy not_a_choice"],
  ["a time that is none", set("catchUp", { policy: "all", within: "1 day" }), "/catchUp/within not_a_duration"],
  ["a time of no length", set("catchUp", { within: "PT0S" }), "/catchUp/within out_of_range"],
  ["a number for catching up", set("catchUp", 5), "/catchUp not_an_object"],
  ["null for catching up", set("catchUp", null), "/catchUp not_an_object"],
  ["a field more in it", set("catchUp", { policy: "all", max: 5 }), "/catchUp/max unknown_field"],

  ["a text for a lateness", set("lateness", "PT1H"), "/lateness not_an_object"],
  ["a lateness without a length", set("lateness", { then: "skip" }), "/lateness/max required"],
  ["a lateness that is none", set("lateness", { max: "soon" }), "/lateness/max not_a_duration"],
  ["a lateness of null", set("lateness", { max: null }), "/lateness/max not_text"],
  ["something else to do when late", set("lateness", { max: "PT1H", then: "send" }), "/lateness/then not_a_choice"],
  ["a field more in a lateness", set("lateness", { max: "PT1H", min: "PT1S" }), "/lateness/min unknown_field"],

  ["an unknown way to run", set("ifRunning", "kill"), "/ifRunning not_a_choice"],
  ["null for a retry", set("retry", null), "/retry not_an_object"],
  ["201 attempts", set("retry", { maxAttempts: 201 }), "/retry/maxAttempts out_of_range"],
  ["half an attempt", set("retry", { maxAttempts: 0.5 }), "/retry/maxAttempts out_of_range"],
  ["eight days of retries", set("retry", { within: "P8D" }), "/retry/within out_of_range"],
  ["a pause of a millisecond", set("retry", { initial: "PT0.001S" }), "/retry/initial out_of_range"],
  ["a pause of two days", set("retry", { cap: "P2D" }), "/retry/cap out_of_range"],
  ["a field more in a retry", set("retry", { factor: 3 }), "/retry/factor unknown_field"],

  ["a list of labels", set("labels", ["a"]), "/labels not_an_object"],
  ["a number for a label", set("labels", { team: 5 }), "/labels/team not_text"],
  ["an empty label", set("labels", { team: "" }), "/labels/team empty"],
  ["a label with a space in its name", set("labels", { "my team": "a" }), "/labels bad_name"],
  ["a label without a name", set("labels", { "": "a" }), "/labels bad_name"],
  ["33 labels", set("labels", many(33)), "/labels too_many"],
  ["`__proto__` for a label", set("labels", JSON.parse('{"__proto__":"x"}')), "/labels bad_name"],
  ["100,000 labels", set("labels", many(100_000)), "/labels too_many"],
  [
    "a label's name of two megabytes",
    set("labels", { ["a".repeat(2_000_000)]: 5 }),
    `/labels/${"a".repeat(64)} not_text`,
    "/labels bad_name",
  ],

  ["an unknown field", set("timezone", "UTC"), "/timezone unknown_field"],
  ["a field of the answer", set("state", "active"), "/state unknown_field"],
  [
    "much at once",
    {
      when: { cron: "x" },
      gap: "x",
      type: 5,
      destination: { url: "x" },
      catchUp: "x",
      lateness: 1,
      retry: 1,
      labels: 1,
      more: 1,
    },
    "/timeZone required",
    "/when/cron cron_fields",
    "/gap not_a_choice",
    "/type not_text",
    "/destination/url not_a_url",
    "/catchUp not_a_choice",
    "/lateness not_an_object",
    "/retry not_an_object",
    "/labels not_an_object",
    "/more unknown_field",
  ],
];

const TIMING = {
  timeZone: "Europe/Berlin",
  when: { cron: "0 9 * * *" },
  gap: "shift",
  overlap: "first",
  leapDay: "feb28",
};
const DEFAULTS = {
  ...{ key: null, type: "report.due", timing: TIMING, destination: { id: destinationId }, payload: "{}" },
  ...{
    onSuccess: null,
    onFailure: null,
    catchUp: { policy: "latest" },
    lateness: null,
    ifRunning: "start",
    labels: {},
  },
  retry: { maxAttempts: 12, within: "P1D", initial: "PT20S", cap: "PT6H" },
};

const INLINE = {
  ...{ kind: "http", url, method: "POST", headers: {}, timeoutMs: 10_000 },
  ...{ ratePerSecond: null, ackWithinMs: null, concurrency: null },
};

const GOOD: readonly (readonly [title: string, input: object, schedule: object])[] = [
  ["the least", base, DEFAULTS],
  ["a key", set("key", "invoice/17 – März"), { ...DEFAULTS, key: "invoice/17 – März" }],
  ["a policy as a word", set("catchUp", "none"), { ...DEFAULTS, catchUp: { policy: "none" } }],
  [
    "a policy's default",
    set("catchUp", { within: "P1D" }),
    { ...DEFAULTS, catchUp: { policy: "latest", within: "P1D" } },
  ],
  ["a lateness", set("lateness", { max: "PT1H" }), { ...DEFAULTS, lateness: { max: "PT1H", then: "skip" } }],
  ["no attempt again", set("retry", { maxAttempts: 0 }), { ...DEFAULTS, retry: { ...DEFAULTS.retry, maxAttempts: 1 } }],
  [
    "200 attempts",
    set("retry", { maxAttempts: 200, within: "P7D" }),
    { ...DEFAULTS, retry: { ...DEFAULTS.retry, maxAttempts: 200, within: "P7D" } },
  ],
  [
    "labels",
    set("labels", { team: "a b", "x/y.z-1": "ü", constructor: "c" }),
    { ...DEFAULTS, labels: { team: "a b", "x/y.z-1": "ü", constructor: "c" } },
  ],
  ["a payload", set("payload", { a: [1, null] }), { ...DEFAULTS, payload: '{"a":[1,null]}' }],
  ["a payload of null", set("payload", null), { ...DEFAULTS, payload: "null" }],
  [
    "the largest payload",
    set("payload", "a".repeat(LONGEST_PAYLOAD - 2)),
    { ...DEFAULTS, payload: `"${"a".repeat(LONGEST_PAYLOAD - 2)}"` },
  ],
  [
    "where callbacks go",
    { ...base, onSuccess: { destinationId }, onFailure: { destination: { url } } },
    { ...DEFAULTS, onSuccess: { id: destinationId }, onFailure: { inline: INLINE } },
  ],
  [
    "a destination described",
    inline({ url }),
    {
      ...DEFAULTS,
      destination: { inline: INLINE },
    },
  ],
];

describe("parseSchedule", () => {
  for (const [title, input, ...problems] of BAD) {
    it(`refuses ${title}`, () => {
      expect(wrong(input)).to.deep.equal(problems);
      expect(cpuOf(() => void wrong(input), 50)).to.be.lessThan(50);
    });
  }

  for (const [title, input, schedule] of GOOD) {
    it(`reads ${title}`, () => expect(wrong(input)).to.deep.equal(schedule));
  }

  it("has its defaults from one place", () => {
    const { catchUp, ifRunning, retry } = parseSchedule(base, null, zones);
    expect({ catchUp, ifRunning, retry }).to.deep.equal(SCHEDULE_DEFAULTS);
  });

  it("keeps a payload as the text it came as", () => {
    const text = `{"type":"report.due","payload": { "n" : 12345678901234567890, "m":1e400, "n":1.0 } }`;
    const payload = rawField(text, "payload")!;
    const json = JSON.parse(text) as object;
    expect(parseSchedule({ ...base, ...json }, payload, zones).payload).to.equal(payload);
  });

  it("measures the text, not what it means", () => {
    expect(wrong(set("payload", 1), `${" ".repeat(LONGEST_PAYLOAD)}1`)).to.deep.equal(["/payload too_long"]);
  });

  it("reads back what scheduleFields writes", () => {
    const inputs = [
      base,
      ...GOOD.slice(0, 8).map(([, input]) => input),
      {
        ...base,
        gap: "skip",
        overlap: "both",
        leapDay: "mar1",
        from: "2027-01-01T00:00",
        until: "2028-01-01T00:00Z",
        count: 3,
        spread: "PT10M",
      },
      set("when", { rrule: "FREQ=DAILY", start: "2027-01-01T09:00", exdates: ["2027-01-02T09:00"], rdates: [] }),
      set("when", { every: "PT15M", start: "2027-01-01T00:00Z" }),
      set("when", { yearly: { month: 2, day: 29, time: "09:00" } }),
      set("when", { at: "2027-01-01T09:00" }),
    ];
    for (const input of inputs) {
      const parsed = parseSchedule(input, null, zones);
      const fields = scheduleFields(scheduleOf(parsed));
      expect(parseSchedule(fields, parsed.payload, zones)).to.deep.equal(parsed);
      expect(parseSchedule(JSON.parse(JSON.stringify(fields)), parsed.payload, zones)).to.deep.equal(parsed);
    }
  });

  it("throws nothing but InvalidInput", () => {
    const names = [
      ...Object.keys(base),
      "destination",
      "key",
      "payload",
      "catchUp",
      "lateness",
      "ifRunning",
      "retry",
      "labels",
    ];
    const value = fc.oneof(
      fc.anything({ withBigInt: true, withNullPrototype: true }),
      fc.constantFrom<unknown>(
        "PT1H",
        "latest",
        { max: "PT1H" },
        { policy: "all", within: "P1D" },
        { maxAttempts: 3 },
        { url },
      ),
    );
    const changes = fc.dictionary(fc.constantFrom(...names, "__proto__", "x"), value, { maxKeys: 4 });
    fc.assert(
      fc.property(changes, fc.boolean(), (changes, whole) => {
        const found = wrong(whole ? { ...base, ...changes } : changes);
        if (Array.isArray(found)) expect(found).to.have.length.within(1, 50);
      }),
      { seed: 1, numRuns: 10_000 },
    );
  });
});

function scheduleOf({ destination, onSuccess, onFailure, ...input }: ScheduleInput): Schedule {
  return {
    ...input,
    onSuccess: onSuccess !== null && "id" in onSuccess ? onSuccess.id : null,
    onFailure: onFailure !== null && "id" in onFailure ? onFailure.id : null,
    id: "018f3c2e-7b1a-7c3d-9e4f-0123456789ab",
    tenant: "main",
    destinationId: "id" in destination ? destination.id : "",
    userId: null,
    status: "active",
    revision: 1,
    history: [],
    createdAt: new Date(0),
    updatedAt: new Date(0),
  };
}
