import { expect } from "chai";
import type { Arrival } from "../../src/orders.js";
import type { OrderKept } from "../../src/platform/orders-kept.js";
import { sentAgainOf } from "../../src/platform/sent-again.js";

const arrival = (id: string, wallAt: number): Arrival => ({
  ...{ id, wallAt, attempt: 1, place: 0, at: 0, bodyHash: id, signers: [], trusted: 0 },
});
const kept = (eventId: string, takenAt: number | null): OrderKept => ({
  ...{ key: `order-${eventId}`, eventId, takenAt, state: "COMPLETED", latenessMs: 1 },
});

describe("sentAgainOf", () => {
  it("objects to what came after its success was on record", () => {
    expect(sentAgainOf([arrival("a", 10), arrival("a", 30)], [kept("a", 20)])).to.deep.equal({ events: 1, bad: ["a"] });
  });

  it("objects to the last of several", () => {
    const arrivals = [arrival("a", 30), arrival("a", 10), arrival("a", 15)];
    expect(sentAgainOf(arrivals, [kept("a", 20)]).bad).to.deep.equal(["a"]);
  });

  it("counts what came again while nobody knew that it was taken", () => {
    const arrivals = [arrival("a", 10), arrival("a", 15), arrival("b", 10), arrival("b", 90)];
    expect(sentAgainOf(arrivals, [kept("a", 20), kept("b", null)])).to.deep.equal({ events: 2, bad: [] });
  });

  it("is content with one request, even where a clock shows it behind its record", () => {
    expect(sentAgainOf([arrival("a", 21)], [kept("a", 20)])).to.deep.equal({ events: 0, bad: [] });
  });
});
