import { expect } from "chai";
import { keysFor } from "../../src/wiring.js";

const [ONE, TWO] = [Buffer.alloc(32, 1).toString("base64"), Buffer.alloc(32, 2).toString("base64")];

/** What it made of the first when the first message was sealed: another would leave what waits in queues unread. */
const HEX = "0700e0e2d9579f3e4a3d058d1eda512efc67c1936fc34913a39ca9660920a1f4";

describe("keysFor", () => {
  it("makes one key of each, in their order, and the same in every process", () => {
    const keys = keysFor("messages", [ONE, TWO]);
    expect(keys.map((key) => key.length)).to.deep.equal([32, 32]);
    expect(keysFor("messages", [TWO, ONE])).to.deep.equal([...keys].reverse());
    expect(keys[0].toString("hex")).to.equal(HEX);
  });

  it("makes others for another purpose, and none is what it was made of", () => {
    const [forMessages] = keysFor("messages", [ONE]);
    const [forCursors] = keysFor("cursors", [ONE]);
    expect(forCursors).not.to.deep.equal(forMessages);
    expect([forCursors, forMessages].map((key) => key.toString("base64"))).not.to.include(ONE);
  });
});
