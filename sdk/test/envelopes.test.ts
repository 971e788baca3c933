import { expect } from "chai";
import fc from "fast-check";
import { createHmac } from "node:crypto";
import { Envelopes, type Message } from "../src/index.js";

const keyOf = (byte: number) => Buffer.alloc(32, byte);
const signing = new Envelopes([keyOf(1)]);
const unsigned = new Envelopes();

const MESSAGE: Message = {
  version: 1,
  eventId: "0190c2a4-7d1e-7000-8000-0000000000e1",
  tenant: "main",
  scheduleId: "0190c2a4-7d1e-7000-8000-0000000000a1",
  fence: 3,
  dueAt: new Date("2030-01-01T09:00:00Z"),
  notBefore: new Date("2030-01-01T08:59:59.250Z"),
  traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
};
const FIELDS = JSON.parse(unsigned.seal(MESSAGE)) as readonly unknown[];

const TENANT_PLACE = 2;

const instant = fc.date({ noInvalidDate: true });
/** Any code units, halves of characters among them. */
const anyText = fc.string({ unit: "binary", minLength: 1, maxLength: 60 });
const halves = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 20 });
const text = fc.oneof(
  anyText,
  halves.map((units) => String.fromCharCode(...units)),
);
const message: fc.Arbitrary<Message> = fc
  .record(
    {
      version: fc.constant(1 as const),
      eventId: fc.uuid(),
      tenant: text,
      scheduleId: fc.uuid(),
      fence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      dueAt: instant,
      notBefore: instant,
      traceparent: text,
    },
    { requiredKeys: ["version", "eventId", "tenant", "scheduleId", "fence", "dueAt", "notBefore"] },
  )
  .map((one) => ({ ...one }));

const objectionTo = (sealed: string, envelopes = signing): string | null => {
  const opened = envelopes.open(sealed);
  return "objection" in opened ? opened.objection : null;
};

