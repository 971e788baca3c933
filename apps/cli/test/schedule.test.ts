import { expect } from "chai";
import { randomUUID } from "node:crypto";
import { folder } from "./support/cli.js";
import { hereOnPlatform, inbox, json, madeSchedule, onPlatform } from "./support/platform.js";

interface Schedule {
  readonly id: string;
  readonly key?: string;
  readonly type: string;
  readonly state: string;
  readonly when: object;
  readonly revision: number;
}

describe("punctual schedule", () => {
  const files = folder();
  const flags = async (type = "cli.flags") => {
    const said = ["--type", type, "--zone", "Europe/Berlin", "--cron", "0 9 * * *"];
    return ["schedule", "create", ...said, "--url", await inbox()];
  };

  const forms = [
    { name: "--at", args: ["--at", "2031-01-02T03:04:05"], when: { at: "2031-01-02T03:04:05" } },
    { name: "--cron", args: ["--cron", "0 9 * * MON-FRI"], when: { cron: "0 9 * * MON-FRI" } },
    {
      name: "--rrule",
      args: ["--rrule", "RRULE:FREQ=DAILY", "--start", "2031-01-01T09:00:00", "--exdate", "2031-01-02T09:00:00"],
      when: { rrule: "FREQ=DAILY", start: "2031-01-01T09:00:00", exdates: ["2031-01-02T09:00:00"] },
    },
    {
      name: "--every",
      args: ["--every", "PT15M", "--start", "2031-01-01T00:00:00Z"],
      when: { every: "PT15M", start: "2031-01-01T00:00:00Z" },
    },
    {
      name: "--yearly",
      args: ["--yearly", "12-24 18:30", "--leap-day", "skip"],
      when: { yearly: { month: 12, day: 24, time: "18:30" } },
    },
  ];
  for (const { name, args, when } of forms) {
    it(`is made by ${name}`, async () => {
      const said = ["schedule", "create", "--type", "cli.form", "--zone", "Europe/Berlin", "--url", await inbox()];
      const { out } = await hereOnPlatform([...said, ...args, "--json"]);
      expect((JSON.parse(out) as Schedule).when).to.deep.equal(when);
    });
  }

  it("is made with all that the options say, and its payload keeps its digits", async () => {
    const policies = ["--catch-up", "all", "--max-lateness", "PT1H", "--if-running", "skip", "--max-attempts", "3"];
    const bounds = ["--until", "2040-01-01T00:00:00", "--count", "5", "--spread", "PT1M", "--gap", "skip"];
    const more = ["--overlap", "both", "--label", "team:a", "--label", "team.b:x:y", "--key", randomUUID()];
    const payload = '{"n": 12345678901234567890, "n": 1.0}';
    const { out } = await onPlatform([
      ...(await flags()),
      ...[...policies, ...bounds, ...more, "--payload", payload, "--json"],
    ]);
    expect(out).to.include(`"payload":${payload}`);
    expect(JSON.parse(out)).to.deep.include({
      ...{ catchUp: { policy: "all" }, lateness: { max: "PT1H", then: "skip" }, ifRunning: "skip" },
      ...{ until: "2040-01-01T00:00:00", count: 5, spread: "PT1M", gap: "skip", overlap: "both" },
      labels: { team: "a", "team.b": "x:y" },
    });
  });

  it("is made from a file or from stdin, in text", async () => {
    const body = {
      type: "cli.file",
      timeZone: "Etc/UTC",
      when: { cron: "0 9 * * *" },
      destination: { url: await inbox() },
    };
    const path = await files.put("one.json", `\ufeff${JSON.stringify(body)}`);
    for (const [args, input] of [
      [["--file", path], ""],
      [["--file", "-"], JSON.stringify(body)],
    ] as const) {
      const { code, out, err } = await onPlatform(["schedule", "create", ...args], input);
      expect({ code, err }).to.deep.equal({ code: 0, err: "made\n" });
      expect(out)
        .to.match(/^id +[0-9a-f-]{36}\n/)
        .and.match(/^when +cron 0 9 \* \* \*$/m);
    }
  });

  it("is made once for an idempotency key, and with --quiet only its id is told", async () => {
    const args = [...(await flags()), "--idempotency-key", randomUUID(), "--quiet"];
    const [one, two] = [await onPlatform(args), await onPlatform(args)];
    expect(one.out).to.match(/^[0-9a-f-]{36}\n$/);
    expect(two).to.deep.equal({ code: 0, out: one.out, err: "" });
  });

  it("is put by its key, once and again", async () => {
    const key = `cli/${randomUUID()}`;
    const [, , ...rest] = await flags();
    const one = await onPlatform(["schedule", "put", key, ...rest]);
    const two = await onPlatform(["schedule", "put", key, ...rest]);
    expect([one.code, one.err, two.code, two.err]).to.deep.equal([0, "made\n", 0, "it is so\n"]);
    const again = await json<Schedule>(["schedule", "put", key, ...rest]);
    expect(again).to.include({ key, revision: 1 });
  });

  it("is listed, by filters and page by page", async () => {
    const type = `cli.${randomUUID().slice(0, 8)}`;
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) ids.push((await madeSchedule(type)).id);
    const page = await json<{ items: Schedule[]; nextCursor: string }>([
      ...["schedule", "list", "--type", type, "--limit", "2"],
    ]);
    expect(page.items.map(({ id }) => id)).to.deep.equal(ids.slice(0, 2));
    const all = await json<{ items: Schedule[] }>(["schedule", "list", "--type", type, "--limit", "1", "--all"]);
    expect(all.items.map(({ id }) => id)).to.deep.equal(ids);
    const text = await onPlatform(["schedule", "list", "--type", type, "--limit", "1"]);
    expect(text.out.split("\n")[0]).to.match(/^ID +KEY +TYPE +STATE +WHEN +ZONE +NEXT DUE$/);
    expect(text.out)
      .to.include(`${ids[0]} `)
      .and.not.include(ids[1] ?? "");
    expect(text.err).to.match(/--cursor \S+/);
    const rest = await json<{ items: Schedule[] }>(["schedule", "list", "--type", type, "--cursor", page.nextCursor]);
    expect(rest.items.map(({ id }) => id)).to.deep.equal(ids.slice(2));
  });

  it("is read, changed, paused, resumed, run and deleted", async () => {
    const { id } = await madeSchedule();
    expect(await json<Schedule>(["schedule", "get", id])).to.include({ id, revision: 1 });
    const changed = await json<Schedule>(["schedule", "patch", id, "--type", "cli.changed"]);
    expect(changed).to.include({ type: "cli.changed", revision: 2 });
    const path = await files.put("patch.json", '{"labels": {"a": "b"}}');
    expect(await json(["schedule", "patch", id, "--force", "--file", path])).to.deep.include({ labels: { a: "b" } });
    expect(await json(["schedule", "pause", id, "--note", "holidays"])).to.include({ state: "paused" });
    expect((await onPlatform(["schedule", "resume", id])).out).to.match(/^state +active$/m);
    expect(await json(["schedule", "run", id])).to.include({ scheduleId: id, origin: "manual" });
    const { items } = await json<{ items: object[] }>(["schedule", "occurrences", id, "--count", "2"]);
    expect(items).to.have.length(2);
    expect((await onPlatform(["schedule", "get", id])).out).to.match(/^revision +5$/m);
    expect(await json(["schedule", "delete", id])).to.deep.equal({ id, deleted: true });
    expect((await onPlatform(["schedule", "get", id])).code).to.equal(3);
  });

  it("takes a field away by --unset", async () => {
    const { id } = await madeSchedule();
    expect(await json(["schedule", "patch", id, "--unset", "count"])).not.to.have.property("count");
  });

  it("shows what clock changes do to its occurrences", async () => {
    const said = ["schedule", "create", "--type", "x", "--zone", "Europe/Berlin", "--cron", "30 2 * * *"];
    const { id } = await json<Schedule>([...said, "--url", await inbox()]);
    const { out } = await onPlatform(["schedule", "occurrences", id, "--after", "2027-03-28", "--count", "1"]);
    expect(out.split("\n")[1]).to.match(/^2027-03-28T03:30:00 +\+02:00 +2027-03-28T01:30:00.000Z +gap: /);
  });

  const refused = [
    { name: "a key that is taken: 4", code: 4, args: ["--key", "cli/taken"], err: /\(key_taken\)/ },
    {
      name: "all that the API finds wrong, a line each: 2",
      code: 2,
      args: ["--zone", "Moon/Tycho", "--max-lateness", "soon"],
      err: /^punctual: .*\(invalid_input\)\n {2}\/timeZone: .*\(unknown_zone\)\n {2}\/lateness\/max: .*\(not_a_duration\)\n$/,
    },
    { name: "two forms of one rule: 2", code: 2, args: ["--at", "2031-01-01T00:00:00"], err: /say one of --at, / },
    { name: "a payload that is no JSON: 2", code: 2, args: ["--payload", "{"], err: /--payload is not valid JSON/ },
    { name: "a file beside options: 2", code: 2, args: ["--file", "-"], err: /leave the other options out/ },
    { name: "a label without a value: 2", code: 2, args: ["--label", "a"], err: /not name:value/ },
    { name: "a choice that there is not: 2", code: 2, args: ["--gap", "jump"], err: /Allowed choices are shift/ },
  ];
  for (const { name, code, args, err } of refused) {
    it(`is refused for ${name}`, async () => {
      if (code === 4) await hereOnPlatform([...(await flags()), ...args]);
      const ended = await hereOnPlatform([...(await flags()), ...args]);
      expect(ended).to.include({ code, out: "" });
      expect(ended.err).to.match(err);
    });
  }

  for (const args of [
    ...[["get"], ["delete"], ["patch", "--type", "x"], ["pause"], ["resume"], ["run"], ["occurrences"]],
  ]) {
    it(`${args[0]} of one that is not there ends with 3`, async () => {
      const [name = "", ...rest] = args;
      const ended = await hereOnPlatform(["schedule", name, "0198c0de-0000-7000-8000-000000000001", ...rest]);
      expect(ended).to.include({ code: 3, out: "" });
      expect(ended.err).to.match(/^punctual: No schedule has the id .* \(schedule_not_found\)\n$/);
    });
  }
});
