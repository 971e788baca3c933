import { expect } from "chai";
import { ClaimTurns } from "../../src/usecases/claim-turns.js";

describe("ClaimTurns", () => {
  /** Which end, and how many, in each of so many turns; all of them full, of which a share was begun. */
  function turnsOf(count: number, share: number): readonly string[] {
    const turns = new ClaimTurns();
    return Array.from({ length: count }, () => {
      const { limit, latest } = turns.next(500);
      turns.found({ limit, seen: limit, begun: limit * share });
      return `${limit} ${latest ? "latest" : "earliest"}`;
    });
  }

  it("takes the earliest while all that is due fits into a claim", () => {
    const turns = new ClaimTurns();
    for (const seen of [0, 1, 499]) {
      expect(turns.next(500)).to.deep.equal({ limit: 500, latest: false });
      turns.found({ limit: 500, seen, begun: seen });
    }
  });

  it("looks at both ends by turns while it does not", () => {
    expect(turnsOf(4, 1)).to.deep.equal(["500 earliest", "50 latest", "500 earliest", "50 latest"]);
  });

  it("takes few at a time while most of them are only put off", () => {
    expect(turnsOf(6, 0.1)).to.deep.equal([
      ...["500 earliest", "50 latest", "50 latest", "50 latest"],
      ...["50 earliest", "50 latest"],
    ]);
  });

  it("goes back to the earliest when the crowd is gone", () => {
    const turns = new ClaimTurns();
    turns.found({ limit: 500, seen: 500, begun: 0 });
    turns.found({ limit: 50, seen: 49, begun: 0 });
    expect(turns.next(500)).to.deep.equal({ limit: 500, latest: false });
  });

  it("asks for no more than it may", () => {
    const turns = new ClaimTurns();
    turns.found({ limit: 500, seen: 500, begun: 500 });
    expect(turns.next(7)).to.deep.equal({ limit: 7, latest: true });
  });
});
