import { expect } from "chai";
import fc from "fast-check";
import { fill, renderBody } from "../../src/events/render.js";
import { cpuOf } from "../input/support/cpu.js";
import { BIRTHDAY_TEMPLATE } from "../../src/users/birthday.js";

const dueAt = new Date("2027-03-14T09:00:00Z");
const body = (payload: string, subject: Readonly<Record<string, string>> | null = null, type = "report.due") => {
  return renderBody({ dueAt }, { type, payload, subject });
};

describe("renderBody", () => {
  it("frames the payload as Standard Webhooks has it", () => {
    expect(body('{"a":1}')).to.equal('{"type":"report.due","timestamp":"2027-03-14T09:00:00.000Z","data":{"a":1}}');
  });

  for (const payload of [
    "12345678901234567890",
    "1e400",
    "1.0",
    '{ "b" : 1 , "a" : 2 , "a" : 3 }',
    '"\\u00e9\\ud800"',
    "null",
    "[]",
    '{"text":"{{firstName}} $& $1 \\\\"}',
  ]) {
    it(`keeps ${payload} to the letter`, () => {
      expect(body(payload)).to.equal(`{"type":"report.due","timestamp":"2027-03-14T09:00:00.000Z","data":${payload}}`);
    });
  }

  it("escapes the type", () => {
    expect(JSON.parse(body("1", null, 'a"b\\c\u2028'))).to.include({ type: 'a"b\\c\u2028' });
  });

  it("fills a birthday's template with whatever the user is called", () => {
    const names = fc.string({ unit: "binary", maxLength: 50 });
    fc.assert(
      fc.property(names, names, fc.constantFrom("{{lastName}}", "$&", '","x":"', "\\"), (first, last, odd) => {
        const subject = { userId: "7f3a", firstName: first + odd, lastName: last };
        const { data } = JSON.parse(body(BIRTHDAY_TEMPLATE, subject)) as { data: object };
        expect(data).to.deep.equal({ userId: "7f3a", message: `Hey, ${first}${odd} ${last} it's your birthday` });
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });
});

describe("fill", () => {
  const values = { firstName: "Ada", quote: '"\\\n', "": "empty" };
  const cases: readonly (readonly [template: string, filled: string])[] = [
    ["{{firstName}}", "Ada"],
    ["{{firstName}}{{firstName}}", "AdaAda"],
    ["{{quote}}", '\\"\\\\\\n'],
    ["{{unknown}}", "{{unknown}}"],
    ["{{constructor}} {{__proto__}} {{toString}}", "{{constructor}} {{__proto__}} {{toString}}"],
    ["{{}}", "{{}}"],
    ["{{ firstName }}", "{{ firstName }}"],
    ["{firstName}", "{firstName}"],
    ["{{{firstName}}}", "{Ada}"],
    ["{{firstName", "{{firstName"],
    [`{{${"a".repeat(65)}}}`, `{{${"a".repeat(65)}}}`],
  ];
  for (const [template, filled] of cases) {
    it(`makes ${filled.slice(0, 40)} of ${template.slice(0, 40)}`, () => {
      expect(fill(template, values)).to.equal(filled);
    });
  }

  it("is quick about a template of braces", () => {
    for (const piece of ["{", "{{", "{{a", "{{a}"]) {
      const template = piece.repeat((256 * 1_024) / piece.length);
      expect(
        cpuOf(() => fill(template, values), 50),
        piece,
      ).to.be.lessThan(50);
    }
  });
});
