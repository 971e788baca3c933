import { inspect } from "node:util";
import { type DataKeys, Unavailable } from "@punctual/core";
import { MemoryClock, MemoryDataKeys, SeededRng } from "@punctual/core/memory";
import { expect } from "chai";
import fc from "fast-check";
import { EnvelopeVault } from "../../src/secrets/envelope-vault.js";

const HOUR = 3_600_000;
const OWNER = "destination-1";

describe("EnvelopeVault", () => {
  /** Counts the calls to the data keys; `away` is thrown by each of them while it is set. */
  const setup = () => {
    const right = new MemoryDataKeys(new SeededRng(7));
    const calls = { generate: 0, unwrap: 0, away: null as Error | null };
    const generated: Uint8Array[] = [];
    const dataKeys: DataKeys = {
      generate: async () => {
        calls.generate++;
        await Promise.resolve();
        if (calls.away !== null) throw calls.away;
        const made = await right.generate();
        generated.push(made.key);
        return made;
      },
      unwrap: async (wrapped) => {
        calls.unwrap++;
        await Promise.resolve();
        if (calls.away !== null) throw calls.away;
        return right.unwrap(wrapped);
      },
    };
    const clock = new MemoryClock(new Date("2030-01-01T00:00:00Z"));
    const another = () => new EnvelopeVault({ dataKeys, clock });
    return { vault: another(), another, calls, generated, clock };
  };

  it("writes v1, the wrapped key and the box", async () => {
    const { vault } = setup();
    expect(await vault.seal("secret", OWNER)).to.match(/^v1\.[\w-]+\.[\w-]+$/);
  });

  it("makes secrets of 32 bytes", async () => {
    const { secret } = await setup().vault.make(OWNER);
    expect(Buffer.from(secret.slice("whsec_".length), "base64")).to.have.length(32);
  });

  it("seals 10,000 times with ten data keys", async () => {
    const { vault, calls } = setup();
    const sealed: string[] = [];
    for (let round = 0; round < 100; round++) {
      sealed.push(...(await Promise.all(Array.from({ length: 100 }, (_, index) => vault.seal(`${index}`, OWNER)))));
    }
    expect(new Set(sealed).size).to.equal(10_000);
    expect(new Set(sealed.map((one) => one.split(".")[1])).size).to.equal(10);
    expect(calls.generate).to.equal(10);
  });

  it("takes a new data key after an hour", async () => {
    const { vault, calls, clock } = setup();
    await vault.seal("secret", OWNER);
    clock.advance(HOUR - 1);
    await vault.seal("secret", OWNER);
    expect(calls.generate).to.equal(1);
    clock.advance(1);
    await vault.seal("secret", OWNER);
    expect(calls.generate).to.equal(2);
  });

  it("asks once for a data key that many seal with at the same time", async () => {
    const { vault, calls } = setup();
    await Promise.all(Array.from({ length: 50 }, () => vault.seal("secret", OWNER)));
    expect(calls.generate).to.equal(1);
  });

  it("opens what it sealed without asking", async () => {
    const { vault, calls } = setup();
    expect(await vault.open(await vault.seal("secret", OWNER), OWNER)).to.equal("secret");
    expect(calls.unwrap).to.equal(0);
  });

  it("unwraps a key once for all who want it, at one time and later", async () => {
    const { vault, another, calls } = setup();
    const sealed = await Promise.all(Array.from({ length: 50 }, (_, index) => vault.seal(`secret ${index}`, OWNER)));
    const reader = another();
    const opened = await Promise.all(sealed.map((one) => reader.open(one, OWNER)));
    expect(opened).to.deep.equal(sealed.map((_, index) => `secret ${index}`));
    for (const one of sealed) await reader.open(one, OWNER);
    expect(calls.unwrap).to.equal(1);
  });

  it("is away while the data keys are, for sealing and opening, and no longer", async () => {
    const { vault, another, calls } = setup();
    const sealed = await vault.seal("secret", OWNER);
    const other = another();
    calls.away = new Unavailable("The KMS is away");
    for (let round = 0; round < 2; round++) {
      expect(await failureOf(other.open(sealed, OWNER))).to.equal(calls.away);
      expect(await failureOf(other.seal("secret", OWNER))).to.equal(calls.away);
    }
    expect(calls, "asks each time").to.include({ unwrap: 2, generate: 3 });
    calls.away = null;
    expect(await other.open(sealed, OWNER)).to.equal("secret");
    expect(await other.open(await other.seal("new", OWNER), OWNER)).to.equal("new");
  });

  it("lets a bug of the data keys through as it is", async () => {
    const { vault, another, calls } = setup();
    const sealed = await vault.seal("secret", OWNER);
    calls.away = new TypeError("a bug");
    expect(await failureOf(another().open(sealed, OWNER))).to.equal(calls.away);
  });

  it("refuses every bit flip, whatever was sealed", async () => {
    const { vault } = setup();
    const text = fc.string({ unit: "binary", maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(text, text, async (secret, owner) => {
        const sealed = await vault.seal(secret, owner);
        expect(await vault.open(sealed, owner)).to.equal(secret);
        for (let at = 0; at < sealed.length; at++) {
          for (let bit = 0; bit < 8; bit++) {
            const letter = String.fromCharCode(sealed.charCodeAt(at) ^ (1 << bit));
            const changed = sealed.slice(0, at) + letter + sealed.slice(at + 1);
            const failure = await failureOf(vault.open(changed, owner));
            if (!(failure instanceof Unavailable) || failure.code !== "secret_unreadable") expect.fail(String(failure));
          }
        }
      }),
      { seed: 1, numRuns: 5 },
    );
  });

  it("refuses a box that is cut, however short", async () => {
    const { vault } = setup();
    const sealed = await vault.seal("secret", OWNER);
    const [, wrapped, box = ""] = sealed.split(".");
    const bytes = Buffer.from(box, "base64url");
    for (let length = 0; length < bytes.length; length++) {
      const cut = `v1.${wrapped}.${bytes.subarray(0, length).toString("base64url")}`;
      expect(await failureOf(vault.open(cut, OWNER)), `${length}`).to.include({ code: "secret_unreadable" });
    }
  });

  it("refuses any text that it did not write", async () => {
    const { vault } = setup();
    const part = fc.stringMatching(/^[\w-]*$/);
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(part).map((parts) => ["v1", ...parts].join(".")),
    );
    await fc.assert(
      fc.asyncProperty(text, async (sealed) => {
        expect(await failureOf(vault.open(sealed, OWNER))).to.include({ code: "secret_unreadable" });
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });

  it("prints nothing secret, and puts nothing secret into an error", async () => {
    const { vault, another, generated } = setup();
    const { secret, sealed } = await vault.make(OWNER);
    const [stranger, reader] = [setup().vault, another()];
    const failures = await Promise.all([
      failureOf(vault.open(sealed, "destination-2")),
      failureOf(vault.open(`${sealed.slice(0, -1)}*`, OWNER)),
      failureOf(vault.open(secret, OWNER)),
      failureOf(stranger.open(sealed.replace("v1.", "v1.A"), OWNER)),
      reader.open(sealed, OWNER),
    ]);
    const seen = [vault, reader, stranger, ...failures.slice(0, 4)];
    const printed = inspect(seen, { showHidden: true, depth: 20 }) + JSON.stringify(seen);
    expect(printed).to.contain("destination-2");
    const key = Buffer.from(generated[0] ?? []);
    const secrets = [secret.slice(6), key.toString("hex"), key.toString("base64"), inspect(key).slice(8, 40)];
    for (const text of [...secrets, sealed.split(".")[2] ?? ""]) expect(printed).not.to.contain(text.slice(0, 16));
  });
});

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return expect.fail("It did not fail");
}
