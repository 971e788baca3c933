import { expect } from "chai";
import { UNKNOWN } from "../../src/graph.js";
import { linesOf } from "../../src/plan/lines.js";

const shown = (value: unknown) => linesOf("it", value).map(({ path, value: text }) => `${path} ${text}`);

describe("The lines of a value", () => {
  it("are one for each part, by name", () => {
    expect(shown({ b: 2, a: { "x-y": "1", "a.b/c": true }, none: null, nothing: {} })).to.deep.equal([
      'it.a["a.b/c"] true',
      'it.a.x-y "1"',
      "it.b 2",
      "it.none null",
      "it.nothing {}",
    ]);
  });

  it("are one for each item of a list, without its place where it has no parts", () => {
    expect(shown(["a", "b"])).to.deep.equal(['it[] "a"', 'it[] "b"']);
    expect(shown([{ a: 1 }, "b"])).to.deep.equal(["it[0].a 1", 'it[1] "b"']);
    expect(shown([])).to.deep.equal(["it []"]);
  });

  it("take a text apart that is a document", () => {
    expect(shown('{"Statement":[{"Action":["a","b"]}]}')).to.deep.equal([
      'it:Statement[0].Action[] "a"',
      'it:Statement[0].Action[] "b"',
    ]);
    expect(shown('["a"]')).to.deep.equal(['it:[] "a"']);
    expect(shown("[not one")).to.deep.equal(['it "[not one"']);
  });

  it("are those of a text that has several", () => {
    expect(shown("one\ntwo")).to.deep.equal(["it | one", "it | two"]);
  });

  it("are one where nothing is known, and where it is too long for anybody to read", () => {
    expect(shown({ a: UNKNOWN })).to.deep.equal([`it.a ${UNKNOWN}`]);
    expect(shown("x".repeat(30_001))[0]).to.match(/^it \[a text of 30001 characters, [\da-f]{12}\]$/);
  });
});
