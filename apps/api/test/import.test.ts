import { expect } from "chai";
import { daily, type Desk, desk, operationOf } from "./support/desk.js";

describe("POST /v1/schedules/import", () => {
  let one: Desk;
  beforeEach(async () => (one = await desk()));
  afterEach(() => one.close());

  const headers = { "content-type": "application/x-ndjson" };
  const imported = async (text: string | Uint8Array) => {
    const answer = await one.ask(operationOf("importSchedules"), { text, headers });
    expect(answer.status).to.equal(200);
    return answer.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  };
  const line = (key: string, fields: object = {}) => JSON.stringify({ key, ...daily, ...fields });

  it("makes a schedule of each line, tells of each that is wrong, and keeps the rest", async () => {
    const lines = [line("a"), "no JSON", line("b", { timeZone: "Mars/Olympus" }), "", line("c")];
    const told = await imported(lines.join("\n"));

    expect(told.map(({ kind, line: at }) => [kind, at])).to.deep.equal([
      ["refused", 2],
      ["refused", 3],
      ["done", undefined],
    ]);
    expect(told.at(-1)).to.deep.equal({ kind: "done", lines: 5, created: 2, known: 0, refused: 2 });
    expect([...one.tables.schedules.values()].map(({ key }) => key)).to.deep.equal(["a", "c"]);
  });

  it("goes on where it was cut short: what is there already is left as it is", async () => {
    const lines = Array.from({ length: 1_200 }, (_, index) => line(`k${index}`));
    expect(await imported(lines.slice(0, 700).join("\n"))).to.deep.equal([
      { kind: "done", lines: 700, created: 700, known: 0, refused: 0 },
    ]);
    expect(await imported(`${lines.join("\r\n")}\r\n`)).to.deep.equal([
      { kind: "done", lines: 1_200, created: 500, known: 700, refused: 0 },
    ]);
  });

  it("refuses lines that are no text, or far too long, and goes on behind them", async () => {
    const long = line("long", { payload: "x".repeat(3_000_000) });
    const bytes = Buffer.concat([Buffer.from([0xff, 0x0a]), Buffer.from(`${long}\n${line("good")}`)]);
    const told = await imported(bytes);

    expect(told.map(({ kind, line: at }) => [kind, at])).to.deep.equal([
      ["refused", 1],
      ["refused", 2],
      ["done", undefined],
    ]);
    expect([...one.tables.schedules.values()].map(({ key }) => key)).to.deep.equal(["good"]);
  });

  it("keeps payloads exactly as they stand on their lines", async () => {
    const text = line("a").replace(/"payload":\{.*?\}/, '"payload":{"n":12345678901234567890, "n":1}');
    await imported(text);
    expect([...one.tables.schedules.values()][0]?.payload).to.equal('{"n":12345678901234567890, "n":1}');
  });

  it("takes nothing but lines of JSON, uncompressed", async () => {
    for (const type of ["application/json", "text/plain"]) {
      const answer = await one.ask(operationOf("importSchedules"), {
        text: line("a"),
        headers: { "content-type": type },
      });
      expect([answer.status, answer.json.code]).to.deep.equal([415, "unsupported_media_type"]);
    }
  });

  it("answers an empty body with nothing done", async () => {
    expect(await imported("")).to.deep.equal([{ kind: "done", lines: 0, created: 0, known: 0, refused: 0 }]);
  });
});
