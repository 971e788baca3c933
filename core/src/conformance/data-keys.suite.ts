import { expect } from "chai";
import { Unavailable } from "../errors.js";
import type { DataKeys } from "../ports/data-keys.js";
import { given } from "./passing.js";

export interface DataKeysHarness {
  open(): OpenDataKeys | Promise<OpenDataKeys>;
  close?(): Promise<void>;
  /** Whether there is a second outer key. */
  readonly otherKey: boolean;
}

export interface OpenDataKeys {
  readonly keys: DataKeys;
  /** What another process with the same outer key has. */
  again(): DataKeys;
  /** What a process with another outer key has. */
  other?(): DataKeys;
}

const MANY = 200;

export function describeDataKeys(adapter: string, harness: DataKeysHarness): void {
  const withOther = given(harness.otherKey, "has one outer key");

  describe(`${adapter} as DataKeys`, () => {
    let open: OpenDataKeys;
    let keys: DataKeys;

    beforeEach(async () => {
      open = await harness.open();
      keys = open.keys;
    });
    afterEach(() => harness.close?.());

    const generateMany = () => Promise.all(Array.from({ length: MANY }, () => keys.generate()));

    it("unwraps each of many keys, again and again (Y1)", async () => {
      const many = await generateMany();
      for (const round of [1, 2]) {
        const unwrapped = await Promise.all(many.map(({ wrapped }) => keys.unwrap(wrapped)));
        expect(unwrapped.map(hex), `round ${round}`).to.deep.equal(many.map(({ key }) => hex(key)));
      }
    });

    it("unwraps in another process (Y1)", async () => {
      const many = await generateMany();
      const unwrapped = await Promise.all(many.map(({ wrapped }) => open.again().unwrap(wrapped)));
      expect(unwrapped.map(hex)).to.deep.equal(many.map(({ key }) => hex(key)));
    });

    it("gives each caller a key of its own, to wipe when it is done (Y1)", async () => {
      const { key, wrapped } = await keys.generate();
      const right = hex(key);
      key.fill(0);
      (await keys.unwrap(wrapped)).fill(0);
      expect(hex(await keys.unwrap(wrapped))).to.equal(right);
    });

    it("does not unwrap what was changed in one bit (Y2)", async () => {
      const { wrapped } = await keys.generate();
      for (let bit = 0; bit < 8 * wrapped.length; bit++) {
        const changed = wrapped.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        expect(await refusal(keys.unwrap(changed)), `bit ${bit}`).to.equal("key_unreadable");
      }
    });

    it("does not unwrap what was cut, wherever (Y2)", async () => {
      const { wrapped } = await keys.generate();
      for (let length = 0; length < wrapped.length; length++) {
        expect(await refusal(keys.unwrap(wrapped.slice(0, length))), `${length}`).to.equal("key_unreadable");
        expect(await refusal(keys.unwrap(wrapped.slice(-length - 1, -1))), `${-length}`).to.equal("key_unreadable");
      }
    });

    it("does not unwrap what was extended, or put together from two (Y2)", async () => {
      const [{ wrapped: one }, { wrapped: other }] = [await keys.generate(), await keys.generate()];
      const half = one.length >> 1;
      const wrong = {
        "with a byte before it": Uint8Array.of(0, ...one),
        "with a byte behind it": Uint8Array.of(...one, 0),
        "half of one, half of another": Uint8Array.of(...one.slice(0, half), ...other.slice(half)),
        "twice the same": Uint8Array.of(...one, ...one),
        zeros: new Uint8Array(one.length),
      };
      for (const [what, wrapped] of Object.entries(wrong)) {
        expect(await refusal(keys.unwrap(wrapped)), what).to.equal("key_unreadable");
      }
    });

    withOther("does not unwrap what was wrapped by another key (Y2)", async () => {
      const foreign = await open.other?.().generate();
      expect(await refusal(keys.unwrap(foreign?.wrapped ?? new Uint8Array(0)))).to.equal("key_unreadable");
    });

    it("gives 32 bytes, new ones each time (Y3)", async () => {
      const many = await generateMany();
      expect(new Set(many.map(({ key }) => key.length))).to.deep.equal(new Set([32]));
      expect(new Set(many.map(({ key }) => hex(key))).size, "keys").to.equal(MANY);
      expect(new Set(many.map(({ wrapped }) => hex(wrapped))).size, "wrapped keys").to.equal(MANY);
    });

    it("gives random bytes, every one of them (Y3)", async () => {
      const many = await generateMany();
      expect(randomPlaces(many.map(({ key }) => key))).to.equal(32);
    });

    it("does not tell the key in its wrapped form (Y3)", async () => {
      for (const { key, wrapped } of await generateMany()) {
        expect(told(hex(key), hex(wrapped)), "as bytes").to.equal(false);
        const text = String.fromCharCode(...wrapped);
        expect(told(hex(key), text), "in hex").to.equal(false);
        expect(told(btoa(String.fromCharCode(...key)), text), "in Base64").to.equal(false);
      }
    });
  });
}

/** The code with which a promise is refused; if it is kept, or fails for anything else, that. */
export function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "it was kept",
    (error: unknown) => (error instanceof Unavailable ? error.code : error),
  );
}

/**
 * In how many places the values differ as random bytes do. Of 200 such bytes 139 are different in the mean; that fewer
 * than 100 are happens never.
 */
export function randomPlaces(values: readonly Uint8Array[]): number {
  const places = Math.min(...values.map(({ length }) => length));
  const different = (place: number) => new Set(values.map((value) => value[place])).size;
  return Array.from({ length: places }, (_, place) => different(place)).filter((count) => count >= 100).length;
}

/** Whether a text tells some of a secret: any twelve letters of it, in capitals or not. */
export function told(secret: string, text: string): boolean {
  const [hidden, seen] = [secret.toLowerCase(), text.toLowerCase()];
  return Array.from({ length: hidden.length - 11 }, (_, at) => hidden.slice(at, at + 12)).some((part) =>
    seen.includes(part),
  );
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
