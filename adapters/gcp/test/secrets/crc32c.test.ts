import { expect } from "chai";
import { crc32c } from "../../src/secrets/crc32c.js";

describe("crc32c", () => {
  // Of RFC 3720, B.4, and the check value of the polynomial.
  const known: Readonly<Record<string, readonly [Uint8Array, number]>> = {
    "the check value": [Buffer.from("123456789"), 0xe3069283],
    nothing: [Buffer.alloc(0), 0],
    "32 zeros": [Buffer.alloc(32), 0x8a9136aa],
    "32 ones": [Buffer.alloc(32, 0xff), 0x62a8ab43],
    "32 rising bytes": [Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e],
  };
  for (const [what, [bytes, sum]] of Object.entries(known)) {
    it(`knows that of ${what}`, () => expect(crc32c(bytes)).to.equal(sum));
  }
});
