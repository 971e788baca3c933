import { expect } from "chai";
import type { AuditEntry } from "../ports/audit-log.js";
import { MINUTE } from "../recurrence/wall.js";
import { anId } from "./fixtures.js";
import type { StoreHarness } from "./store-harness.js";
import { openScene } from "./store-scene.js";

/** The promise of `ports/audit-log.ts`. */
export function describeAuditLog(harness: StoreHarness): void {
  describe(`${harness.name} as an AuditLog`, () => {
    const setup = async () => {
      const scene = await openScene(harness);
      const { change } = scene;
      const subject = anId();
      return {
        ...{ ...scene, subject },
        /** Records entries in one transaction, and answers its time. */
        record: (...entries: readonly Partial<AuditEntry>[]) =>
          change(async ({ audit, now }) => {
            for (const entry of entries) {
              await audit.record({ action: "schedule.paused", subject, actor: "ada", note: null, ...entry });
            }
            return now;
          }),
        list: (of = subject, limit = 100) => change(({ audit }) => audit.list(of, limit)),
      };
    };

    afterEach(() => harness.close());

    it("keeps who did what, when and why (A1)", async () => {
      const { record, list, subject } = await setup();

      const at = await record({ note: "maintenance\n“until six”" });

      const entry = { action: "schedule.paused", subject, actor: "ada", note: "maintenance\n“until six”", at };
      expect(await list()).to.deep.equal([entry]);
    });

    it("keeps every entry, equal ones too, the newest first (A1)", async () => {
      const { record, list, advance } = await setup();
      await record({ actor: "first" }, { actor: "second" });
      await advance(MINUTE);
      await record({ actor: "third" });
      await record({ actor: "third" });

      expect((await list()).map(({ actor }) => actor)).to.deep.equal(["third", "third", "second", "first"]);
    });

    it("keeps what is recorded at the same moment (A1)", async () => {
      const { record, list } = await setup();

      await Promise.all(Array.from({ length: 20 }, () => record({})));

      expect(await list()).to.have.length(20);
    });

    it("keeps entries when their subject is gone (A1)", async () => {
      const { record, list, edit, change, destination } = await setup();
      await record({ subject: destination.id });
      await edit({ status: "deleted" });
      await change(({ destinations }) => destinations.remove(destination.id));

      expect(await list(destination.id)).to.have.length(1);
    });

    it("lists one subject's entries, as many as asked for", async () => {
      const { record, list } = await setup();
      await record({ actor: "first" }, { subject: anId() }, { actor: "second" }, { actor: "third" });

      expect((await list(undefined, 2)).map(({ actor }) => actor)).to.deep.equal(["third", "second"]);
      expect(await list(anId())).to.deep.equal([]);
    });
  });
}
