import { expect } from "chai";
import type { ScheduleQuery } from "../ports/schedule-store.js";
import { type Timing, TIMING_DEFAULTS } from "../recurrence/timing.js";
import type { Schedule } from "../schedules/schedule.js";
import { aDestination, anEvent, anId, aSchedule } from "./fixtures.js";
import type { StoreHarness } from "./store-harness.js";
import { endOf, idsOf, openScene, there } from "./store-scene.js";

/** The promises of `ports/schedule-store.ts`. */
export function describeScheduleStore(harness: StoreHarness): void {
  describe(`${harness.name} as a ScheduleStore`, () => {
    const setup = async () => {
      const scene = await openScene(harness);
      const { change } = scene;
      return {
        ...scene,
        get: (id: string) => change(({ schedules }) => schedules.get(id)),
        getByKey: (key: string) => change(({ schedules }) => schedules.getByKey(key)),
        save: (schedule: Schedule) => change(({ schedules }) => schedules.save(schedule)),
        list: async (query: Partial<ScheduleQuery> = {}) =>
          idsOf(await change(({ schedules }) => schedules.list({ limit: 100, ...query }))),
      };
    };

    afterEach(() => harness.close());

    it("gives back what was added, and what was saved", async () => {
      const { addSchedule, get, save, at } = await setup();
      const timing: Timing = {
        ...{ ...TIMING_DEFAULTS, timeZone: "Europe/Berlin", when: { yearly: { month: 2, day: 29, time: "09:00" } } },
        ...{ leapDay: "mar1", from: "2027-01-01T00:00:00", count: 3, spread: "PT10M" },
      };
      const added = await addSchedule({
        ...{
          key: "birthday/7",
          timing,
          payload: '{ "b": 1.0, "a": "\\u0041\\n", "a": 2 }',
          lateness: { max: "PT1H", then: "skip" },
        },
        ...{ catchUp: { policy: "all", within: "P1D" }, ifRunning: "wait", labels: { team: "crm", "": "ü" } },
        retry: { maxAttempts: 3, within: "PT1H", initial: "PT1S", cap: "PT1M" },
        history: [
          { timing, first: "2028-03-01T09:00:00/0", last: null, ordinal: 1 },
          { timing, first: null, ordinal: 1 },
        ],
      });
      const saved = { ...added, payload: "[1e400]", status: "paused", revision: 2, updatedAt: at(0) } as const;

      expect(await get(added.id)).to.deep.equal(added);
      await save(saved);
      expect(await get(added.id)).to.deep.equal(saved);
    });

    it("knows nothing of what can be no id, key or label", async () => {
      const { get, getByKey, list, change } = await setup();

      expect([await get("no-id"), await getByKey("no\0key")]).to.deep.equal([null, null]);
      expect(await list({ destinationId: "no-id" })).to.deep.equal([]);
      expect(await list({ type: "no\0type" })).to.deep.equal([]);
      expect(await list({ labels: { team: "no\0team" } })).to.deep.equal([]);
      expect(await list({ labels: JSON.parse('{"__proto__":"crm"}') as Record<string, string> })).to.deep.equal([]);
      expect([...(await change(({ schedules }) => schedules.knownKeys(["no\0key"])))]).to.deep.equal([]);
    });

    it("lists from the beginning behind nothing (S3)", async () => {
      const { list, schedule } = await setup();

      expect(await list({ after: "" })).to.deep.equal([schedule.id]);
    });

    it("knows nothing of what was never added", async () => {
      const { get, getByKey } = await setup();

      expect([await get(anId()), await getByKey("unknown")]).to.deep.equal([null, null]);
    });

    describe("keys", () => {
      it("finds a schedule by its key (S1)", async () => {
        const { addSchedule, getByKey } = await setup();
        const added = await addSchedule({ key: "a/b c" });

        expect(await getByKey("a/b c")).to.deep.equal(added);
        expect(await getByKey("A/b c")).to.equal(null);
      });

      it("tells which of many keys are taken, by schedules that are not deleted (S1)", async () => {
        const { change, addSchedule, edit } = await setup();
        const [, deleted] = [await addSchedule({ key: "one" }), await addSchedule({ key: "two" })];
        await addSchedule({ key: "three" });
        await edit({ status: "deleted" }, deleted.id);

        const known = await change(({ schedules }) => schedules.knownKeys(["three", "two", "one", "none", "one"]));

        expect([...known].sort()).to.deep.equal(["one", "three"]);
        expect([...(await change(({ schedules }) => schedules.knownKeys([])))]).to.deep.equal([]);
      });

      it("refuses a second schedule with the same key, and all that was added with it (S1)", async () => {
        const { addSchedule, change, getByKey, list, destination, schedule } = await setup();
        const first = await addSchedule({ key: "mine" });
        const [free, second] = [null, "mine"].map((key) => aSchedule({ destinationId: destination.id, key }));

        const end = await endOf(change(({ schedules }) => schedules.add([there(free), there(second)])));

        expect(end).to.equal("key_taken");
        expect(await getByKey("mine")).to.deep.equal(first);
        expect(await list()).to.deep.equal([schedule.id, first.id]);
      });

      it("refuses the key of another when it is saved (S1)", async () => {
        const { addSchedule, edit, getByKey } = await setup();
        const first = await addSchedule({ key: "mine" });

        expect(await endOf(edit({ key: "mine" }))).to.equal("key_taken");

        expect(await getByKey("mine")).to.deep.equal(first);
      });

      it("gives a key to one of ten schedules at the same moment (S1)", async () => {
        const { addSchedule, list } = await setup();

        const ends = await Promise.all(Array.from({ length: 10 }, () => endOf(addSchedule({ key: "mine" }))));

        expect(ends.filter((end) => end === "done")).to.have.length(1);
        expect(ends.filter((end) => end === "key_taken")).to.have.length(9);
        expect(await list()).to.have.length(2);
      });

      it("frees the key of a schedule that is deleted or has another one now (S1)", async () => {
        const { addSchedule, edit, getByKey } = await setup();
        const [deleted, renamed] = [await addSchedule({ key: "one" }), await addSchedule({ key: "two" })];
        await edit({ status: "deleted" }, deleted.id);
        await edit({ key: "three" }, renamed.id);

        const free = [await getByKey("one"), await getByKey("two")];
        const next = [await addSchedule({ key: "one" }), await addSchedule({ key: "two" })];
        await edit({ labels: { touched: "again" } }, deleted.id);

        expect(free).to.deep.equal([null, null]);
        expect([await getByKey("one"), await getByKey("two")]).to.deep.equal(next);
        expect((await getByKey("three"))?.id).to.equal(renamed.id);
      });

      it("lets any number of schedules be without one (S1)", async () => {
        const { addSchedule, list } = await setup();
        await addSchedule({ key: null });
        await addSchedule({ key: null });

        expect(await list()).to.have.length(3);
      });
    });

    describe("saving", () => {
      for (const revision of [0, 1, 3]) {
        it(`refuses revision ${revision} over revision 1 (S2)`, async () => {
          const { save, get, schedule } = await setup();

          expect(await endOf(save({ ...schedule, revision, type: "other.type" }))).to.equal("stale_revision");

          expect(await get(schedule.id)).to.deep.equal(schedule);
        });
      }

      it("refuses what was never added (S2)", async () => {
        const { save, get, schedule } = await setup();
        const unknown = { ...schedule, id: anId(), revision: 2 };

        expect(await endOf(save(unknown))).to.equal("stale_revision");

        expect(await get(unknown.id)).to.equal(null);
      });

      it("takes one of ten that are saved over the same revision (S2)", async () => {
        const { save, get, schedule } = await setup();
        const writers = Array.from({ length: 10 }, (_, writer) => String(writer));

        const ends = await Promise.all(
          writers.map((writer) => endOf(save({ ...schedule, revision: 2, labels: { writer } }))),
        );

        expect(ends.filter((end) => end === "done")).to.have.length(1);
        expect(ends.filter((end) => end === "stale_revision")).to.have.length(9);
        expect((await get(schedule.id))?.labels).to.deep.equal({ writer: String(ends.indexOf("done")) });
      });
    });

    describe("listing", () => {
      /** Five schedules, the first of them the scene's own; they are added in no order. */
      const five = async () => {
        const scene = await setup();
        const { change, destination, schedule, list } = scene;
        const more = Array.from({ length: 4 }, () => aSchedule({ destinationId: destination.id }));
        await change(({ schedules }) => schedules.add([2, 0, 3, 1].map((index) => there(more[index]))));
        const pages = async (limit: number, between: (page: number) => Promise<unknown> = async () => undefined) => {
          const seen: string[] = [];
          for (let page = 1; page < 20; page++) {
            const after = seen.at(-1);
            const ids = await list({ limit, ...(after !== undefined && { after }) });
            if (ids.length === 0) break;
            seen.push(...ids);
            await between(page);
          }
          return seen;
        };
        return { ...scene, inOrder: [schedule, ...more], pages };
      };

      it("runs in the order of ids (S3)", async () => {
        const { list, pages, inOrder } = await five();

        expect(await list()).to.deep.equal(idsOf(inOrder));
        expect(await pages(2)).to.deep.equal(idsOf(inOrder));
      });

      it("has each entry once while schedules are added, changed and deleted (S3)", async () => {
        const { pages, inOrder, edit, addSchedule } = await five();
        const added: Schedule[] = [];

        const seen = await pages(2, async (page) => {
          if (page > 1) return;
          added.push(await addSchedule());
          await edit({ labels: { touched: "yes" } }, there(inOrder[0]).id);
          await edit({ labels: { touched: "yes" } }, there(inOrder[4]).id);
          await edit({ status: "deleted" }, there(inOrder[2]).id);
        });

        const kept = inOrder.filter((_, index) => index !== 2);
        expect(seen).to.deep.equal(idsOf([...kept, ...added]));
      });

      it("keeps to what is asked for", async () => {
        const { add, addSchedule, at, cancel, change, list, schedule, destination } = await setup();
        const elsewhere = aDestination();
        await change(({ destinations }) => destinations.add(elsewhere));
        const timing = { ...schedule.timing, timeZone: "Asia/Tokyo" };
        const typed = await addSchedule({ type: "other.type", labels: { team: "crm", tier: "gold" } });
        const there = await addSchedule({ destinationId: elsewhere.id, labels: { team: "crm" } });
        const tokyo = await addSchedule({ timing, labels: { team: "ops" } });
        const paused = await addSchedule({ status: "paused" });
        const [never, ended] = [await addSchedule(), await addSchedule()];
        const last = anEvent(ended, at(0));
        await add(...[schedule, typed, there, tokyo, paused].map((one) => anEvent(one, at(0))), last);
        await add(anEvent(never, at(0), { origin: "manual" }));
        await cancel(last.id);
        const asked: readonly [Partial<ScheduleQuery>, readonly Schedule[]][] = [
          [{ type: "other.type" }, [typed]],
          [{ destinationId: elsewhere.id }, [there]],
          [{ timeZone: "Asia/Tokyo" }, [tokyo]],
          [{ status: "paused" }, [paused]],
          [{ status: "active" }, [schedule, typed, there, tokyo]],
          [{ labels: { team: "crm" } }, [typed, there]],
          [{ labels: { team: "crm", tier: "gold" } }, [typed]],
          [{ labels: { team: "gold" } }, []],
          [{ labels: {} }, [schedule, typed, there, tokyo, paused, never, ended]],
          [{ destinationId: destination.id, status: "active", limit: 2 }, [schedule, typed]],
        ];

        for (const [query, expected] of asked) {
          expect(await list(query), JSON.stringify(query)).to.deep.equal(idsOf(expected));
        }
      });
    });

    it("finds a deleted schedule by its id alone (S4)", async () => {
      const { addSchedule, edit, get, getByKey, list, schedule } = await setup();
      const { id } = await addSchedule({ key: "mine", type: "other.type" });

      await edit({ status: "deleted" }, id);

      expect(await get(id)).to.include({ status: "deleted", key: "mine", revision: 2 });
      expect(await getByKey("mine")).to.equal(null);
      expect(await list()).to.deep.equal([schedule.id]);
      expect(await list({ type: "other.type" })).to.deep.equal([]);
    });
  });
}
