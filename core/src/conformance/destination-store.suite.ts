import { expect } from "chai";
import type { Destination } from "../destinations/destination.js";
import { aDestination, anId, aSchedule } from "./fixtures.js";
import type { StoreHarness } from "./store-harness.js";
import { endOf, idsOf, openScene, there } from "./store-scene.js";

/** The promises of `ports/destination-store.ts`. */
export function describeDestinationStore(harness: StoreHarness): void {
  describe(`${harness.name} as a DestinationStore`, () => {
    const setup = async () => {
      const scene = await openScene(harness);
      const { change } = scene;
      return {
        ...scene,
        addDestination: async (given: Partial<Destination> = {}) => {
          const added = aDestination(given);
          await change(({ destinations }) => destinations.add(added));
          return added;
        },
        get: (id: string) => change(({ destinations }) => destinations.get(id)),
        findInline: (like: Destination) => change(({ destinations }) => destinations.findInline(like)),
        save: (one: Destination) => change(({ destinations }) => destinations.save(one)),
        remove: (id: string) => change(({ destinations }) => destinations.remove(id)),
        list: async (query: { limit: number; after?: string } = { limit: 100 }) =>
          idsOf(await change(({ destinations }) => destinations.list(query))),
      };
    };

    afterEach(() => harness.close());

    it("gives back what was added, and what was saved", async () => {
      const { addDestination, get, save, at } = await setup();
      const added = await addDestination({ method: "PUT", headers: { "X-B": "1", "x-a": "2" }, ratePerSecond: 0.5 });
      const disabled = { enabled: false, disabledBecause: "failing", concurrency: 3, timeoutMs: 1 } as const;
      const saved = { ...added, ...disabled, revision: 2, updatedAt: at(0) };

      expect(await get(added.id)).to.deep.equal(added);
      await save(saved);
      expect(await get(added.id)).to.deep.equal(saved);
      expect(await get(anId())).to.equal(null);
    });

    for (const revision of [0, 1, 3]) {
      it(`refuses revision ${revision} over revision 1 (D1)`, async () => {
        const { save, get, destination } = await setup();

        expect(await endOf(save({ ...destination, revision, method: "PUT" }))).to.equal("stale_revision");

        expect(await get(destination.id)).to.deep.equal(destination);
      });
    }

    it("takes one of ten that are saved over the same revision, and none that was never added (D1)", async () => {
      const { save, destination } = await setup();

      const ends = await Promise.all(
        Array.from({ length: 10 }, () => endOf(save({ ...destination, revision: 2, method: "PUT" }))),
      );

      expect(ends.filter((end) => end === "done")).to.have.length(1);
      expect(ends.filter((end) => end === "stale_revision")).to.have.length(9);
      expect(await endOf(save(aDestination({ revision: 2 })))).to.equal("stale_revision");
    });

    describe("those made from a schedule's URL", () => {
      const headers = { "x-tenant": "7", accept: "text/plain" };

      it("are found by equal URL, method and headers, in whatever order these stand (D2)", async () => {
        const { addDestination, findInline } = await setup();
        const made = await addDestination({ inline: true, headers });

        const same = { ...made, id: anId(), headers: { accept: "text/plain", "x-tenant": "7" } };

        expect(await findInline(same)).to.deep.equal(made);
      });

      const others: Readonly<Record<string, Partial<Destination>>> = {
        "another URL": { url: "https://receiver.example/other" },
        "another method": { method: "PUT" },
        "another kind": { kind: "queue" },
        "another header": { headers: { ...headers, "x-tenant": "8" } },
        "one header more": { headers: { ...headers, "x-more": "1" } },
        "no headers": { headers: {} },
      };
      for (const [what, other] of Object.entries(others)) {
        it(`are not found by ${what} (D2)`, async () => {
          const { addDestination, findInline } = await setup();
          const made = await addDestination({ inline: true, headers });

          expect(await findInline({ ...made, ...other })).to.equal(null);
        });
      }

      it("are found whichever of two equal ones is enabled (D2)", async () => {
        const { addDestination, findInline, save } = await setup();
        const first = await addDestination({ inline: true, headers });
        await save({ ...first, enabled: false, revision: 2 });
        const second = await addDestination({ inline: true, headers, url: first.url });
        await save({ ...first, enabled: true, revision: 3 });
        await save({ ...second, enabled: false, revision: 2 });

        expect((await findInline(first))?.id).to.equal(first.id);
      });

      it("are told from those made by themselves (D2)", async () => {
        const { findInline, destination } = await setup();

        expect(await findInline(destination)).to.equal(null);
      });

      it("are one for all schedules, however many are created at the same moment (D2)", async () => {
        const { change, list } = await setup();
        const like = aDestination({ inline: true, headers });
        const findOrAdd = () =>
          change(async ({ destinations }) => {
            const found = await destinations.findInline(like);
            if (found === null) await destinations.add({ ...like, id: anId() });
          });

        await Promise.all(Array.from({ length: 10 }, () => endOf(findOrAdd())));

        expect(await list()).to.have.length(2);
      });
    });

    it("knows nothing of what can be no id", async () => {
      const { change } = await setup();

      const found = await change(async ({ destinations }) => {
        await destinations.remove("no-id");
        return destinations.get("no-id");
      });

      expect(found).to.equal(null);
    });

    describe("removing", () => {
      it("removes what no schedule uses", async () => {
        const { addDestination, remove, get, findInline, list, destination } = await setup();
        const unused = await addDestination({ inline: true });

        await remove(unused.id);
        await remove(anId());

        expect([await get(unused.id), await findInline(unused)]).to.deep.equal([null, null]);
        expect(await list()).to.deep.equal([destination.id]);
      });

      for (const status of ["active", "paused"] as const) {
        it(`keeps what a schedule uses that is ${status} (D3)`, async () => {
          const { remove, edit, get, destination } = await setup();
          await edit({ status });

          expect(await endOf(remove(destination.id))).to.equal("destination_in_use");

          expect(await get(destination.id)).to.deep.equal(destination);
        });
      }

      for (const callback of ["onSuccess", "onFailure"] as const) {
        it(`keeps what a schedule tells of its events, until it is deleted: ${callback} (D3)`, async () => {
          const { remove, edit, get, addDestination } = await setup();
          const { id } = await addDestination();
          await edit({ [callback]: id });

          expect(await endOf(remove(id))).to.equal("destination_in_use");

          await edit({ status: "deleted" });
          await remove(id);
          expect(await get(id)).to.equal(null);
        });
      }

      it("removes what only a deleted schedule used", async () => {
        const { remove, edit, get, destination } = await setup();
        await edit({ status: "deleted" });

        await remove(destination.id);

        expect(await get(destination.id)).to.equal(null);
      });

      it("removes a destination or gives it to a schedule, not both (D3)", async () => {
        const { change, addDestination, remove, get } = await setup();
        for (let round = 0; round < 10; round++) {
          const { id } = await addDestination();
          const schedule = aSchedule({ destinationId: id });
          const use = change(async ({ destinations, schedules }) => {
            if ((await destinations.get(id)) !== null) await schedules.add([schedule]);
          });

          await Promise.all([endOf(use), endOf(remove(id))]);

          const used = (await change(({ schedules }) => schedules.get(schedule.id))) !== null;
          expect((await get(id)) !== null, "there, if it is used").to.equal(used);
        }
      });
    });

    it("lists in the order of ids, each once, whatever is written meanwhile (D4)", async () => {
      const { change, list, destination, save, remove, addDestination } = await setup();
      const more = Array.from({ length: 4 }, () => aDestination());
      await change(async ({ destinations }) => {
        for (const index of [2, 0, 3, 1]) await destinations.add(there(more[index]));
      });

      const first = await list({ limit: 3 });
      await save({ ...destination, revision: 2 });
      await remove(there(more[2]).id);
      const added = await addDestination();
      const rest = await list({ limit: 3, after: there(first.at(-1)) });

      expect(first).to.deep.equal(idsOf([destination, ...more]).slice(0, 3));
      expect(rest).to.deep.equal([more[3]?.id, added.id]);
    });
  });
}
