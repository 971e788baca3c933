import { expect } from "chai";
import type { Arrival } from "../../src/orders.js";
import { explained, type Restored } from "../../src/platform/explained.js";
import type { OrderKept } from "../../src/platform/orders-kept.js";
import type { Accepted } from "../../src/platform/traffic.js";

const T = 10_000;
const arrival = (id: string, wallAt: number, bodyHash = id): Arrival => ({
  ...{ id, wallAt, bodyHash, attempt: 1, place: 0, at: 0, signers: [], trusted: 0 },
});
const accepted = (key: string, askedAt: number): Accepted => ({ key, askedAt, answeredAt: askedAt + 10, dueAt: 0 });
/** Its event has the name of its key in capitals. */
const kept = (key: string, takenAt: number | null): OrderKept => ({
  ...{ key, eventId: key.toUpperCase(), takenAt, state: "COMPLETED", latenessMs: 1 },
});

/** `old` was taken long before T, `open` was sent after it, and `new` was made after it. */
function setup(changes: Partial<Restored> = {}) {
  return explained({
    ...{ target: T, restoredAt: 20_000 },
    accepted: [accepted("old", 1_000), accepted("open", 9_000), accepted("new", 11_000)],
    lost: [kept("old", 5_000), kept("open", 12_000), kept("new", 13_000)],
    atTarget: [kept("old", 5_000), kept("open", null)],
    kept: [kept("old", 5_000), kept("open", 21_000)],
    arrivals: [arrival("OLD", 4_990), arrival("OPEN", 11_990), arrival("NEW", 12_990), arrival("OPEN", 20_990)],
    ...changes,
  });
}

describe("explained", () => {
  it("finds a reason for everything", () => {
    expect(setup()).to.deep.equal({
      ...{ before: { all: 2, wrong: [] }, behind: { all: 1, wrong: [] }, between: 0 },
      ...{ onRecord: { all: 1, wrong: [] }, again: { all: 1, wrong: [] }, orphans: { all: 1, wrong: [] } },
    });
  });

  it("says nothing of what was under way at the moment", () => {
    expect(setup({ accepted: [accepted("old", T - 5)] })).to.deep.include({
      between: 1,
      before: { all: 0, wrong: [] },
    });
  });

  it("objects to a schedule from before that is not there, and to its event", () => {
    const told = setup({ kept: [kept("open", 21_000)] });
    expect([told.before.wrong, told.orphans.wrong]).to.deep.equal([["old"], ["OLD"]]);
  });

  it("objects to a schedule from after that is there", () => {
    const all = [kept("old", 5_000), kept("open", 21_000), kept("new", null)];
    expect(setup({ kept: all }).behind.wrong).to.deep.equal(["new"]);
  });

  it("objects to what is sent again although it is on record", () => {
    const told = setup({ arrivals: [arrival("OLD", 4_990), arrival("OLD", 20_990)] });
    expect(told.onRecord.wrong).to.deep.equal(["OLD"]);
  });

  it("objects to a success from before that is not on record any more", () => {
    const told = setup({ atTarget: [], arrivals: [arrival("OLD", 4_990), arrival("OLD", 20_990)] });
    expect(told.again.wrong).to.deep.equal(["OLD"]);
  });

  it("objects to another body", () => {
    const told = setup({ arrivals: [arrival("OPEN", 11_990), arrival("OPEN", 20_990, "another")] });
    expect(told.again.wrong).to.deep.equal(["OPEN"]);
  });
});
