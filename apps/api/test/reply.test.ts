import { expect } from "chai";
import fc from "fast-check";
import { RawJson, toJson } from "../src/http/reply.js";

describe("toJson", () => {
  const { value } = fc.letrec<{ readonly value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.jsonValue(),
      fc.constant(undefined),
      fc.date({ noInvalidDate: false }),
      fc.string({ unit: "binary" }),
      fc.double(),
      fc.array(tie("value"), { maxLength: 5 }),
      fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("__proto__", "toJSON", "constructor", "")), tie("value"), {
        maxKeys: 5,
        noNullPrototype: false,
      }),
    ),
  }));
  const text = fc.constantFrom("12345678901234567890", '{"a":1,"a":2}', "1.0", "1e400", "[ 1,\n2 ]", '"\\u0041"');

  it("writes any JSON value, with dates and what is undefined, as JSON.stringify does", () => {
    fc.assert(
      fc.property(value, (one) => {
        expect(toJson(one)).to.equal(JSON.stringify(one));
      }),
      { numRuns: 2_000 },
    );
  });

  it("leaves raw JSON as it is, wherever it stands", () => {
    const place = fc.array(fc.oneof(fc.nat({ max: 3 }), fc.constantFrom("a", "__proto__", "toJSON", 'x"y')), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(place, text, (steps, raw) => {
        const marked = JSON.stringify(around(steps, "MARK"));
        expect(toJson(around(steps, new RawJson(raw)))).to.equal(marked.replace('"MARK"', () => raw));
      }),
      { numRuns: 1_000 },
    );
  });

  it("leaves several raw texts in one value as they are", () => {
    fc.assert(
      fc.property(fc.array(text), (raws) => {
        const all = raws.map((raw) => new RawJson(raw));
        expect(toJson({ all, more: { all } })).to.equal(
          `{"all":[${raws.join(",")}],"more":{"all":[${raws.join(",")}]}}`,
        );
      }),
    );
  });

  const cases: readonly (readonly [string, unknown, string])[] = [
    ["leaves out fields that are undefined", { a: undefined, b: 1, c: undefined }, '{"b":1}'],
    ["writes null for undefined in a list", [undefined, 1, [undefined]], "[null,1,[null]]"],
    ["writes null for a hole in a list", Object.assign(Array<number>(3), { 1: 1 }), "[null,1,null]"],
    ["writes an instant", { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ["writes null for no number", [NaN, Infinity, -0], "[null,null,0]"],
    ["writes half a surrogate so that it is UTF-8", "\ud800", '"\\ud800"'],
    ["escapes names", { 'a"\n': 1 }, '{"a\\"\\n":1}'],
    ["writes what is empty", [{}, [], "", null], '[{},[],"",null]'],
  ];

  for (const [title, one, expected] of cases) {
    it(title, () => {
      expect(toJson(one)).to.equal(expected);
    });
  }

  /** A value with `core` in it, behind these steps: numbers are places in lists, texts are names. */
  function around(steps: readonly (number | string)[], core: unknown): unknown {
    return steps.reduceRight<unknown>((inner, step) => {
      if (typeof step === "number") return [...Array.from({ length: step }, () => 0), inner];
      return Object.fromEntries([
        ["before", new Date(0)],
        [step, inner],
      ]);
    }, core);
  }
});
