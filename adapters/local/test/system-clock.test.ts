import { getEventListeners } from "node:events";
import { expect } from "chai";
import { SystemClock } from "../src/index.js";

describe("SystemClock", () => {
  it("leaves no listener behind on a signal that outlives its sleeps", async () => {
    const { signal } = new AbortController();
    const clock = new SystemClock();
    await Promise.all(Array.from({ length: 20 }, () => clock.sleep(1, signal)));
    expect(getEventListeners(signal, "abort")).to.deep.equal([]);
  });
});
