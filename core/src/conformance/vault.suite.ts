import { expect } from "chai";
import type { Vault } from "../ports/vault.js";
import { hex, randomPlaces, refusal, told } from "./data-keys.suite.js";
import { given } from "./passing.js";

export interface VaultHarness {
  open(): OpenVault | Promise<OpenVault>;
  close?(): Promise<void>;
  /** Whether there is a second key. */
  readonly otherKey: boolean;
}

export interface OpenVault {
  readonly vault: Vault;
  /** The vault of another process with the same key. */
  again(): Vault;
  /** The vault of a process with another key. */
  other?(): Vault;
}

const MANY = 200;
const OWNER = "01890a5d-ac96-774b-bcce-b302099a8099";
const SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDkYqWQN3Kj7s=";

export function describeVault(adapter: string, harness: VaultHarness): void {
  const withOther = given(harness.otherKey, "has one key");

  describe(`${adapter} as a Vault`, () => {
    let open: OpenVault;
    let vault: Vault;

    beforeEach(async () => {
      open = await harness.open();
      vault = open.vault;
    });
    afterEach(() => harness.close?.());

    it("opens what it sealed for an owner, whatever text it was (V1)", async () => {
      for (const secret of TEXTS) {
        const sealed = await vault.seal(secret, OWNER);
        expect(await vault.open(sealed, OWNER)).to.equal(secret);
      }
    });

    it("opens for every owner, whatever its name (V1)", async () => {
      for (const owner of OWNERS) expect(await vault.open(await vault.seal(SECRET, owner), owner)).to.equal(SECRET);
    });

    it("opens again and again, in any order, many at a time (V1)", async () => {
      const many = await Promise.all(Array.from({ length: MANY }, (_, index) => vault.seal(`secret ${index}`, OWNER)));
      const expected = many.map((_, index) => `secret ${index}`);
      const all = (list: readonly string[]) => Promise.all(list.map((sealed) => vault.open(sealed, OWNER)));
      expect(await all(many)).to.deep.equal(expected);
      expect(await all(many.toReversed())).to.deep.equal(expected.toReversed());
    });

    it("opens in another process (V1)", async () => {
      const { secret, sealed } = await vault.make(OWNER);
      expect(await open.again().open(sealed, OWNER)).to.equal(secret);
      const there = await open.again().seal(SECRET, OWNER);
      expect(await vault.open(there, OWNER)).to.equal(SECRET);
    });

    it("opens what it made (V1, V4)", async () => {
      const { secret, sealed } = await vault.make(OWNER);
      expect(await vault.open(sealed, OWNER)).to.equal(secret);
    });

    it("opens for no other owner, however alike (V2)", async () => {
      const sealed = await Promise.all(OWNERS.map((owner) => vault.seal(SECRET, owner)));
      for (const [index, owner] of OWNERS.entries()) {
        for (const other of OWNERS) {
          if (other === owner) continue;
          const opening = vault.open(sealed[index] ?? "", other);
          expect(await refusal(opening), `${owner} and ${other}`).to.equal("secret_unreadable");
        }
      }
    });

    it("opens nothing that was changed in one bit (V2)", async () => {
      const sealed = await vault.seal(SECRET, OWNER);
      for (let bit = 0; bit < 7 * sealed.length; bit++) {
        const at = Math.floor(bit / 7);
        const letter = String.fromCharCode(sealed.charCodeAt(at) ^ (1 << (bit % 7)));
        const changed = sealed.slice(0, at) + letter + sealed.slice(at + 1);
        expect(await refusal(vault.open(changed, OWNER)), `bit ${bit} of ${sealed}`).to.equal("secret_unreadable");
      }
    });

    it("opens nothing that was cut, wherever (V2)", async () => {
      const sealed = await vault.seal(SECRET, OWNER);
      for (let length = 0; length < sealed.length; length++) {
        for (const cut of [
          sealed.slice(0, length),
          sealed.slice(length + 1),
          sealed.slice(0, length) + sealed.slice(length + 1),
        ]) {
          expect(await refusal(vault.open(cut, OWNER)), cut).to.equal("secret_unreadable");
        }
      }
    });

    it("opens nothing that was extended, or put together from two (V2)", async () => {
      const [one, other] = [await vault.seal(SECRET, OWNER), await vault.seal(`${SECRET} `, OWNER)];
      const half = one.length >> 1;
      const wrong = [` ${one}`, `${one}\n`, `${one}=`, `${one}.`, one + one];
      wrong.push(one.slice(0, half) + other.slice(half));
      if (one.toLowerCase() !== one) wrong.push(one.toLowerCase());
      for (const sealed of wrong) {
        expect(await refusal(vault.open(sealed, OWNER)), sealed).to.equal("secret_unreadable");
      }
    });

    it("opens nothing that is no sealed text (V2)", async () => {
      for (const text of [
        "",
        ".",
        "..",
        "v1",
        "v1..",
        "v2.AAAA.AAAA",
        "null",
        "ü\ud800\0",
        SECRET,
        "A".repeat(100_000),
      ]) {
        expect(await refusal(vault.open(text, OWNER)), text.slice(0, 20)).to.equal("secret_unreadable");
      }
    });

    withOther("opens nothing that was sealed with another key (V2)", async () => {
      const foreign = await open.other?.().seal(SECRET, OWNER);
      expect(await refusal(vault.open(foreign ?? "", OWNER))).to.equal("secret_unreadable");
    });

    it("does not tell the secret in the sealed text (V3)", async () => {
      for (let round = 0; round < 20; round++) {
        const { secret, sealed } = await vault.make(OWNER);
        for (const form of formsOf(secret)) expect(told(form, sealed), `${sealed} tells ${form}`).to.equal(false);
      }
    });

    it("gives another text each time it seals (V3)", async () => {
      const sealed = await Promise.all(Array.from({ length: MANY }, () => vault.seal(SECRET, OWNER)));
      expect(new Set(sealed).size).to.equal(MANY);
    });

    it("makes secrets as Standard Webhooks writes them, none of them twice (V4)", async () => {
      const secrets = await makeMany();
      for (const secret of secrets) expect(secret).to.match(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/);
      for (const secret of secrets) expect(bytesOf(secret).length).to.be.within(24, 64);
      expect(new Set(secrets).size).to.equal(MANY);
    });

    it("makes them of 24 random bytes at least (V4)", async () => {
      expect(randomPlaces((await makeMany()).map(bytesOf))).to.be.at.least(24);
    });

    const makeMany = async () => {
      const made = await Promise.all(Array.from({ length: MANY }, () => vault.make(OWNER)));
      return made.map(({ secret }) => secret);
    };
  });
}

