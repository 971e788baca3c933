import { expect } from "chai";
import type { ImportProgress } from "../../src/usecases/import-schedules.js";
import { BY, failureOf, scene, TENANT, URL } from "./support/scene.js";

describe("ImportSchedules", () => {
  const line = (key: string | null, rest: Record<string, unknown> = {}) =>
    JSON.stringify({
      ...(key !== null && { key }),
      type: "report",
      timeZone: "Etc/UTC",
      when: { at: "2027-01-01T09:00:00" },
      destination: { url: URL },
      ...rest,
    });
  const many = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => line(`k${from + index}`));

  function setup() {
    const whole = scene("2027-01-01T00:00:00Z");
    const { importSchedules, tables } = whole;
    return {
      ...whole,
      run: (lines: Iterable<string>, tenant = TENANT) => importSchedules.run(tenant, lines),
      /** What is told of lines: those refused, with what was wrong, and the sums at the end. */
      told: async (lines: Iterable<string> | AsyncIterable<string>) => {
        const said: ImportProgress[] = [];
        for await (const one of importSchedules.run(TENANT, lines)) said.push(one);
        const last = said.at(-1);
        if (last?.kind !== "progress") throw new Error("It does not end with a sum");
        const refused = said.flatMap((one) =>
          one.kind === "refused"
            ? one.line.problems.map(({ pointer, code }) => `${one.line.line} ${pointer} ${code}`)
            : [],
        );
        return { lines: last.lines, created: last.created, known: last.known, refused };
      },
      keys: () => [...tables.schedules.values()].map(({ key }) => key),
    };
  }

  it("makes a schedule of each line, each with its first event (I9)", async () => {
    const { told, keys, tables, up, passTo, received } = setup();

    expect(await told(many(0, 3))).to.deep.equal({ lines: 3, created: 3, known: 0, refused: [] });
    expect(keys()).to.deep.equal(["k0", "k1", "k2"]);
    expect([...tables.events.values()].map(({ leads, state }) => [leads, state])).to.deep.equal(
      Array(3).fill([true, "PENDING"]),
    );
    up();
    await passTo("2027-01-01T09:00:01Z");
    expect(received()).to.have.length(3);
  });

  it("tells the lines that are wrong with their numbers and reasons, and keeps the rest", async () => {
    const { told, keys } = setup();
    const lines = [
      line("a"),
      line("b", { timeZone: "Mars/Base", colour: "red" }),
      "",
      line("c", { when: { at: "2026-01-01T00:00:00" } }),
      line("d"),
      line("e", { destination: undefined, destinationId: "nowhere" }),
    ];

    expect(await told(lines)).to.deep.equal({
      lines: 6,
      created: 2,
      known: 0,
      refused: [
        "2 /timeZone unknown_zone",
        "2 /colour unknown_field",
        "4 /when in_the_past",
        "6 /destinationId destination_not_found",
      ],
    });
    expect(keys()).to.deep.equal(["a", "d"]);
  });

  for (const [what, text, problem] of [
    ["no JSON", "not json at all", " not_json"],
    ["half an object", '{"type":"report"', " not_json"],
    ["two objects", `${line(null)} ${line(null)}`, " not_json"],
    ["bytes of nothing", "\u0000\uFFFD", " not_json"],
    ["a list", "[]", " not_an_object"],
    ["a number", "1", " not_an_object"],
    ["null", "null", " not_an_object"],
    ["a line without end", line(null, { payload: "x".repeat(512 * 1024) }), " too_long"],
    ["a payload that is too long", line(null, { payload: "x".repeat(256 * 1024) }), "/payload too_long"],
  ] as const) {
    it(`refuses ${what}, and goes on`, async () => {
      const { told } = setup();
      const { refused, created } = await told([line("a"), text, line("b")]);

      expect(refused[0]).to.equal(`2 ${problem}`);
      expect(refused.every((one) => one.startsWith("2 "))).to.equal(true);
      expect(created).to.equal(2);
    });
  }

  it("passes over blank lines, but counts them", async () => {
    const { told } = setup();

    expect(await told(["", line("a"), "  \t ", "\r", line("b", { when: { cron: "" } })])).to.deep.equal({
      lines: 5,
      created: 1,
      known: 0,
      refused: ["5 /when/cron empty"],
    });
  });

  it("makes nothing of nothing", async () => {
    const { told, tables } = setup();

    expect(await told([])).to.deep.equal({ lines: 0, created: 0, known: 0, refused: [] });
    expect(tables.schedules.size).to.equal(0);
  });

  it("refuses the second of two lines with one key", async () => {
    const { told, tables } = setup();
    const { created, refused } = await told([line("a", { type: "first" }), line("a", { type: "second" })]);

    expect([created, refused]).to.deep.equal([1, ["2 /key key_taken"]]);
    expect([...tables.schedules.values()].map(({ type }) => type)).to.deep.equal(["first"]);
  });

  it("leaves a schedule whose key is there already as it is", async () => {
    const { told, schedule, tables } = setup();
    const before = await schedule({ when: { cron: "0 9 * * *" }, key: "a" });

    expect(await told([line("a"), line("b")])).to.deep.equal({ lines: 2, created: 1, known: 1, refused: [] });
    expect(tables.schedules.get(before.id)).to.deep.equal(before);
  });

  it("takes the key of another tenant, and that of a deleted schedule", async () => {
    const { told, run, schedule, deleteSchedule } = setup();
    for await (const _ of run([line("a")], "other"));
    const { id } = await schedule({ when: { cron: "0 9 * * *" }, key: "b" });
    await deleteSchedule.run({ ...BY, id });

    expect(await told([line("a"), line("b")])).to.deep.include({ created: 2, known: 0 });
  });

  it("makes one for each line without a key, however alike they are", async () => {
    const { told } = setup();

    expect(await told([line(null), line(null)])).to.deep.include({ created: 2, refused: [] });
  });

  it("sends the payload's own text: long numbers, spelling and spacing", async () => {
    const { told, up, passTo, bodies } = setup();
    const payload = '{"n" : 12345678901234567890,  "a":1.0,"e":1E3, "u":"\\u00e9", "a": [ ]}';
    await told([line("a").replace(/}$/, ` , "payload" : ${payload} }`)]);
    up();
    await passTo("2027-01-01T09:00:01Z");

    expect(bodies()).to.deep.equal([`{"type":"report","timestamp":"2027-01-01T09:00:00.000Z","data":${payload}}`]);
  });

  it("is run again after it was cut short, and leaves one of each", async () => {
    const { told, run, keys } = setup();
    for await (const one of run(many(0, 1_200))) if (one.kind === "progress") break;
    expect(keys()).to.have.length(500);

    expect(await told(many(0, 1_200))).to.deep.equal({ lines: 1_200, created: 700, known: 500, refused: [] });
    expect(new Set(keys()).size).to.equal(1_200);
  });

  it("keeps whole batches if the store goes away, and is run again", async () => {
    const { told, tables, keys } = setup();
    const { putEvent } = tables;
    let puts = 0;
    const broken = new Error("The store went away");
    tables.putEvent = (event) => {
      if (++puts > 700) throw broken;
      putEvent.call(tables, event);
    };
    expect(await failureOf(told(many(0, 1_000)))).to.equal(broken);
    expect([keys().length, tables.events.size]).to.deep.equal([500, 500]);
    tables.putEvent = putEvent;

    expect(await told(many(0, 1_000))).to.deep.include({ created: 500, known: 500 });
    expect(tables.events.size).to.equal(1_000);
  });

  it("makes one of each, though two imports of the same run at once", async () => {
    const { told, keys } = setup();
    const [one, other] = await Promise.all([told(many(0, 600)), told(many(0, 600))]);

    expect(one.created + other.created).to.equal(600);
    expect(new Set(keys()).size).to.equal(keys().length);
  });

  it("reads no further than whoever reads its answers asks", async () => {
    const { run } = setup();
    let read = 0;
    const source = (function* () {
      for (const text of many(0, 5_000)) {
        read++;
        yield text;
      }
    })();
    const answers = run(source);
    expect(read).to.equal(0);
    await answers.next();
    expect(read).to.equal(500);
    await answers.next();
    expect(read).to.equal(1_000);
    await answers.return(undefined);

    expect(read).to.equal(1_000);
    expect(source.next().done).to.equal(true); // the source is closed
  });

  it("tells a wrong line before it reads the next", async () => {
    const { run } = setup();
    let read = 0;
    const source = function* () {
      for (;;) yield `garbage ${++read}`;
    };
    const answers = run(source());
    await answers.next();
    const second = await answers.next();

    expect(second.value).to.deep.include({ kind: "refused" });
    expect(read).to.equal(2);
    await answers.return(undefined);
  });

  it("passes on what goes wrong with the source, and keeps what was stored", async () => {
    const { told, keys } = setup();
    const broken = new Error("The connection was reset");
    const source = async function* () {
      yield* many(0, 500);
      await Promise.resolve();
      throw broken;
    };

    expect(await failureOf(told(source()))).to.equal(broken);
    expect(keys()).to.have.length(500);
  });

  it("takes ten thousand lines, and tells how far it is", async () => {
    const { run, tables } = setup();
    const sums: number[] = [];
    for await (const one of run(many(0, 10_000))) if (one.kind === "progress") sums.push(one.created);

    expect(sums.slice(0, 3)).to.deep.equal([500, 1_000, 1_500]);
    expect(sums.at(-1)).to.equal(10_000);
    expect([tables.schedules.size, tables.events.size, tables.destinations.size]).to.deep.equal([10_000, 10_000, 1]);
  });
});
