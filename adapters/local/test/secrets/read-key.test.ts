import { inspect } from "node:util";
import { InvalidInput } from "@punctual/core";
import { expect } from "chai";
import { readKey } from "../../src/index.js";

describe("readKey", () => {
  const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => 251 - 7 * index));
  const text = bytes.toString("base64");

  it("reads 32 bytes in Base64, with a newline at the end or not", () => {
    for (const given of [text, `${text}\n`, ` ${text}\r\n`])
      expect(readKey(given).export().equals(bytes)).to.equal(true);
  });

  for (const [what, given, code] of [
    ["no Base64", "correct horse battery staple", "not_base64"],
    ["URL-safe Base64", bytes.toString("base64url"), "not_base64"],
    ["Base64 without its end", text.slice(0, -1), "not_base64"],
    ["Base64 with a letter between", `${text.slice(0, 20)}*${text.slice(20)}`, "not_base64"],
    ["Base64 with bits that mean nothing", `${text.slice(0, -2)}${text.at(-2) === "B" ? "C" : "B"}=`, "not_base64"],
    ["hex", bytes.toString("hex"), "wrong_length"], // 64 letters that are Base64, too
    ["nothing", "", "wrong_length"],
    ["31 bytes", bytes.subarray(1).toString("base64"), "wrong_length"],
    ["33 bytes", Buffer.concat([bytes, bytes.subarray(0, 1)]).toString("base64"), "wrong_length"],
  ] as const) {
    it(`says what is wrong with ${what}, and does not repeat it`, () => {
      const error = failureOf(() => readKey(given));
      expect(error).to.be.instanceOf(InvalidInput);
      expect((error as InvalidInput).problems.map((problem) => problem.code)).to.deep.equal([code]);
      if (given !== "") expect(`${error.message} ${error.stack}`).not.to.contain(given.slice(0, 8));
    });
  }

  it("gives what does not print", () => {
    const key = readKey(text);
    const printed = inspect(key, { showHidden: true }) + JSON.stringify({ key });
    for (const part of [text.slice(0, 8), bytes.toString("hex").slice(0, 8), inspect(bytes).slice(8, 20)]) {
      expect(printed).not.to.contain(part);
    }
  });
});

function failureOf(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  return expect.fail("It did not fail");
}
