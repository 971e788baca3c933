import { expect } from "chai";
import { run, runHere } from "./support/cli.js";

interface Item {
  readonly local: { readonly dateTime: string; readonly offset: string; readonly fold: number };
  readonly dueAt?: string;
  readonly note?: string;
}

describe("punctual next", () => {
  const berlin = ["--zone", "Europe/Berlin"];
  const cases: readonly {
    readonly name: string;
    readonly args: readonly string[];
    /** Local time, offset, instant, note. */
    readonly rows: readonly string[];
  }[] = [
    {
      name: "cron, over a gap",
      args: ["30 2 * * *", "--after", "2027-03-27", "--count", "3"],
      rows: [
        "2027-03-27T02:30:00 +01:00 2027-03-27T01:30:00.000Z",
        "2027-03-28T03:30:00 +02:00 2027-03-28T01:30:00.000Z gap",
        "2027-03-29T02:30:00 +02:00 2027-03-29T00:30:00.000Z",
      ],
    },
    {
      name: "cron, with the gap's boundary",
      args: ["30 2 28 3 *", "--gap", "boundary", "--after", "2027-01-01", "--count", "1"],
      rows: ["2027-03-28T03:00:00 +02:00 2027-03-28T01:00:00.000Z gap"],
    },
    {
      name: "cron, with what a gap leaves out",
      args: ["30 2 * * *", "--gap", "skip", "--after", "2027-03-28", "--count", "1"],
      rows: ["2027-03-28T03:30:00 +02:00 - excluded", "2027-03-29T02:30:00 +02:00 2027-03-29T00:30:00.000Z"],
    },
    {
      name: "a local date-time that comes twice",
      args: ["2027-10-31T02:30:00", "--overlap", "both", "--after", "2027-01-01"],
      rows: [
        "2027-10-31T02:30:00 +02:00 2027-10-31T00:30:00.000Z overlap",
        "2027-10-31T02:30:00 +01:00 2027-10-31T01:30:00.000Z overlap",
      ],
    },
    {
      name: "a day of each year, 29 February",
      args: ["02-29", "--leap-day", "mar1", "--after", "2027-01-01", "--count", "2"],
      rows: [
        "2027-03-01T09:00:00 +01:00 2027-03-01T08:00:00.000Z leap_day",
        "2028-02-29T09:00:00 +01:00 2028-02-29T08:00:00.000Z",
      ],
    },
    {
      name: "a duration",
      args: ["PT12H", "--start", "2027-01-01T00:00:00Z", "--after", "2027-01-01T00:00:00Z", "--count", "1"],
      rows: ["2027-01-01T13:00:00 +01:00 2027-01-01T12:00:00.000Z"],
    },
    {
      name: "an RRULE, with an exception",
      args: [
        ...["FREQ=MONTHLY;BYDAY=-1FR", "--start", "2027-01-29T17:00:00", "--exdate", "2027-02-26T17:00:00"],
        ...["--after", "2027-02-01", "--count", "1"],
      ],
      rows: ["2027-02-26T17:00:00 +01:00 - excluded", "2027-03-26T17:00:00 +01:00 2027-03-26T16:00:00.000Z"],
    },
  ];
  for (const { name, args, rows } of cases) {
    it(`shows ${name}`, async () => {
      const [text, json] = await Promise.all([
        runHere(["next", ...args, ...berlin]),
        runHere(["next", ...args, ...berlin, "--json"]),
      ]);
      const [head = "", ...lines] = text.out.trimEnd().split("\n");
      expect(head).to.match(/^LOCAL TIME +OFFSET +INSTANT +NOTE$/);
      expect(
        lines.map((line) =>
          line
            .replace(/ +/g, " ")
            .replace(/:? [a-zA-Z].*|: .*$/, (rest) => / (\w+):/.exec(rest)?.[0].slice(0, -1) ?? rest),
        ),
      ).to.deep.equal(rows);
      expect([text.code, json.code, json.err]).to.deep.equal([0, 0, ""]);
      expect(text.err).to.match(/^by the zone data \d{4}[a-z]+\n$/);
      const { items, tzdata } = JSON.parse(json.out) as { items: Item[]; tzdata: string };
      const told = items.map(({ local: { dateTime, offset }, dueAt = "-", note }) =>
        [dateTime, offset, dueAt, note].filter((part) => part !== undefined).join(" "),
      );
      expect(told).to.deep.equal(rows);
      expect(tzdata).to.match(/^\d{4}[a-z]+$/);
    });
  }

  it("says what a note means, and which pass of an hour it is", async () => {
    const { out } = await run([
      "next",
      "2027-10-31T02:30:00",
      "--overlap",
      "second",
      "--after",
      "2027-01-01",
      ...berlin,
    ]);
    expect(out).to.include("overlap: the clocks show this time twice, pass 2 of 2");
  });

  it("says so where nothing is ahead", async () => {
    const { code, out, err } = await run(["next", "2020-01-01T00:00:00", ...berlin]);
    expect({ code, out }).to.deep.equal({ code: 0, out: "" });
    expect(err).to.include("there is nothing ahead");
  });

  const wrong = [
    { name: "no zone", args: ["0 9 * * *"], err: /required option '--zone <name>'/ },
    { name: "a zone that there is not", args: ["0 9 * * *", "--zone", "local"], err: /\/timeZone: .*\(unknown_zone\)/ },
    { name: "a rule that cannot be read", args: ["61 * * * *", ...berlin], err: /\/when\/cron: / },
    { name: "a rule that never matches", args: ["0 9 30 2 *", ...berlin], err: /\(cron_never\)/ },
    { name: "a day that no month has", args: ["02-30", ...berlin], err: /\(no_such_day\)/ },
    { name: "a duration from nowhere", args: ["PT1H", ...berlin], err: /say --start/ },
    { name: "an RRULE from nowhere", args: ["FREQ=DAILY", ...berlin], err: /say --start/ },
    { name: "a count of 0", args: ["0 9 * * *", ...berlin, "--count", "0"], err: /from 1 to 1000/ },
    {
      name: "a day that there is not",
      args: ["0 9 * * *", ...berlin, "--after", "2027-02-30"],
      err: /an instant such as/,
    },
  ];
  for (const { name, args, err } of wrong) {
    it(`ends with 2 for ${name}`, async () => {
      const ended = await runHere(["next", ...args]);
      expect(ended).to.include({ code: 2, out: "" });
      expect(ended.err).to.match(err);
      expect(ended.err).not.to.match(/^ +at /m);
    });
  }
});
