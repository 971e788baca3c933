import { type Ending, type Outcome } from "@punctual/core";
import { expect } from "chai";
import { seed, wholeTables } from "../support/seed.js";
import { LEASE_MS, migratedStores, take } from "../support/stores.js";

const OUTCOMES: readonly Outcome[] = [
  { state: "COMPLETED" },
  { state: "FAILED", reason: "rejected" },
  { state: "SKIPPED", reason: "too_late" },
  { state: "CANCELLED", reason: "cancelled" },
  { state: "PENDING", inMs: 0 },
  { state: "PENDING", inMs: null },
];

describe("who comes with the fence of a claim that was taken over", () => {
  for (const taker of ["claimed", "begun", "released", "finished"] as const) {
    it(`changes no row where it was ${taker} since, and is told that it is lost`, async () => {
      const { events, claim, admin, pool } = await migratedStores();
      await seed(admin, { schedules: 3, events: 12 });
      const late = await claim();
      await events.begin(late, LEASE_MS);
      await admin.query("update events set wake_at = now() - interval '1 second', held_until = null"); // as when their leases have ended
      const current = await claim();
      if (taker === "begun") await events.begin(current, LEASE_MS);
      if (taker === "released") await events.release(current);
      if (taker === "finished")
        await events.finish(current.map((one) => ({ claim: one, outcome: { state: "COMPLETED" } })));
      const endings = OUTCOMES.flatMap((outcome): Ending[] =>
        [true, false].map((tried) => ({
          claim: late[0] ?? { eventId: "", tenant: "", fence: 0 },
          outcome,
          ...(tried && {
            attempt: {
              number: 1,
              startedAt: new Date(),
              durationMs: 1,
              status: 200,
              error: null,
              detail: null,
              timings: null,
              responseExcerpt: null,
            },
          }),
        })),
      );
      const before = await wholeTables(pool);

      const begun = await events.begin(late, LEASE_MS);
      const extended = await events.extend(late, LEASE_MS);
      const finished = await events.finish(late.map((one) => ({ claim: one, outcome: { state: "COMPLETED" } })));
      const lost = [];
      for (const ending of endings) lost.push(...(await events.finish([ending])).lost);
      await events.release(late);
      await events.giveUp(late, 1);
      const claimed =
        taker === "released" ? [] : (await events.claimDue({ limit: 100, leaseMs: LEASE_MS }, take)).claims;

      expect(begun).to.deep.equal({ begun: [], lost: late, early: [] });
      expect(extended).to.deep.equal({ lost: late });
      expect(finished).to.deep.equal({ lost: late });
      expect(lost).to.deep.equal(endings.map((ending) => ending.claim));
      expect(claimed).to.deep.equal([]);
      expect(await wholeTables(pool)).to.deep.equal(before);
      expect(before.attempts).to.have.length(late.length);
    });
  }

  it("changes no row of another tenant, though the id and the fence are right", async () => {
    const { events, claim, admin, pool } = await migratedStores();
    await seed(admin, { events: 5 });
    const held = await claim();
    const others = held.map((one) => ({ ...one, tenant: "other" }));
    const before = await wholeTables(pool);

    const begun = await events.begin(others, LEASE_MS);
    const extended = await events.extend(others, LEASE_MS);
    const finished = await events.finish(others.map((one) => ({ claim: one, outcome: { state: "COMPLETED" } })));
    await events.release(others);
    await events.giveUp(others, 1);

    expect([begun.lost, extended.lost, finished.lost]).to.deep.equal([others, others, others]);
    expect(await wholeTables(pool)).to.deep.equal(before);
  });
});
