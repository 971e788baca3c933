import { expect } from "chai";
import { randomInt } from "node:crypto";
import { fuzz, type FuzzReport, MOST_CPU_MS } from "./support/fuzz/fuzz.js";

const fresh = randomInt(2 ** 31);

describe("the API, asked anything", () => {
  const isSound = ({ failures, broken, slowestMs }: FuzzReport, seed: number) => {
    expect(failures.slice(0, 3).join("\n"), `--seed ${seed}`).to.equal("");
    expect(broken).to.equal(0);
    expect(slowestMs).to.be.at.most(MOST_CPU_MS);
  };

  it("says yes or no, soon, and in the words of its contract", async function () {
    this.timeout(120_000);
    const report = await fuzz({ requests: 1_500, seed: 20_270_101, stores: "memory" });
    isSound(report, 20_270_101);
    const some = [...report.granted.values()].filter(({ granted }) => granted > 0);
    expect(some.length, "operations of which something was granted").to.equal(report.operations);
  });

  it(`does so for requests of every run's own (seed ${fresh})`, async function () {
    this.timeout(120_000);
    isSound(await fuzz({ requests: 500, seed: fresh, stores: "memory" }), fresh);
  });

  it("asks the same again for a seed", async () => {
    const [one, other] = [await fuzz(few(7)), await fuzz(few(7))];
    expect([...one.granted]).to.deep.equal([...other.granted]);
    expect([...(await fuzz(few(8))).granted]).not.to.deep.equal([...one.granted]);
  });

  const few = (seed: number) => ({ requests: 120, seed, stores: "memory" }) as const;
});
