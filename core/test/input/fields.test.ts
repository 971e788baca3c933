import { expect } from "chai";
import fc from "fast-check";
import { InvalidInput } from "../../src/errors.js";
import { Fields, isCleanText, isJsonObject, utf8Length } from "../../src/input/fields.js";

function problems(fields: Fields): readonly string[] {
  return fields.problems.map(({ pointer, code }) => `${pointer} ${code}`);
}

/** What a reader answers for a value under the name `x`, and what it notes. */
function read<T>(value: unknown, reader: (fields: Fields) => T) {
  const fields = Fields.of({ x: value });
  return { found: reader(fields), problems: problems(fields) };
}

describe("Fields", () => {
  describe("as text", () => {
    const cases: readonly (readonly [value: unknown, found: string | undefined, ...problems: string[]])[] = [
      ["text", "text"],
      [" text ", " text "],
      ["日本語 😀 é", "日本語 😀 é"],
      ["12345678", "12345678"],
      [undefined, undefined],
      ["123456789", undefined, "/x too_long"],
      ["", undefined, "/x empty"],
      [" \u00a0\u2003", undefined, "/x empty"],
      ["a\0", undefined, "/x control_characters"],
      ["a\nb", undefined, "/x control_characters"],
      ["a\x7f", undefined, "/x control_characters"],
      ["\ud83d", undefined, "/x control_characters"],
      ["\ude00\ud83d", undefined, "/x control_characters"],
      [null, undefined, "/x not_text"],
      [5, undefined, "/x not_text"],
      [["a"], undefined, "/x not_text"],
      [new String("a"), undefined, "/x not_text"],
    ];
    for (const [value, found, ...noted] of cases) {
      it(`reads ${JSON.stringify(value)}`, () => {
        expect(read(value, (fields) => fields.text("x", { max: 8 }))).to.deep.equal({ found, problems: noted });
      });
    }

    it("asks for what is required", () => {
      const answer = read(undefined, (fields) => fields.text("x", { required: true }));
      expect(answer).to.deep.equal({ found: undefined, problems: ["/x required"] });
    });

    it("has at most 256 characters, if nothing else is said", () => {
      expect(read("a".repeat(256), (fields) => fields.text("x")).problems).to.deep.equal([]);
      expect(read("a".repeat(257), (fields) => fields.text("x")).problems).to.deep.equal(["/x too_long"]);
    });
  });

  describe("as a whole number", () => {
    const values: readonly (readonly [value: unknown, fine: boolean])[] = [
      ...[1, 2, 10, 1e1].map((value) => [value, true] as const),
      ...[0, 11, -1, 1.5, 1e300, Number.NaN, Infinity, "5", null, true, [5], {}, 5n].map(
        (value) => [value, false] as const,
      ),
    ];
    for (const [value, fine] of values) {
      it(`${fine ? "takes" : "refuses"} ${String(value)}${typeof value === "string" ? " as text" : ""}`, () => {
        const { found, problems } = read(value, (fields) => fields.integer("x", { min: 1, max: 10 }));
        expect(found).to.equal(fine ? value : undefined);
        expect(problems).to.deep.equal(fine ? [] : ["/x out_of_range"]);
      });
    }
  });

  describe("as a choice", () => {
    for (const value of ["c", "A", "", null, 0, ["a"], "constructor", "length"]) {
      it(`refuses ${JSON.stringify(value)}`, () => {
        const answer = read(value, (fields) => fields.choice("x", ["a", "b"]));
        expect(answer).to.deep.equal({ found: undefined, problems: ["/x not_a_choice"] });
      });
    }
    it("takes one that there is", () => {
      expect(read("b", (fields) => fields.choice("x", ["a", "b"])).found).to.equal("b");
    });
  });

  describe("as a list or an object", () => {
    for (const value of [null, "a", 5, true, { length: 1 }]) {
      it(`refuses ${JSON.stringify(value)} for a list`, () => {
        expect(read(value, (fields) => fields.list("x", 3)).problems).to.deep.equal(["/x not_a_list"]);
      });
    }
    for (const value of [null, "a", 5, true, [], [{}]]) {
      it(`refuses ${JSON.stringify(value)} for an object`, () => {
        expect(read(value, (fields) => fields.object("x")).problems).to.deep.equal(["/x not_an_object"]);
      });
    }
    it("counts the entries", () => {
      expect(read([1, 2, 3], (fields) => fields.list("x", 3)).found).to.deep.equal([1, 2, 3]);
      expect(read([1, 2, 3, 4], (fields) => fields.list("x", 3)).problems).to.deep.equal(["/x too_many"]);
    });
  });

  it("points at what is wrong, however deep", () => {
    const fields = Fields.of({ a: { b: { "c/d~e": 1, "": 2, list: [1] } } });
    const inner = fields.object("a")?.object("b");
    inner?.problem(["list", 0], "wrong", "");
    inner?.problem([], "wrong", "");
    inner?.has("list");
    inner?.refuseUnknown();
    expect(problems(fields)).to.deep.equal([
      "/a/b/list/0 wrong",
      "/a/b wrong",
      "/a/b/c~1d~0e unknown_field",
      "/a/b/ unknown_field",
    ]);
  });

  it("refuses what nobody asked for, and only that", () => {
    const fields = Fields.of({ a: 1, b: 2, c: undefined, d: 4 });
    fields.raw("a");
    fields.has("d");
    fields.refuseUnknown();
    expect(problems(fields)).to.deep.equal(["/b unknown_field", "/c unknown_field"]);
    expect(() => fields.finish()).to.throw(InvalidInput);
  });

  it("gathers 50 problems at most, of all its parts together", () => {
    const fields = Fields.of({ a: { b: {} } });
    const inner = fields.object("a")?.object("b");
    for (let index = 0; index < 40; index++) fields.problem(`x${index}`, "wrong", "Is wrong");
    for (let index = 0; index < 40; index++) inner?.problem(`y${index}`, "wrong", "Is wrong");
    expect(fields.problems).to.have.length(50);
    expect(fields.problems.at(-1)?.pointer).to.equal("/a/b/y9");
  });

  it("tells no more than a part of a long name, and no half of a character", () => {
    const fields = Fields.of({ ["😀".repeat(1_000)]: 1, [`x${"😀".repeat(1_000)}`]: 2 });
    fields.refuseUnknown();
    for (const { pointer } of fields.problems) {
      expect(pointer.length).to.be.at.most(65);
      expect(pointer.isWellFormed()).to.equal(true);
    }
  });

  it("is fine where nothing is wrong", () => {
    const fields = Fields.of({});
    expect(fields.failed).to.equal(false);
    expect(() => fields.finish()).not.to.throw();
  });

  it("takes nothing but an object", () => {
    for (const input of [null, undefined, 5, "a", [], true]) {
      expect(problems(Fields.of(input))).to.deep.equal([" not_an_object"]);
      expect(isJsonObject(input)).to.equal(false);
    }
  });
});

describe("utf8Length", () => {
  it("is the length in UTF-8", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }), (one, other) => {
        expect(utf8Length(one + other)).to.equal(Buffer.byteLength(one + other));
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });
});

describe("isCleanText", () => {
  it("refuses each control character and each half of a character", () => {
    for (let code = 0; code < 0x10000; code++) {
      const control = code < 0x20 || code === 0x7f;
      const half = code >= 0xd800 && code < 0xe000;
      expect(isCleanText(`a${String.fromCharCode(code)}b`), String(code)).to.equal(!control && !half);
    }
    expect(isCleanText("😀")).to.equal(true);
  });
});
