import { Envelopes, type Message } from "@punctual/adapter-sdk";
import { expect } from "chai";
import { keysFor } from "@punctual/adapter-local/wiring";

const [one, other] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString("base64")) as [string, string];
const hex = (keys: readonly Buffer[]) => keys.map((key) => key.toString("hex"));

describe("keysFor", () => {
  it("makes a key of 32 bytes of each, in their order, and always the same", () => {
    const keys = keysFor("messages", [one, other]);
    expect(keys.map(({ length }) => length)).to.deep.equal([32, 32]);
    expect(hex(keysFor("messages", [one, other]))).to.deep.equal(hex(keys));
    expect(hex(keysFor("messages", [other, one]))).to.deep.equal(hex(keys).toReversed());
    // Whoever changes these makes every message that is under way a forged one.
    expect(hex(keysFor("messages", [one]))).to.deep.equal([
      "0700e0e2d9579f3e4a3d058d1eda512efc67c1936fc34913a39ca9660920a1f4",
    ]);
  });

  it("makes another for each purpose, none of which is the key itself", () => {
    const all = [...keysFor("messages", [one, other]), ...keysFor("cursors", [one, other])];
    expect(new Set([...hex(all), ...hex([one, other].map((key) => Buffer.from(key, "base64")))]).size).to.equal(6);
  });

  it("lets the key be changed while messages are under way", () => {
    const message: Message = {
      ...{ version: 1, tenant: "main", fence: 1, dueAt: new Date(0), notBefore: new Date(0) },
      eventId: "0190c2a4-7d1e-7000-8000-0000000000e1",
      scheduleId: "0190c2a4-7d1e-7000-8000-0000000000a1",
    };
    const by = (...keys: readonly [string, ...string[]]) => new Envelopes(keysFor("messages", keys));
    expect(by(other, one).open(by(one).seal(message))).to.deep.equal({ message });
    expect(by(other).open(by(one).seal(message))).to.deep.equal({ objection: "not signed by us" });
  });
});