describe("Envelopes", () => {
  for (const [what, envelopes] of [
    ["signed", signing],
    ["unsigned", unsigned],
  ] as const) {
    it(`gives any message back as it was, ${what}, in ASCII that can be printed`, () => {
      fc.assert(
        fc.property(message, (one) => {
          const sealed = envelopes.seal(one);
          expect(sealed).to.match(/^[\x20-\x7e]+$/);
          expect(envelopes.open(sealed)).to.deep.equal({ message: one });
        }),
        { numRuns: 2_000 },
      );
    });
  }

  it("leaves a trace out where there is none", () => {
    const { traceparent: _, ...untraced } = MESSAGE;
    expect(JSON.parse(unsigned.seal(untraced))).to.have.length(7);
    expect(signing.open(signing.seal(untraced))).to.deep.equal({ message: untraced });
  });

  it("keeps halves of characters, quotes and the names of JavaScript's own", () => {
    for (const tenant of ["\ud83d", "\udc00\ud800", "a\ud83db", '"\\', "\0\u007f\u2028\uffff", "__proto__", "🎂"]) {
      const one = { ...MESSAGE, tenant };
      expect(signing.open(signing.seal(one)), JSON.stringify(tenant)).to.deep.equal({ message: one });
    }
  });

  describe("with keys", () => {
    const [old, young] = [keyOf(1), keyOf(2)];

    it("takes no key that is short", () => {
      expect(() => new Envelopes([old, Buffer.alloc(31)])).to.throw(TypeError);
    });

    it("signs with the first, and believes all", () => {
      const [before, between, after] = [new Envelopes([old]), new Envelopes([young, old]), new Envelopes([young])];
      expect(objectionTo(before.seal(MESSAGE), between), "from before the change").to.equal(null);
      expect(objectionTo(between.seal(MESSAGE), after), "signed by the first").to.equal(null);
      expect(objectionTo(between.seal(MESSAGE), before)).to.equal("not signed by us");
      expect(objectionTo(before.seal(MESSAGE), after)).to.equal("not signed by us");
    });

    it("lets keys be changed while messages are under way", () => {
      const steps = [[old], [old, young], [young, old], [young]].map((keys) => new Envelopes(keys));
      for (const [index, before] of steps.entries()) {
        const after = steps[index + 1] ?? before;
        expect(after.open(before.seal(MESSAGE)), `step ${index}`).to.deep.equal({ message: MESSAGE });
        expect(before.open(after.seal(MESSAGE)), `step ${index}, before all know`).to.deep.equal({ message: MESSAGE });
      }
    });

    it("reads none that is unsigned, and what is signed where there are no keys", () => {
      expect(objectionTo(unsigned.seal(MESSAGE), signing)).to.equal("not signed");
      expect(unsigned.open(signing.seal(MESSAGE))).to.deep.equal({ message: MESSAGE });
    });

    it("refuses every change of one character", () => {
      const sealed = signing.seal(MESSAGE);
      const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
      const accepted: string[] = [];
      for (const [place, was] of [...sealed].entries()) {
        const [before, behind] = [sealed.slice(0, place), sealed.slice(place + 1)];
        const others = [...printable, "\0", "\n", "\u0100", "\ud83d", ""].filter((one) => one !== was);
        for (const one of others) {
          if (objectionTo(before + one + behind) === null) accepted.push(`${JSON.stringify(one)} at ${place}`);
        }
        if (objectionTo(`${before}x${was}${behind}`) === null) accepted.push(`one more at ${place}`);
      }
      expect(accepted).to.deep.equal([]);
    });

    it("refuses a text that another has signed, or that is cut off, or said twice", () => {
      const sealed = signing.seal(MESSAGE);
      const [signature = "", content = ""] = sealed.split(/\.(.*)/s);
      const forged = createHmac("sha256", keyOf(9)).update(content).digest("base64url");
      for (const one of [`${forged}.${content}`, `${signature}.`, signature, `${signature}.${sealed}`, `${sealed}\n`]) {
        expect(objectionTo(one), one).to.match(/^not signed/);
      }
    });
  });

  describe("without", () => {
    const put = (place: number, value: unknown) => FIELDS.map((was, index) => (index === place ? value : was));
    const [VERSION, EVENT, SCHEDULE, FENCE, DUE, BEFORE, TRACE] = [0, 1, 3, 4, 5, 6, 7] as const;
    const NO_TEXT: readonly unknown[] = [null, 7, true, [], {}, ["main"], { toString: "main" }];
    const NO_ID = [...NO_TEXT, "", "main", `${MESSAGE.eventId} `, MESSAGE.eventId.replaceAll("-", "")];
    const NO_NUMBER = [null, "7", true, [], [7], {}];

    const CASES: readonly (readonly [what: string, place: number, values: readonly unknown[], objection: string])[] = [
      ["a version that is not known", VERSION, [2], "version 2 is not known here"],
      ["a version of the past", VERSION, [0], "version 0 is not known here"],
      ["half a version", VERSION, [1.5], "version 1.5 is not known here"],
      ["no version", VERSION, [null, "1", true, [1], {}], "no message"],
      ["no event", EVENT, NO_ID, "an id is none"],
      ["no schedule", SCHEDULE, NO_ID, "an id is none"],
      ["no tenant", TENANT_PLACE, [...NO_TEXT, ""], "the tenant is none"],
      ["no fence", FENCE, [...NO_NUMBER, 0, -1, 1.5, Number.MAX_SAFE_INTEGER + 1], "the fence is none"],
      ["no due time", DUE, [...NO_NUMBER, 8.64e15 + 1, "2030-01-01T09:00:00Z"], "a time is none"],
      ["no time before which it waits", BEFORE, [...NO_NUMBER, -8.64e15 - 1], "a time is none"],
      ["a trace that is none", TRACE, NO_TEXT, "the trace is none"],
    ];
    for (const [what, place, values, objection] of CASES) {
      it(`tells ${what}`, () => {
        for (const value of values) {
          expect(objectionTo(JSON.stringify(put(place, value)), unsigned), JSON.stringify(value)).to.equal(objection);
        }
      });
    }

    it("misses each field that is left out at the end, but for the trace", () => {
      const cut = FIELDS.map((_, length) => objectionTo(JSON.stringify(FIELDS.slice(0, length)), unsigned));
      expect(cut).to.deep.equal([
        "no message",
        ...["an id is none", "an id is none", "an id is none", "the fence is none"],
        ...["a time is none", "a time is none", null],
      ]);
    });

    it("does not mind a field that it does not know", () => {
      expect(unsigned.open(JSON.stringify([...FIELDS, "more"]))).to.deep.equal({ message: MESSAGE });
    });

    it("tells what is no message at all", () => {
      for (const [given, objection] of [
        ["", "empty"],
        ...["garbage", " ", "[1,", "[1,]", "NaN", "{'a':1}", "[".repeat(299_999)].map((one) => [one, "no JSON"]),
        ...["null", "1", '"text"', "{}", '{"0":1}', "[]"].map((one) => [one, "no message"]),
        ["x".repeat(300_001), "too large"],
        [`[1,"${"x".repeat(299_000)}"]`, "an id is none"],
      ] as const) {
        expect(objectionTo(given, unsigned), given.slice(0, 20)).to.equal(objection);
      }
    });
  });

  it("neither throws, nor repeats anything, nor believes what it has not signed, over a hundred thousand texts", () => {
    const secret = "hunter2hunter2";
    const one = { ...MESSAGE, tenant: secret };
    const sealed = [signing.seal(one), unsigned.seal(one)];
    /** Signed by us, so that what is behind the signature is looked at: a fault of ours, or a message of tomorrow. */
    const signed = (content: string) =>
      `${createHmac("sha256", keyOf(1)).update(content).digest("base64url")}.${content}`;
    const mutation = fc
      .record({
        of: fc.constantFrom(...sealed),
        at: fc.nat(400),
        cut: fc.nat(40),
        put: fc.oneof(fc.string({ maxLength: 8 }), text, fc.constantFrom(...'[]{}",.:-0129eE\\nu')),
      })
      .map(({ of, at, cut, put }) => of.slice(0, at) + put + of.slice(at + cut));
    const fields = fc
      .tuple(fc.nat(7), fc.jsonValue())
      .map(([place, value]) => JSON.stringify(FIELDS.with(TENANT_PLACE, secret).with(place, value)));
    const any = fc.oneof(
      fc.string({ maxLength: 200 }),
      text,
      fc.json(),
      mutation,
      mutation.map(signed),
      fields,
      fields.map(signed),
    );

    const objections = new Set<string>();
    let believed = 0;
    for (const given of fc.sample(any, { numRuns: 100_000, seed: 20_300_101 })) {
      for (const envelopes of [signing, unsigned]) {
        const opened = envelopes.open(given);
        if ("objection" in opened) objections.add(opened.objection);
        else if (envelopes === signing) {
          const [signature = "", content = ""] = given.split(/\.(.*)/s);
          if (signature !== createHmac("sha256", keyOf(1)).update(content).digest("base64url")) expect.fail(given);
          believed++;
        }
      }
    }
    expect(believed, "read").to.be.greaterThan(1_000);
    const KNOWN =
      /^(?:empty|too large|no JSON|no message|not signed( by us)?|(?:an id|a time|the (?:tenant|fence|trace)) is none)$/;
    // A number alone is repeated: that of a version.
    const unknown = [...objections].filter(
      (said) => !KNOWN.test(said) && !/^version [-+.e\d]{1,20} is not /.test(said),
    );
    expect(unknown).to.deep.equal([]);
    expect(objections.size, "different ones").to.be.greaterThan(8);
  }).timeout(60_000);
});
