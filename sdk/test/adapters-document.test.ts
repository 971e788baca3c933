import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { BROKEN_TRANSPORTS, memoryHarness, transportCases } from "../src/conformance/index.js";
import { API_VERSION } from "../src/index.js";

describe("docs/adapters.md", () => {
  let rows: readonly (readonly string[])[] = [];
  let text = "";
  before(async () => {
    text = await readFile(new URL("../../../docs/adapters.md", import.meta.url), "utf8");
    const lines = text.split("\n").filter((line) => line.startsWith("| "));
    rows = lines.map((line) => line.split("|").map((cell) => cell.trim()));
  });

  it("lists every case with what it asks, and no other", () => {
    const listed = rows.flatMap(([, id = "", title]) => (/^T\d+\.\d+$/.test(id) ? [[id, title]] : []));
    expect(listed).to.deep.equal(transportCases(memoryHarness()).map(({ id, title }) => [id, title]));
  });

  it("has the promises of the port, in its words", async () => {
    const port = await readFile(new URL("../../../core/src/ports/transport.ts", import.meta.url), "utf8");
    const [, comment = ""] = /\/\*\*([\s\S]*?)\*\//.exec(port) ?? [];
    const line = comment.replace(/\s*\n \*\s*/g, " ").trim();
    const promises = [...line.matchAll(/(T\d+)\. (.*?)(?=; T\d+\.|\.$)/g)].map(([, id, says]) => [id, says]);
    expect(promises).to.have.length(12);
    expect(rows.flatMap(([, id = "", says]) => (/^T\d+$/.test(id) ? [[id, says]] : []))).to.deep.equal(promises);
  });

  it("says what every capability means", () => {
    const named = rows.map(([, name]) => name);
    for (const name of Object.keys(memoryHarness().capabilities)) expect(named).to.include(`\`${name}\``);
  });

  it("has the version, and no larger numbers than there are", () => {
    expect(text).to.include(`\`API_VERSION\` is ${API_VERSION}.`);
    expect(BROKEN_TRANSPORTS.length).to.be.above(60);
  });
});
