import { createHmac } from "node:crypto";
import { InvalidInput, isSecret } from "@punctual/core";
import { expect } from "chai";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { keyOf } from "../../src/signing/secret.js";
import { signatureOf } from "../../src/signing/sign.js";

/** The example that Standard Webhooks gives. */
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const MESSAGE = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1614265330, body: '{"test": 2432232314}' };
const SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

const OTHER = `whsec_${Buffer.alloc(64, "another").toString("base64")}`;

describe("signatureOf", () => {
  it("signs as Standard Webhooks says", () => {
    expect(signatureOf(MESSAGE, [SECRET])).to.equal(SIGNATURE);
    expect(signatureOf({ ...MESSAGE, body: Buffer.from(MESSAGE.body) }, [SECRET])).to.equal(SIGNATURE);
  });

  it("signs with each secret, in their order", () => {
    const other = signatureOf(MESSAGE, [OTHER]);
    expect(other).not.to.equal(SIGNATURE);
    expect(signatureOf(MESSAGE, [SECRET, OTHER])).to.equal(`${SIGNATURE} ${other}`);
    expect(signatureOf(MESSAGE, [])).to.equal("");
  });

  it("signs any body as it is sent, text or bytes, and as the library does", () => {
    const secret = fc.uint8Array({ minLength: 24, maxLength: 64 }).map((bytes) => `whsec_${base64(bytes)}`);
    const id = fc.string({ unit: "binary" }).filter((text) => !text.includes("."));
    const timestamp = fc.integer({ min: 0, max: 99_999_999_999 });
    fc.assert(
      fc.property(id, timestamp, fc.string({ unit: "binary" }), secret, (id, timestamp, body, secret) => {
        const signed = signatureOf({ id, timestamp, body }, [secret]);
        expect(signatureOf({ id, timestamp, body: Buffer.from(body) }, [secret])).to.equal(signed);
        expect(new Webhook(secret).sign(id, new Date(timestamp * 1_000), body)).to.equal(signed);
      }),
      {
        seed: 1,
        numRuns: 2_000,
        examples: [
          ["a", 1, "\ud800", SECRET],
          ["a", 1, "x\udc00y😀", SECRET],
        ],
      },
    );
  });

  it("signs bytes that are no text", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (body) => {
        const bytes = Buffer.concat([Buffer.from(`${MESSAGE.id}.${MESSAGE.timestamp}.`), body]);
        const expected = createHmac("sha256", Buffer.from(SECRET.slice(6), "base64"))
          .update(bytes)
          .digest("base64");
        expect(signatureOf({ ...MESSAGE, body }, [SECRET])).to.equal(`v1,${expected}`);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it("signs nothing that could be read in two ways", () => {
    for (const wrong of [{ id: "a.b" }, { timestamp: 1.5 }, { timestamp: NaN }]) {
      expect(() => signatureOf({ ...MESSAGE, ...wrong }, [SECRET])).to.throw(RangeError);
    }
  });

  it("signs with more secrets than it keeps keys of", () => {
    const secrets = Array.from({ length: 10_001 }, (_, index) => `whsec_${base64(Buffer.alloc(24, `${index}.`))}`);
    const first = signatureOf(MESSAGE, secrets);
    expect(signatureOf(MESSAGE, secrets)).to.equal(first);
    expect(new Set(first.split(" ")).size).to.equal(10_001);
  });
});

describe("a secret", () => {
  const of = (length: number) => `whsec_${base64(Buffer.alloc(length, 0xfb))}`;

  it("is whsec_ and 24 to 64 bytes in Base64", () => {
    for (let length = 24; length <= 64; length++) expect(isSecret(of(length)), `${length}`).to.equal(true);
    const short = [0, 1, 23, 65, 66, 1_000].map(of);
    const odd = [of(32).slice(6), of(32).toUpperCase(), ` ${of(32)}`, `${of(32)}\n`, of(32).replaceAll("+", "-")];
    const cut = [of(32).slice(0, -1), `${of(32)}=`, `${of(32)}A`, `${of(33)}=`, "whsec_***", "", "whsec_"];
    for (const text of [...short, ...odd, ...cut]) expect(isSecret(text), text).to.equal(false);
  });

  it("is the key that it is to the library, stray bits at its end or not", () => {
    for (const secret of [of(24), of(25), of(26), of(64), `whsec_${"A".repeat(33)}B==`, `whsec_${"A".repeat(34)}B=`]) {
      expect(isSecret(secret), secret).to.equal(true);
      const theirs = new Webhook(secret).sign(MESSAGE.id, new Date(MESSAGE.timestamp * 1_000), MESSAGE.body);
      expect(signatureOf(MESSAGE, [secret])).to.equal(theirs);
    }
  });

  it("is not repeated where it is wrong", () => {
    const wrong = `${of(32)}!`;
    expect(() => keyOf(wrong))
      .to.throw(InvalidInput)
      .that.satisfies(({ message, stack }: Error) => !`${message} ${stack}`.includes(wrong.slice(6, 14)));
  });
});

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