const TEXTS = [
  ...[SECRET, "", " ", "\0", "a.b.c", "line\r\nline\n", "ü😀\u2028", "e\u0301 is not \u00e9", "\ud800 alone"],
  "long ".repeat(2_000),
];

/** Some differ so little that a careless comparison takes one for the other. */
const OWNERS = [
  OWNER,
  OWNER.toUpperCase(),
  OWNER.slice(1),
  OWNER.slice(0, -1),
  `${OWNER} `,
  `${OWNER}\0`,
  OWNER.replaceAll("-", ""),
  ...["", "\u00e9", "e\u0301", "\ufffd", "\ud800"],
];

/** How a secret could be read: as it stands, and its bytes and those of its text in hex and in Base64. */
function formsOf(secret: string): readonly string[] {
  const text = Uint8Array.from(secret, (letter) => letter.charCodeAt(0));
  // Base64 looks different for each of three places at which a text can begin, and at its ends.
  const base64 = [0, 1, 2].map((skip) => btoa(String.fromCharCode(...text.slice(skip, skip + 42))));
  return [secret, hex(text), hex(bytesOf(secret)), ...base64];
}

function bytesOf(secret: string): Uint8Array {
  return Uint8Array.from(atob(secret.replace("whsec_", "")), (letter) => letter.charCodeAt(0));
}
