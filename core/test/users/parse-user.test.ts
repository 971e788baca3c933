import { expect } from "chai";
import fc from "fast-check";
import { InvalidInput } from "../../src/errors.js";
import { compileTiming } from "../../src/recurrence/recurrence.js";
import { IntlZoneRules } from "../../src/recurrence/zones/intl-zone-rules.js";
import { birthdayTiming } from "../../src/users/birthday.js";
import { parseUser } from "../../src/users/parse-user.js";

const zones = new IntlZoneRules({ version: process.versions.tz ?? "" });
const now = new Date("2027-03-14T09:59:59Z");
const ada = { firstName: "Ada", lastName: "Lovelace", dateOfBirth: "1990-12-10", timezone: "Europe/London" };

function wrong(input: unknown): unknown {
  try {
    return parseUser(input, zones, now);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return error.problems.map(({ pointer, code }) => `${pointer} ${code}`);
  }
}

const set = (name: string, value: unknown) => ({ ...ada, [name]: value });

const BAD: readonly (readonly [title: string, input: unknown, ...problems: string[]])[] = [
  ["nothing", {}, "/firstName required", "/lastName required", "/dateOfBirth required", "/timezone required"],
  [
    "a list",
    [ada],
    " not_an_object",
    "/firstName required",
    "/lastName required",
    "/dateOfBirth required",
    "/timezone required",
  ],
  ["a blank name", set("firstName", " "), "/firstName empty"],
  ["a long name", set("lastName", "a".repeat(101)), "/lastName too_long"],
  ["a name with NUL", set("lastName", "a\0"), "/lastName control_characters"],
  ["a name with a line end", set("firstName", "a\nb"), "/firstName control_characters"],
  ["half a character for a name", set("firstName", "\ud83d"), "/firstName control_characters"],
  ["a number for a name", set("firstName", 5), "/firstName not_text"],
  ["31 February", set("dateOfBirth", "1990-02-31"), "/dateOfBirth not_a_date"],
  ["29 February of a common year", set("dateOfBirth", "1991-02-29"), "/dateOfBirth not_a_date"],
  ["29 February 1900", set("dateOfBirth", "1900-02-29"), "/dateOfBirth not_a_date"],
  ["a date with a time", set("dateOfBirth", "1990-12-10T00:00"), "/dateOfBirth not_a_date"],
  ["a date the other way round", set("dateOfBirth", "10.12.1990"), "/dateOfBirth not_a_date"],
  ["a date without zeros", set("dateOfBirth", "1990-1-1"), "/dateOfBirth not_a_date"],
  ["a date of 1899", set("dateOfBirth", "1899-12-31"), "/dateOfBirth not_a_date"],
  ["the year 0000", set("dateOfBirth", "0000-01-01"), "/dateOfBirth not_a_date"],
  ["a number for a date", set("dateOfBirth", 19901210), "/dateOfBirth not_text"],
  ["next year", set("dateOfBirth", "2028-01-01"), "/dateOfBirth in_the_future"],
  ["a day that has begun nowhere", set("dateOfBirth", "2027-03-15"), "/dateOfBirth in_the_future"],
  ["an unknown zone", set("timezone", "Mars/Olympus"), "/timezone unknown_zone"],
  ["the server's zone", set("timezone", "local"), "/timezone unknown_zone"],
  ["an offset", set("timezone", "+01:00"), "/timezone unknown_zone"],
  ["a zone under another name", { ...ada, timeZone: "UTC" }, "/timeZone unknown_field"],
  ["an id", { ...ada, id: "1" }, "/id unknown_field"],
  [
    "much at once",
    { firstName: "", lastName: null, dateOfBirth: "soon", timezone: "system", more: 1 },
    "/firstName empty",
    "/lastName not_text",
    "/dateOfBirth not_a_date",
    "/timezone unknown_zone",
    "/more unknown_field",
  ],
];

describe("parseUser", () => {
  for (const [title, input, ...problems] of BAD) {
    it(`refuses ${title}`, () => expect(wrong(input)).to.deep.equal(problems));
  }

  const good: readonly (readonly [title: string, input: object, user: object])[] = [
    ["a user", ada, ada],
    ["one born today", set("dateOfBirth", "2027-03-14"), set("dateOfBirth", "2027-03-14")],
    ["one born on a leap day", set("dateOfBirth", "2000-02-29"), set("dateOfBirth", "2000-02-29")],
    ["one born in 1900", set("dateOfBirth", "1900-01-01"), set("dateOfBirth", "1900-01-01")],
    ["a zone in any case", set("timezone", "asia/KATHMANDU"), set("timezone", "Asia/Kathmandu")],
    [
      "names of the world",
      { ...ada, firstName: "Zoë 😀", lastName: "O'Neill-李" },
      { ...ada, firstName: "Zoë 😀", lastName: "O'Neill-李" },
    ],
  ];
  for (const [title, input, user] of good) {
    it(`reads ${title}`, () => expect(wrong(input)).to.deep.equal(user));
  }

  it("takes a day for begun as soon as it has begun somewhere", () => {
    const born = set("dateOfBirth", "2027-03-15");
    expect(() => parseUser(born, zones, new Date("2027-03-14T09:59:59Z"))).to.throw(InvalidInput);
    expect(() => parseUser(born, zones, new Date("2027-03-14T10:00:00Z"))).not.to.throw();
  });

  it("throws nothing but InvalidInput", () => {
    const value = fc.oneof(fc.anything({ withBigInt: true }), fc.string({ unit: "binary" }));
    const changes = fc.dictionary(fc.constantFrom(...Object.keys(ada), "__proto__"), value, { maxKeys: 3 });
    fc.assert(
      fc.property(fc.oneof(changes, value), (changes) => {
        wrong(changes);
        wrong(typeof changes === "object" ? { ...ada, ...changes } : changes);
      }),
      { seed: 1, numRuns: 3_000 },
    );
  });
});

describe("birthdayTiming", () => {
  it("is nine in the morning of each birthday, where the user lives", () => {
    const series = compileTiming(birthdayTiming(ada), zones);
    const first = series.after(now.getTime());
    expect(new Date(first?.instant ?? 0).toISOString()).to.equal("2027-12-10T09:00:00.000Z");
    expect(series.after(first?.instant ?? 0)?.key).to.equal("2028-12-10T09:00:00/0");
  });

  it("is 28 February for who was born on the 29th, in other years", () => {
    const series = compileTiming(birthdayTiming({ ...ada, dateOfBirth: "2000-02-29" }), zones);
    expect(series.after(Date.UTC(2027, 0, 1))).to.include({ key: "2027-02-28T09:00:00/0", note: "leap_day" });
    expect(series.after(Date.UTC(2028, 0, 1))?.key).to.equal("2028-02-29T09:00:00/0");
  });
});
