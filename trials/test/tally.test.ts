import { expect } from "chai";
import type { Arrival } from "../src/orders.js";
import type { AttemptRecord } from "../src/records.js";
import { tallyOf } from "../src/tally.js";

const arrival = (id: string, attempt: number, bodyHash = id): Arrival => ({
  ...{ id, attempt, bodyHash, place: 0, at: 0, wallAt: 0, signers: [], trusted: 0 },
});
const attempt = (eventId: string, number: number, outcome: number | string = 204): AttemptRecord => ({
  ...{ eventId, number, startedAt: 0 },
  ...(typeof outcome === "number" ? { status: outcome, error: null } : { status: null, error: outcome }),
});

describe("tallyOf", () => {
  it("finds each request among the attempts", () => {
    const attempts = [attempt("a", 1, "connect"), attempt("a", 2), attempt("b", 1)];
    const tally = tallyOf([arrival("a", 2), arrival("b", 1)], attempts);
    expect(tally).to.deep.equal({
      ...{ requests: 2, attempts: 3, unconnected: 1, brokenOff: 0, unmatched: 0, changedBodies: 0 },
    });
  });

  const wrongs: readonly (readonly [string, readonly Arrival[], readonly AttemptRecord[]])[] = [
    ["a request that is no attempt", [arrival("a", 1), arrival("a", 2)], [attempt("a", 1)]],
    ["two requests that are one attempt", [arrival("a", 1), arrival("a", 1)], [attempt("a", 1)]],
    ["an answer to no request", [], [attempt("a", 1)]],
    ["a request without a connection", [arrival("a", 1)], [attempt("a", 1, "connect")]],
    ["an attempt on record twice", [arrival("a", 1)], [attempt("a", 1), attempt("a", 1)]],
  ];
  for (const [wrong, arrivals, attempts] of wrongs)
    it(`objects to ${wrong}`, () => {
      expect(tallyOf(arrivals, attempts).unmatched).to.equal(1);
    });

  it("cannot tell whether an attempt that broke off was a request", () => {
    const attempts = [attempt("a", 1, "reset"), attempt("b", 1, "timeout")];
    const tally = tallyOf([arrival("a", 1)], attempts);
    expect(tally).to.include({ brokenOff: 2, unmatched: 0 });
  });

  it("counts the events whose body changed", () => {
    const attempts = [attempt("a", 1, 503), attempt("a", 2), attempt("b", 1)];
    const arrivals = [arrival("a", 1), arrival("a", 2, "another"), arrival("b", 1)];
    expect(tallyOf(arrivals, attempts).changedBodies).to.equal(1);
  });
});
