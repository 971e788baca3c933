import { readFile } from "node:fs/promises";
import { transportCases } from "@punctual/adapter-sdk/conformance";
import { expect } from "chai";
import { DOCUMENT, matrix, TRANSPORTS, written } from "../transport-matrix.mjs";

describe("the matrix of transports", () => {
  it("stands in docs/adapters.md as the code has it (npm run matrix -- --write)", async () => {
    const text = await readFile(DOCUMENT, "utf8");
    expect(text).to.equal(await written(text));
  });

  it("has the same cases for each, by id and count", () => {
    const [first, ...others] = Object.values(TRANSPORTS).map((harness) => transportCases(harness).map(({ id }) => id));
    expect(first).to.have.length.above(40);
    for (const ids of others) expect(ids).to.deep.equal(first);
  });

  it("has a column for each transport, and tells why a case is skipped", () => {
    const [head] = matrix().split("\n");
    for (const name of Object.keys(TRANSPORTS)) expect(head).to.include(`| ${name} |`);
    expect(matrix()).to.match(/^- .*T11\.1/m);
  });
});
