import type { GateRequest, RateState } from "@punctual/core";
import { SeededRng } from "@punctual/core/memory";
import { expect } from "chai";
import { realClock } from "../support/clock.js";
import { until } from "../support/stores.js";
import { openGates, requestOf, reportOf } from "./gates.js";

const limits = (of: Partial<GateRequest>) => (n: number) => requestOf({ destinationId: "limited", ...of }, n);

describe("four workers' gates", () => {
  it("admit no more than the concurrency, though twenty ask at once again and again", async () => {
    const { gates } = await openGates(4);
    const request = limits({ concurrency: 7 });
    let [underWay, most, admitted] = [0, 0, 0];
    await Promise.all(
      Array.from({ length: 20 }, async (_, asker) => {
        const gate = gates[asker % gates.length]!;
        for (let round = 0; round < 15; round++) {
          const asked = [1, 2, 3].map((n) => request(asker * 1_000 + round * 10 + n));
          const admissions = await gate.admit(asked);
          const gone = asked.filter((_, index) => admissions[index]?.kind === "go");
          underWay += gone.length;
          admitted += gone.length;
          most = Math.max(most, underWay);
          await realClock.sleep(asker % 5);
          underWay -= gone.length;
          await gate.report(gone.map((one) => reportOf(one, "success")));
        }
      }),
    );
    expect(most).to.be.within(3, 7);
    expect(admitted).to.be.greaterThan(50);
    const left = await gates[0]!.admit(Array.from({ length: 9 }, (_, n) => request(90_000 + n)));
    expect(left.filter(({ kind }) => kind === "go")).to.have.length(7);
  });

  it("admit no more than the rate, though twenty ask at once again and again", async () => {
    const { gates } = await openGates(4);
    const request = limits({ ratePerSecond: 40 });
    const times: number[] = [];
    const began = performance.now();
    await Promise.all(
      Array.from({ length: 20 }, async (_, asker) => {
        for (let round = 0; performance.now() - began < 2_500; round++) {
          const asked = [1, 2].map((n) => request(asker * 10_000 + round * 10 + n));
          const admissions = await gates[asker % gates.length]!.admit(asked);
          for (const { kind } of admissions) if (kind === "go") times.push(performance.now());
        }
      }),
    );
    // Answers may be some milliseconds apart from the decisions.
    for (const from of times)
      expect(times.filter((time) => time >= from && time < from + 950).length).to.be.at.most(40);
    expect(times.length).to.be.at.least(0.8 * 40 * 2.5);
  });

  it("go by the time when they have the lock, however long they waited for it", async () => {
    const { gates, admin } = await openGates(1);
    const ask = async (n: number) => gates[0]!.admit([requestOf({ ratePerSecond: 1_000 }, n)]);
    await ask(1);
    const client = await admin.connect();
    await client.query("begin; select from destination_gates for update");
    const asked = ask(2);
    await until("it waits for the lock", async () => {
      const { rows } = await admin.query("select from pg_locks where not granted");
      return rows.length > 0;
    });
    await client.query("select pg_sleep(0.3)");
    const { rows } = await client.query<{ now: number }>("select extract(epoch from clock_timestamp()) * 1000 as now");
    await client.query("commit");
    client.release();

    expect(await asked).to.deep.equal([{ kind: "go" }]);
    const { rows: kept } = await admin.query<{ rate: RateState }>("select rate from destination_gates");
    expect(kept[0]?.rate.nextFree).to.be.at.least(Math.floor(Number(rows[0]?.now)) - 100);
  });

  it("let one probe through of all that ask at once", async () => {
    const { gates, pool } = await openGates(4);
    const request = limits({});
    await gates[0]!.report([1, 2, 3, 4, 5].map((n) => reportOf(request(n), "failure")));
    await pool.query(`update destination_gates set breaker = jsonb_set(breaker::jsonb, '{probeAt}', '0')::json`);
    const all = await Promise.all(
      Array.from({ length: 20 }, async (_, asker) => gates[asker % 4]!.admit([request(asker)])),
    );
    expect(all.flat().filter(({ kind }) => kind === "go")).to.have.length(1);
  });
});

/** Looked for at once: of a deadlock that is waited out for a second there would be few. */
const OFTEN = { poolSize: 16, deadlockTimeout: "5ms" };

describe("eight workers' gates on the same destinations", () => {
  it("do not lock each other out, in whatever order they ask and report", async () => {
    const { gates, deadlocks } = await openGates(8, OFTEN);
    const end = performance.now() + 2_000;
    let calls = 0;
    await Promise.all(
      gates.map(async (gate, worker) => {
        const rng = new SeededRng(worker + 1);
        // New ones come up all the time, so that rows are made while others are locked.
        const some = () => {
          const born = Math.floor(calls / 20);
          return Array.from({ length: 30 }, () => {
            const n = Math.floor(rng.next() * 1e9);
            const destinationId = `d${born + (n % 40)}`;
            const limits = n % 3 === 0 ? { concurrency: 3 } : n % 3 === 1 ? { ratePerSecond: 20 } : {};
            return requestOf({ destinationId, ...limits }, n);
          });
        };
        while (performance.now() < end) {
          const asked = some();
          const admissions = await gate.admit(asked);
          const gone = asked.filter((_, index) => admissions[index]?.kind === "go");
          await gate.report(gone.map((one) => reportOf(one, rng.next() < 0.3 ? "failure" : "success")));
          calls++;
        }
      }),
    );
    expect(await deadlocks()).to.equal(0);
    expect(calls).to.be.greaterThan(100);
  });

  it("do not lock each other out while they make the same rows", async () => {
    const { gates, deadlocks } = await openGates(8, OFTEN);
    for (let round = 0; round < 15; round++) {
      const all = await Promise.all(
        gates.map(async (gate, worker) =>
          gate.admit(
            Array.from({ length: 60 }, (_, n) =>
              requestOf({ destinationId: `${round}/${(n * 7 + worker * 13) % 60}`, concurrency: 1 }, worker),
            ),
          ),
        ),
      );
      expect(all.flat().filter(({ kind }) => kind === "go")).to.have.length(60);
    }
    expect(await deadlocks()).to.equal(0);
  });
});
