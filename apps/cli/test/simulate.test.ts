import { expect } from "chai";
import { folder, run, runHere, start } from "./support/cli.js";
import { json, madeSchedule } from "./support/platform.js";

interface Simulated {
  readonly items: readonly {
    readonly key?: string;
    readonly dueAt: string;
    readonly note?: string;
    readonly id: string;
  }[];
}

describe("punctual simulate", () => {
  const files = folder();
  const schedule = (key: string, cron: string, more: object = {}) => ({
    ...{ key, type: "report.due", timeZone: "Europe/Berlin", when: { cron } },
    ...{ destination: { url: "https://example.com/hooks" }, ...more },
  });
  const march = ["--from", "2027-03-27", "--to", "2027-03-28T12:00:00Z"];

  it("shows what a list of schedules would do, in the order of time, and what clock changes do to it", async () => {
    const path = await files.put("two.json", JSON.stringify([schedule("a", "30 2 * * *"), schedule("b", "0 1 * * *")]));
    const { code, out, err } = await run(["simulate", path, ...march]);
    expect(code).to.equal(0);
    expect(out.trimEnd().split("\n")).to.deep.equal([
      "2027-03-27T00:00:00.000Z  2027-03-27T01:00:00+01:00 Europe/Berlin  report.due  b",
      "2027-03-27T01:30:00.000Z  2027-03-27T02:30:00+01:00 Europe/Berlin  report.due  a",
      "2027-03-28T00:00:00.000Z  2027-03-28T01:00:00+01:00 Europe/Berlin  report.due  b",
      "2027-03-28T01:30:00.000Z  2027-03-28T03:30:00+02:00 Europe/Berlin  report.due  a  gap",
    ]);
    expect(err).to.match(/^4 events of 2 schedules, from 2027-03-27T00:00:00.000Z to .*, in [\d.]+ s\n$/);
  });

  it("tells it in JSON, of one on each line, the same each time", async () => {
    const lines = [schedule("a", "30 2 * * *", { spread: "PT10M" }), schedule("b", "0 1 * * *")];
    const text = lines.map((line) => JSON.stringify(line)).join("\n");
    const [one, two] = await Promise.all([
      run(["simulate", "-", ...march, "--json", "--quiet"], { input: text }),
      run(["simulate", "-", ...march, "--json", "--quiet"], { input: `${text}\n` }),
    ]);
    expect([one.code, one.err]).to.deep.equal([0, ""]);
    const { items } = JSON.parse(one.out) as Simulated;
    expect(items.map(({ key, note }) => [key, note])).to.deep.equal([
      ...[
        ["b", undefined],
        ["a", undefined],
        ["b", undefined],
        ["a", "gap"],
      ],
    ]);
    expect(two.out).to.equal(one.out);
  });

  it("takes what the API lists, under the ids that the events will have", async () => {
    const type = "cli.simulate";
    const { id } = await madeSchedule(type);
    const { out } = await run(["simulate", "-", "--limit", "1", "--json"], {
      input: JSON.stringify(await json(["schedule", "list", "--type", type])),
    });
    const { items } = await json<Simulated>(["events", "list", "--schedule", id]);
    expect((JSON.parse(out) as Simulated).items.map((one) => one.id)).to.deep.equal(items.map((one) => one.id));
  });

  it("leaves out what is paused, and says so", async () => {
    const path = await files.put("paused.json", JSON.stringify(schedule("a", "0 1 * * *", { state: "paused" })));
    const { out, err } = await run(["simulate", path]);
    expect(out).to.equal("");
    expect(err).to.include("0 events of 1 schedule, 1 of them paused");
  });

  it("ends with 130 when it is interrupted, however much there is to tell", async () => {
    const path = await files.put("much.json", JSON.stringify(schedule("a", "* * * * * *")));
    const { child, ended, said } = start(["simulate", path, "--to", "9000-01-01"]);
    await said(/report.due/);
    child.kill("SIGINT");
    expect((await ended).code).to.equal(130);
  });

  it("ends well when whoever reads has seen enough", async () => {
    const path = await files.put("more.json", JSON.stringify(schedule("a", "* * * * * *")));
    const { child, ended, said } = start(["simulate", path, "--to", "9000-01-01"]);
    await said(/report.due/);
    child.stdout?.destroy();
    const { code, err } = await ended;
    expect({ code, err }).to.deep.equal({ code: 0, err: "" });
  });

  const wrong = [
    { name: "a file that is not there", text: null, err: /gone.json: there is no such file/ },
    { name: "invalid JSON", text: '{"a"', err: /is not valid JSON/ },
    { name: "a line of invalid JSON", text: '{"type":"a"}\n{"a"\n', err: /line 2 of .* is not valid JSON/ },
    {
      name: "schedules that are not valid, all of them told",
      text: JSON.stringify([schedule("a", "61 * * * *"), schedule("b", "0 9 * * *", { more: 1 }), 5]),
      err: /is not valid\n {2}number 1: \/when\/cron: .*\n {2}number 2: \/more: .*\n {2}number 3: /,
    },
  ];
  for (const { name, text, err } of wrong) {
    it(`ends with 2 for ${name}`, async () => {
      const path = text === null ? files.at("gone.json") : await files.put("wrong.json", text);
      const ended = await runHere(["simulate", path]);
      expect(ended).to.include({ code: 2, out: "" });
      expect(ended.err).to.match(err);
    });
  }
});
