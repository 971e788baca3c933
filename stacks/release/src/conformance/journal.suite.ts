import { expect } from "chai";
import { type Entry, type Journal, Overtaken } from "../journal.js";

export interface JournalHarness {
  open(): Promise<Journal>;
  close(): Promise<void>;
}

const target = { workload: "worker", kind: "lambda", function: "punctual-worker" } as const;
const entry = (release: string): Entry => ({
  ...{ release, commit: "c0ffee", phase: "shifting", api: "https://punctual.example.com", because: "“why”" },
  moves: [{ release, target, from: "1", to: "2" }],
});

/** What every journal promises (`Journal`, J1 to J3). */
export function describeJournal(name: string, harness: JournalHarness): void {
  describe(`${name} as a Journal`, () => {
    let journal: Journal;
    beforeEach(async () => {
      journal = await harness.open();
    });
    afterEach(async () => harness.close());

    it("has nothing of a stack that was never written (J2)", async () => {
      expect(await journal.read("aws-dev")).to.deep.equal({ entries: [], revision: null });
    });

    it("reads what was written, by stack (J1)", async () => {
      const revision = await journal.write("aws-dev", { entries: [entry("one")], revision: null });
      expect(await journal.read("aws-dev")).to.deep.equal({ entries: [entry("one")], revision });
      const next = await journal.write("aws-dev", { entries: [entry("one"), entry("two")], revision });
      expect(await journal.read("aws-dev")).to.deep.equal({ entries: [entry("one"), entry("two")], revision: next });
      expect(await journal.read("gcp-dev")).to.deep.equal({ entries: [], revision: null });
    });

    it("is not written over what another has written (J3)", async () => {
      const revision = await journal.write("aws-dev", { entries: [entry("one")], revision: null });
      const next = await journal.write("aws-dev", { entries: [entry("two")], revision });
      for (const old of [null, revision]) {
        const failure = await journal
          .write("aws-dev", { entries: [entry("three")], revision: old })
          .catch((e: unknown) => e);
        expect(failure, String(old)).to.be.instanceOf(Overtaken);
      }
      expect(await journal.read("aws-dev")).to.deep.equal({ entries: [entry("two")], revision: next });
    });

    it("lets one of many write at once (J3)", async () => {
      const all = await Promise.allSettled(
        ["one", "two", "three", "four"].map(async (one) =>
          journal.write("aws-dev", { entries: [entry(one)], revision: null }),
        ),
      );
      expect(all.filter(({ status }) => status === "fulfilled")).to.have.length(1);
      expect((await journal.read("aws-dev")).entries).to.have.length(1);
    });
  });
}
