import { expect } from "chai";
import type { Destination } from "../destinations/destination.js";
import type { Signatures, SignedMessage } from "../ports/signatures.js";
import type { Vault } from "../ports/vault.js";
import { DAY, MINUTE, SECOND } from "../recurrence/wall.js";
import { aDestination, anId } from "./fixtures.js";

export interface SignaturesHarness {
  open(): OpenSignatures | Promise<OpenSignatures>;
  close?(): Promise<void>;
}

export interface OpenSignatures {
  readonly signatures: Signatures;
  /** Keeps the secrets of destinations. */
  readonly vault: Vault;
  /** What the header says where one secret signs: `v1,` and the signature. */
  readonly sign: (message: Signing, secret: string) => string;
}

interface Signing {
  readonly id: string;
  /** In seconds. */
  readonly timestamp: number;
  readonly body: string;
}

const NOW = new Date("2030-01-01T12:00:00.000Z");
const TIMESTAMP = NOW.getTime() / SECOND;
const MESSAGE: Signing = { id: "01890a5d-ac96-774b-bcce-b302099a8057", timestamp: TIMESTAMP, body: '{ "done": true }' };

export function describeSignatures(adapter: string, harness: SignaturesHarness): void {
  describe(`${adapter} as Signatures`, () => {
    const setup = async () => {
      const { signatures, vault, sign } = await harness.open();
      const destinationWith = async (...expiries: readonly (Date | null)[]) => {
        const id = anId();
        const made = await Promise.all(expiries.map(() => vault.make(id)));
        const secrets = expiries.map((expiresAt, index) => {
          return { id: anId(), sealed: made[index]?.sealed ?? "", createdAt: new Date(+NOW - DAY), expiresAt };
        });
        return { destination: aDestination({ id, secrets }), secrets: made.map(({ secret }) => secret) };
      };
      const { destination, secrets } = await destinationWith(null);
      const secret = secrets[0] ?? "";
      const signed = (of: Partial<Signing> = {}, by = secret): SignedMessage => {
        const message = { ...MESSAGE, ...of };
        return { ...message, timestamp: `${message.timestamp}`, signature: sign(message, by) };
      };
      const genuine = (message: SignedMessage, to: Destination = destination, now = NOW) =>
        signatures.genuine(message, to, now);
      return { destinationWith, destination, secret, signed, genuine };
    };

    afterEach(() => harness.close?.());

    it("takes what is signed, whatever the body (G1)", async () => {
      const { signed, genuine } = await setup();
      for (const body of BODIES) expect(await genuine(signed({ body })), body.slice(0, 20)).to.equal(true);
    });

    it("takes what is signed, whatever the id (G1)", async () => {
      const { signed, genuine } = await setup();
      for (const id of ["1", "msg_p5jXN8AQM9LWM0D4loKWxJek", "a b", "é"]) {
        expect(await genuine(signed({ id })), id).to.equal(true);
      }
    });

    it("takes a time up to five minutes from now (G1)", async () => {
      const { signed, genuine } = await setup();
      for (const off of [-300, -299, -1, 0, 1, 299, 300]) {
        expect(await genuine(signed({ timestamp: TIMESTAMP + off })), `${off} s`).to.equal(true);
      }
    });

    it("takes any of the secrets that are active (G1)", async () => {
      const { destinationWith, signed, genuine } = await setup();
      const { destination, secrets } = await destinationWith(new Date(+NOW + 1), null, new Date(+NOW + DAY));
      for (const secret of secrets) expect(await genuine(signed({}, secret), destination)).to.equal(true);
    });

    it("takes a secret until the millisecond in which it expires (G1)", async () => {
      const { destinationWith, signed, genuine } = await setup();
      const { destination, secrets } = await destinationWith(new Date(+NOW + MINUTE));
      const message = signed({}, secrets[0]);
      expect(await genuine(message, destination, new Date(+NOW + MINUTE - 1))).to.equal(true);
    });

    it("takes one right signature among others, wherever it stands (G1)", async () => {
      const { signed, genuine } = await setup();
      const message = signed();
      const right = message.signature ?? "";
      const wrong = signed({ body: "another" }).signature ?? "";
      const headers = [`${wrong} ${right}`, `${right} ${wrong}`, `v1a,AAAA ${right}`, `v2,AAAA v0 ${right} v1,`];
      for (const signature of headers) expect(await genuine({ ...message, signature }), signature).to.equal(true);
    });

    it("refuses another body (G2)", async () => {
      const { signed, genuine } = await setup();
      for (const body of BODIES) {
        const others = [...BODIES, `${body} `, ` ${body}`, `${body}\n`, body.slice(1), body.toUpperCase()];
        for (const other of new Set(others)) {
          if (other === body) continue;
          expect(await genuine({ ...signed({ body }), body: other }), `${body} and ${other}`).to.equal(false);
        }
      }
    });

    it("refuses another id (G2)", async () => {
      const { signed, genuine } = await setup();
      for (const id of [MESSAGE.id.toUpperCase(), `${MESSAGE.id} `, MESSAGE.id.slice(1), anId(), "", "e\u0301"]) {
        expect(await genuine({ ...signed(), id }), id).to.equal(false);
      }
    });

    it("refuses another time, though it is close (G2)", async () => {
      const { signed, genuine } = await setup();
      for (const off of [-60, -1, 1, 60]) {
        expect(await genuine({ ...signed(), timestamp: `${TIMESTAMP + off}` }), `${off} s`).to.equal(false);
      }
    });

    it("refuses what has moved between id, time and body (G2)", async () => {
      const { signed, genuine } = await setup();
      const { id, body } = MESSAGE;
      const message = signed({ body: `${TIMESTAMP}.${body}` });
      // What Standard Webhooks signs of it is the same.
      expect(await genuine({ ...message, id: `${id}.${TIMESTAMP}`, body })).to.equal(false);
      expect(await genuine({ ...message, id: `${id}.`, body: `.${body}` })).to.equal(false);
    });

    it("refuses a time more than five minutes from now (G2)", async () => {
      const { signed, genuine } = await setup();
      for (const off of [-1e9, -DAY, -301, 301, 420, DAY, 1e9]) {
        expect(await genuine(signed({ timestamp: TIMESTAMP + off })), `${off} s`).to.equal(false);
      }
      expect(await genuine(signed(), undefined, new Date(+NOW + 5 * MINUTE + 1)), "by 1 ms, old").to.equal(false);
      expect(await genuine(signed(), undefined, new Date(+NOW - 5 * MINUTE - 1)), "by 1 ms, new").to.equal(false);
    });

    it("refuses a secret from the millisecond in which it expires (G2)", async () => {
      const { destinationWith, signed, genuine } = await setup();
      for (const expiry of [+NOW, +NOW - 1, +NOW - DAY]) {
        const { destination, secrets } = await destinationWith(new Date(expiry), null);
        expect(await genuine(signed({}, secrets[0]), destination), "the old").to.equal(false);
        expect(await genuine(signed({}, secrets[1]), destination), "the new").to.equal(true);
      }
    });

    it("refuses the secret of another destination, and every one where there is none (G2)", async () => {
      const { destinationWith, signed, genuine } = await setup();
      const [{ destination: other }, { destination: none }] = [await destinationWith(null), await destinationWith()];
      expect(await genuine(signed(), other)).to.equal(false);
      expect(await genuine(signed(), none)).to.equal(false);
    });

    it("refuses a signature that was changed (G2)", async () => {
      const { signed, genuine } = await setup();
      const message = signed();
      const right = message.signature ?? "";
      for (let at = 0; at < right.length; at++) {
        for (const bit of [1, 2, 4, 8, 16]) {
          const letter = String.fromCharCode(right.charCodeAt(at) ^ bit);
          const signature = right.slice(0, at) + letter + right.slice(at + 1);
          expect(await genuine({ ...message, signature }), signature).to.equal(false);
        }
      }
      const [version = "", code = ""] = right.split(",");
      const others = [code, `${version},`, `${version}${code}`, `v1a,${code}`, `V1,${code}`, `v2,${code}`];
      others.push(right.slice(0, -1), `${right}A`, `${right}=`, `v1, ${code}`, right.replace(",", ";"));
      for (const signature of others) expect(await genuine({ ...message, signature }), signature).to.equal(false);
    });

    it("says no where a header is missing (G3)", async () => {
      const { signed, genuine } = await setup();
      const missing = { id: null, timestamp: null, signature: null };
      const message = signed();
      expect(await genuine({ ...missing, body: MESSAGE.body })).to.equal(false);
      for (const name of ["id", "timestamp", "signature"]) {
        expect(await genuine({ ...message, [name]: null }), `only ${name}`).to.equal(false);
        expect(
          await genuine({ ...missing, body: MESSAGE.body, [name]: message[name as "id"] }),
          `all but ${name}`,
        ).to.equal(false);
      }
    });

    it("says yes or no to odd headers and bodies (G3)", async () => {
      const { signed, genuine } = await setup();
      for (const odd of ODD) {
        for (const name of ["id", "timestamp", "signature", "body"]) {
          const answer = await genuine({ ...signed(), [name]: odd });
          expect(answer, `${name}: ${odd.slice(0, 20)}`).to.be.a("boolean");
        }
        const { body } = MESSAGE;
        expect(await genuine({ id: odd, timestamp: odd, signature: odd, body }), odd.slice(0, 20)).to.equal(false);
      }
    });

    it("says no to odd times and signatures (G3)", async () => {
      const { signed, genuine } = await setup();
      for (const odd of ODD) {
        expect(await genuine({ ...signed(), timestamp: odd }), `time ${odd.slice(0, 20)}`).to.equal(false);
        expect(await genuine({ ...signed(), signature: odd }), `signature ${odd.slice(0, 20)}`).to.equal(false);
      }
    });
  });
}

const BODIES = [
  ...[MESSAGE.body, "", " ", "{}", '{"done":true}', '{ "done": true }\n', '{ "done": true, "done": true }', "null"],
  ...["é", "e\u0301", "😀", "\u2028", "\0", "1.2.3", "not JSON", "x".repeat(300_000)],
];

const ODD = [
  ...["", " ", ",", ".", "v1", "v1,", "v1,,", ",v1", "v1,v1,v1", "v1 , x", "\0", "\r\n", "\ud800", "ü😀", "%00", "[]"],
  ...["NaN", "Infinity", "-Infinity", "-1", "0", "-0", "1e400", "1e9", "0x10", "1_000", "１２３", "null", "undefined"],
  ...["__proto__", "constructor", "9".repeat(400), "1".repeat(16), `${Number.MAX_SAFE_INTEGER}`, "8640000000001"],
  ...[
    "v1,".repeat(5_000),
    "v1, ".repeat(5_000),
    " ".repeat(50_000),
    `v1,${"A".repeat(100_000)}`,
    `v1,${"é".repeat(44)}`,
  ],
];
