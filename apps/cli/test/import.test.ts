import { expect } from "chai";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { canShow, folder, run, shown, start } from "./support/cli.js";
import { fakeApi } from "./support/fake-api.js";
import { api, hereOnPlatform, inbox, json, onPlatform, sharedPlatform } from "./support/platform.js";

describe("punctual import", () => {
  const files = folder();
  const line = async (more: object = {}) =>
    JSON.stringify({
      ...{ type: "cli.import", timeZone: "Etc/UTC", when: { cron: "0 9 * * *" } },
      ...{ destination: { url: await inbox() }, ...more },
    });

  it("makes a schedule of each of 5,000 lines, and tells by their numbers which were refused", async () => {
    const type = `cli.${randomUUID().slice(0, 8)}`;
    const good = await line({ type });
    const wrong = new Map([
      [17, "{"],
      [1_500, await line({ type, timeZone: "Moon/Tycho" })],
      [2_501, await line({ type, more: 1 })],
      [5_000, "no"],
    ]);
    const lines = Array.from({ length: 5_000 }, (_, index) => wrong.get(index + 1) ?? good);
    const { code, out, err } = await onPlatform(["import", await files.put("many.ndjson", lines.join("\n"))]);

    const numbers = err
      .split("\n")
      .flatMap((said) => /^line (\d+): \/\S* ?.+ \((\w+)\)$/.exec(said)?.slice(1, 3).join(" ") ?? []);
    expect(numbers).to.have.members(["17 not_json", "1500 unknown_zone", "2501 unknown_field", "5000 not_json"]);
    expect(err.trim().split("\n")).to.have.length(4); // nobody looks on: no progress is drawn
    expect(out).to.match(/^5,000 lines in [\d.]+ s: 4,996 made, 0 known, 4 refused\n$/);
    expect(code).to.equal(1);
    const { items } = await api<{ items: unknown[] }>("GET", `/v1/schedules?type=${type}&limit=200`);
    expect(items).to.have.length(200);
  });

  it("tells in JSON how it went, and what was refused in a file", async () => {
    const text = `\ufeff${await line()}\n\n${await line({ key: "cli/known" })}\nno\n${await line({ key: "cli/known" })}`;
    const report = files.at("report.ndjson");
    const one = await onPlatform(["import", "-", "--json", "--report", report], text);
    expect([one.code, one.err]).to.deep.equal([1, ""]);
    expect(JSON.parse(one.out)).to.deep.equal({ lines: 5, created: 2, known: 0, refused: 2 });
    const told = (await readFile(report, "utf8")).trim().split("\n");
    expect(told.map((text) => (JSON.parse(text) as { line: number }).line)).to.have.members([4, 5]);

    expect(await json(["import", "-"], await line({ key: "cli/known" }))).to.deep.equal({
      ...{ lines: 1, created: 0, known: 1, refused: 0 },
    });
  });

  it("does not mind a connection that breaks behind the last line of the answer", async () => {
    const api = await fakeApi((request, response) => {
      request.resume().on("end", () => {
        response.write('{"kind":"done","lines":1,"created":1,"known":0,"refused":0}\n');
        setTimeout(() => response.destroy(), 20);
      });
    });
    const args = ["import", "-", "--report", files.at("broken.ndjson")];
    const many = await Promise.all(
      Array.from({ length: 8 }, async () => run(args, { env: { PUNCTUAL_URL: api.url }, input: "{}\n" })),
    );
    api.close();
    for (const { code, err } of many) expect({ code, err }).to.deep.equal({ code: 0, err: "" });
  });

  it("takes a file that holds nothing", async () => {
    expect(await json(["import", "-"], "")).to.deep.equal({ lines: 0, created: 0, known: 0, refused: 0 });
  });

  it("ends with 130 when it is interrupted", async () => {
    const { url } = await sharedPlatform();
    const { child, ended, said } = start(["import", "-"], { env: { PUNCTUAL_URL: url } });
    child.stdin?.write("no\n");
    await said(/^line 1: /m);
    child.kill("SIGINT");
    const { code, out, err } = await ended;
    expect({ code, out }).to.deep.equal({ code: 130, out: "" });
    expect(err).to.match(/^punctual: interrupted at line 1 or before\n {2}import the same file again/m);
  });

  it("waits for whoever writes slowly, whatever its time limit", async () => {
    const { url } = await sharedPlatform();
    const { child, ended } = start(["import", "-", "--timeout", "1"], { env: { PUNCTUAL_URL: url } });
    child.stdin?.write(`${await line()}\n`);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    child.stdin?.end(await line());
    const { code, out } = await ended;
    expect(out).to.match(/^2 lines in [\d.]+ s: 2 made/);
    expect(code).to.equal(0);
  });

  it(`draws its progress for who looks on${canShow ? "" : " (skipped: no util-linux script)"}`, async function () {
    if (!canShow) return this.skip();
    const { url } = await sharedPlatform();
    const path = await files.put("few.ndjson", `${await line()}\nno\n`);
    const env = { PUNCTUAL_URL: url };
    const { text, code } = shown(`import ${path}`, { env });
    expect(code).to.equal(1);
    expect(text)
      .to.match(/\[#{24}\] {2}2 lines {2}.* refused/)
      .and.include("\r\u001b[K")
      .and.include("line 2: ");
    expect(shown(`import ${path} --quiet`, { env }).text).not.to.include("\u001b");
    return undefined;
  });

  const wrong = [
    { name: "a file that is not there", args: ["gone.ndjson"], err: /gone.ndjson: there is no such file/ },
    { name: "a folder", args: ["/"], err: /\/ is a folder/ },
    { name: "a report that cannot be written", args: ["-", "--report", "/gone/x"], err: /\/gone\/x: there is no such/ },
  ];
  for (const { name, args, err } of wrong) {
    it(`ends with 2 for ${name}`, async () => {
      const ended = await hereOnPlatform(["import", ...args]);
      expect(ended).to.include({ code: 2, out: "" });
      expect(ended.err).to.match(err);
    });
  }
});
