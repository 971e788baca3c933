import { createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { Unavailable } from "@punctual/core";
import { expect } from "chai";
import { LocalDataKeys } from "../../src/index.js";

describe("LocalDataKeys", () => {
  const outerKey = () => createSecretKey(randomBytes(32));
  const idIn = (wrapped: Uint8Array) => Buffer.from(wrapped.subarray(1, 9)).toString("hex");
  const wrapWith = async (...keys: readonly [KeyObject, ...KeyObject[]]) => new LocalDataKeys(...keys).generate();

  it("wraps with the first key and unwraps with all", async () => {
    const [before, after] = [outerKey(), outerKey()];
    const wrappedBefore = await wrapWith(before);
    const both = new LocalDataKeys(after, before);
    const wrappedAfter = await both.generate();

    for (const { key, wrapped } of [wrappedBefore, wrappedAfter]) {
      expect(Buffer.from(await both.unwrap(wrapped)).equals(key)).to.equal(true);
    }
    const unwrapped = await new LocalDataKeys(after).unwrap(wrappedAfter.wrapped);
    expect(Buffer.from(unwrapped).equals(wrappedAfter.key), "the first key has wrapped").to.equal(true);
  });

  it("names the outer key in what it wraps, by an id that is the same everywhere", async () => {
    const [one, other] = [outerKey(), outerKey()];
    const ids = [await wrapWith(one), await wrapWith(one), await wrapWith(other)].map(({ wrapped }) => idIn(wrapped));
    expect(ids[0]).to.equal(ids[1]);
    expect(ids[0]).not.to.equal(ids[2]);
  });

  it("says which key is missing", async () => {
    const { wrapped } = await wrapWith(outerKey());
    const failure = await failureOf(new LocalDataKeys(outerKey()).unwrap(wrapped));
    expect(failure).to.be.instanceOf(Unavailable);
    expect(failure.message).to.contain(idIn(wrapped));
  });

  it("takes no other key's id for its own", async () => {
    const [one, other] = [outerKey(), outerKey()];
    const [{ wrapped }, { wrapped: foreign }] = [await wrapWith(one), await wrapWith(other)];
    const disguised = Buffer.concat([foreign.subarray(0, 9), wrapped.subarray(9)]);
    expect(await failureOf(new LocalDataKeys(one, other).unwrap(disguised))).to.include({ code: "key_unreadable" });
  });

  it("prints nothing of its keys, nor tells them in an error", async () => {
    const bytes = randomBytes(32);
    const keys = new LocalDataKeys(createSecretKey(bytes));
    const { wrapped } = await keys.generate();
    wrapped[wrapped.length - 1] = (wrapped.at(-1) ?? 0) ^ 1;
    const failure = await failureOf(keys.unwrap(wrapped));
    const printed = inspect([keys, failure], { showHidden: true, depth: 20 }) + JSON.stringify([keys, failure]);
    for (const encoding of ["hex", "base64", "base64url"] as const) {
      expect(printed).not.to.contain(bytes.toString(encoding).slice(0, 8));
    }
    expect(printed).not.to.contain(inspect(bytes).slice(8, 32));
    expect(failure.cause).to.equal(undefined);
  });
});

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  return expect.fail("It did not fail");
}
