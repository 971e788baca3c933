import { expect } from "chai";
import { Unavailable } from "../errors.js";
import { SecretNotFound, type Secrets, type SecretsOptions } from "../ports/secrets.js";

export interface SecretsHarness {
  open(): OpenSecrets | Promise<OpenSecrets>;
  close?(): Promise<void>;
}

/** Secrets and whoever keeps them: nobody else asks or changes anything there. */
export interface OpenSecrets extends SecretsOptions {
  readonly secrets: Secrets;
  /** Puts a value there, or another one in its place. */
  put(name: string, value: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Whether the keeper is away from now on. */
  away(is: boolean): void;
  /** How often the keeper was asked. */
  asked(): number;
  /** Moves the clock by which ages are told. */
  pass(ms: number): void;
}

export function describeSecrets(adapter: string, harness: SecretsHarness): void {
  describe(`${adapter} as Secrets`, () => {
    const NAME = "punctual/database";
    let open: OpenSecrets;
    let secrets: Secrets;

    beforeEach(async () => {
      open = await harness.open();
      secrets = open.secrets;
      await open.put(NAME, "the first");
    });
    afterEach(() => harness.close?.());

    const fresh = () => secrets.read(NAME, { fresh: true });
    /** Reads once, so that there is something to remember. */
    const known = async () => expect(await secrets.read(NAME)).to.equal("the first");

    for (const [what, value] of Object.entries(VALUES)) {
      it(`gives ${what} as it was put there (S1)`, async () => {
        await open.put("punctual/value", value);
        expect(await secrets.read("punctual/value")).to.equal(value);
        expect(await secrets.read("punctual/value"), "again").to.equal(value);
      });
    }

    it("tells names apart, by all of their letters (S1)", async () => {
      const names = ["punctual/a", "punctual/A", "punctual/a/b", "punctual/ab", "a", "constructor", "__proto__"];
      for (const name of names) await open.put(name, `of ${name}`);
      const read = await Promise.all(names.map((name) => secrets.read(name)));
      expect(read).to.deep.equal(names.map((name) => `of ${name}`));
    });

    it("asks again once a value is as old as it may be (S2)", async () => {
      await known();
      await open.put(NAME, "the second");
      open.pass(open.maxAgeMs);
      expect(await secrets.read(NAME)).to.equal("the second");
    });

    it("does not take a value for younger because it was read again (S2)", async () => {
      await known();
      await open.put(NAME, "the second");
      for (let part = 0; part < 4; part++) {
        await secrets.read(NAME);
        open.pass(open.maxAgeMs / 4);
      }
      expect(await secrets.read(NAME)).to.equal("the second");
    });

    it("asks anew where it is told that a value is not good any more (S2)", async () => {
      await known();
      await open.put(NAME, "the second");
      expect(await fresh()).to.equal("the second");
      expect(await secrets.read(NAME), "from then on").to.equal("the second");
    });

    it("does not ask as long as a value is young (S4)", async () => {
      await known();
      const before = open.asked();
      open.pass(open.maxAgeMs - 1);
      await known();
      expect(open.asked() - before).to.equal(0);
    });

    it("tells what is not there (S3)", async () => {
      for (const options of [{}, { fresh: true }]) {
        const failure = await failureOf(secrets.read("punctual/nothing", options));
        expect(failure).to.be.instanceOf(SecretNotFound).and.include({ family: "missing", secret: "punctual/nothing" });
      }
    });

    it("finds what was put there a moment ago, though it was not there before (S3)", async () => {
      await failureOf(secrets.read("punctual/later"));
      await open.put("punctual/later", "now");
      expect(await secrets.read("punctual/later")).to.equal("now");
    });

    it("does not use meanwhile what was removed (S3)", async () => {
      await known();
      await open.remove(NAME);
      open.pass(open.maxAgeMs);
      expect(await failureOf(secrets.read(NAME))).to.be.instanceOf(SecretNotFound);
      open.away(true);
      expect(await failureOf(secrets.read(NAME)), "and while the keeper is away").to.be.instanceOf(Unavailable);
    });

    it("uses a value that was read lately while the keeper is away (S3)", async () => {
      await known();
      open.away(true);
      for (const ms of [0, open.maxAgeMs, open.graceMs - 1]) {
        open.pass(ms);
        expect(await secrets.read(NAME)).to.equal("the first");
      }
    });

    it("uses it no longer than that (S3)", async () => {
      await known();
      open.away(true);
      open.pass(open.maxAgeMs + open.graceMs);
      expect(await failureOf(secrets.read(NAME))).to.be.instanceOf(Unavailable);
    });

    it("does not use it where it is told that it is not good any more (S3)", async () => {
      await known();
      open.away(true);
      expect(await failureOf(fresh())).to.be.instanceOf(Unavailable);
      expect(await secrets.read(NAME), "for others").to.equal("the first");
    });

    it("is unavailable where nothing is known and the keeper is away (S3)", async () => {
      open.away(true);
      const failure = await failureOf(secrets.read(NAME));
      expect(failure).to.be.instanceOf(Unavailable).and.include({ code: "unavailable" });
    });

    it("goes on when the keeper is back (S3)", async () => {
      open.away(true);
      await failureOf(secrets.read(NAME));
      open.away(false);
      await known();
      await open.put(NAME, "the second");
      open.away(true);
      open.pass(open.maxAgeMs);
      await known();
      open.away(false);
      expect(await secrets.read(NAME)).to.equal("the second");
    });

    it("tells no value in its errors (S3)", async () => {
      await known();
      open.away(true);
      expect(String(await failureOf(fresh()))).not.to.contain("the first");
    });

    for (const [what, options] of Object.entries({ "": {}, " anew": { fresh: true } })) {
      it(`asks once for many who ask${what} at one time (S4)`, async () => {
        const before = open.asked();
        const values = await Promise.all(Array.from({ length: 50 }, () => secrets.read(NAME, options)));
        expect(new Set(values)).to.deep.equal(new Set(["the first"]));
        expect(open.asked() - before).to.equal(1);
      });
    }

    it("tells all of many who ask at one time that it is away, and asks once (S4)", async () => {
      open.away(true);
      const before = open.asked();
      const failures = await Promise.all(Array.from({ length: 50 }, () => failureOf(secrets.read(NAME))));
      for (const failure of failures) expect(failure).to.be.instanceOf(Unavailable);
      expect(open.asked() - before).to.equal(1);
    });

    it("asks again after many have asked at one time (S4)", async () => {
      await Promise.all([fresh(), fresh()]);
      await open.put(NAME, "the second");
      expect(await Promise.all([fresh(), fresh()])).to.deep.equal(["the second", "the second"]);
    });
  });
}

const VALUES: Readonly<Record<string, string>> = {
  "a password": "hunter2",
  "a text with spaces at its ends": "  a b \n",
  "a text in all languages": "пароль 密码 🔑 \u{10ffff}",
  "a text of JSON": '{"username":"punctual","password":"\\"quoted\\""}',
  "one letter": "x",
  "a long text": "0123456789abcdef".repeat(1_000),
};

function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "it did not fail",
    (error: unknown) => error,
  );
}
