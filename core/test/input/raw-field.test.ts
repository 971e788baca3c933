import { expect } from "chai";
import fc from "fast-check";
import { cpuOf } from "./support/cpu.js";
import { rawField } from "../../src/input/raw-field.js";

const CASES: readonly (readonly [title: string, json: string, name: string, raw: string | undefined])[] = [
  ["a number of 20 digits", '{"a":12345678901234567890}', "a", "12345678901234567890"],
  ["a number that JavaScript has not", '{"a":1e400}', "a", "1e400"],
  ["a number's spelling", '{"a":1.0,"b":-0}', "a", "1.0"],
  ["minus zero", '{"a":-0}', "a", "-0"],
  ["spaces within", '{"a" : { "b" :\t[ 1 , 2 ] } }', "a", '{ "b" :\t[ 1 , 2 ] }'],
  ["line ends around", '\r\n {\n"a"\n:\n1\n}\n', "a", "1"],
  ["a text with braces", '{"x":"}{][,:","a":"]}\\"{"}', "a", '"]}\\"{"'],
  ["a text that ends with backslashes", '{"x":"\\\\","a":"\\\\\\\\"}', "a", '"\\\\\\\\"'],
  ["escapes as they stand", '{"a":"\\u00e9\\/\\ud800"}', "a", '"\\u00e9\\/\\ud800"'],
  ["a key with escapes", '{"\\u0061\\"b":1}', 'a"b', "1"],
  ["a key with a colon", '{"a:":1,"a":2}', "a", "2"],
  ["a doubled key's last value", '{"a":1,"b":2,"a":3}', "a", "3"],
  ["doubled keys within the value", '{"a":{"b":1,"b":2}}', "a", '{"b":1,"b":2}'],
  ["the outer of two", '{"x":{"a":1},"a":2,"y":[{"a":3}]}', "a", "2"],
  ["nothing of an inner one", '{"x":{"a":1}}', "a", undefined],
  ["nothing where a value is the name", '{"b":"a"}', "a", undefined],
  ["null", '{"a":null}', "a", "null"],
  ["an empty key", '{"":1}', "", "1"],
  ["__proto__", '{"__proto__":{"x":1}}', "__proto__", '{"x":1}'],
  ["nothing of an empty object", " { } ", "a", undefined],
  ["nothing of a list", '["a",1]', "a", undefined],
  ["nothing of a text", '"a"', "a", undefined],
  ["nothing of null", "null", "a", undefined],
];

describe("rawField", () => {
  for (const [title, json, name, raw] of CASES) {
    it(`gives ${title}`, () => {
      expect(() => JSON.parse(json) as unknown).not.to.throw();
      expect(rawField(json, name)).to.equal(raw);
    });
  }

  // V8 (in Node 24.21) reads the key `"\""` as a backslash if it has seen one in an object of the same shape before.
  const key = fc
    .oneof(fc.string({ maxLength: 4 }), fc.constantFrom("a", "payload", 'a"', "\\a", "__proto__", "\u2028", "é"))
    .filter((name) => name !== '"' && name !== "\\");
  const space = fc.constantFrom("", " ", "\n", "\t\r\n ");
  const json = fc
    .array(fc.tuple(key, fc.json({ maxDepth: 3 }), space, fc.boolean()), { maxLength: 6 })
    .map((members) => ({
      names: members.map(([name]) => name),
      text: `{${members
        .map(([name, value, space, escaped]) => {
          const plain = JSON.stringify(name);
          const key = escaped ? `"${[...name].map(escape).join("")}"` : plain;
          return `${space}${key}${space}:${space}${space === "" ? value : JSON.stringify(JSON.parse(value), null, space)}${space}`;
        })
        .join(",")}}`,
    }));

  it("gives what JSON.parse reads under the same name", () => {
    fc.assert(
      fc.property(json, key, ({ names, text }, other) => {
        const parsed = JSON.parse(text) as Record<string, unknown>;
        for (const name of [...names, other]) {
          const raw = rawField(text, name);
          if (raw === undefined) expect(Object.hasOwn(parsed, name), name).to.equal(false);
          else {
            expect(JSON.parse(raw)).to.deep.equal(Object.getOwnPropertyDescriptor(parsed, name)?.value);
            expect(raw.trim()).to.equal(raw);
            expect(text).to.include(raw);
          }
        }
      }),
      { seed: 1, numRuns: 5_000 },
    );
  });

  it("is quick about whatever is large or deep", () => {
    const long = "x".repeat(1_000_000);
    const texts = [
      `{"x":"${long}","a":1}`,
      `{"x":"${"\\\\".repeat(500_000)}","a":1}`,
      `{"x":${"[".repeat(200_000)}${"]".repeat(200_000)},"a":1}`,
      `{${Array.from({ length: 100_000 }, (_, index) => `"k${index}":${index}`).join(",")},"a":1}`,
      `{"x":[${"1,".repeat(400_000)}1],"a":1}`,
      `{${" ".repeat(1_000_000)}"a":1}`,
    ];
    for (const text of texts) {
      expect(rawField(text, "a")).to.equal("1");
      expect(
        cpuOf(() => rawField(text, "a"), 100),
        text.slice(0, 10),
      ).to.be.lessThan(100);
    }
  });
});

function escape(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
  }).join("");
}
