import { expect } from "chai";
import { redriven } from "../events/life-cycle.js";
import type { User } from "../users/user.js";
import { anAttempt, anId, aUser } from "./fixtures.js";
import type { StoreHarness } from "./store-harness.js";
import { endOf, idsOf, openScene, there } from "./store-scene.js";

/** The promises of `ports/user-store.ts`. */
export function describeUserStore(harness: StoreHarness): void {
  describe(`${harness.name} as a UserStore`, () => {
    const setup = async () => {
      const scene = await openScene(harness);
      const { change, addSchedule } = scene;
      /** A user, with the birthday schedule that each one has. */
      const addUser = async (given: Partial<User> = {}) => {
        const user = aUser({ scheduleId: anId(), ...given });
        await addSchedule({ id: user.scheduleId, userId: user.id });
        await change(({ users }) => users.add(user));
        return user;
      };
      return {
        ...{ ...scene, addUser },
        get: (id: string) => change(({ users }) => users.get(id)),
        save: (user: User) => change(({ users }) => users.save(user)),
        remove: (id: string) => change(({ users }) => users.remove(id)),
        list: async (query: { limit: number; after?: string } = { limit: 100 }) =>
          idsOf(await change(({ users }) => users.list(query))),
      };
    };

    afterEach(() => harness.close());

    it("gives back who was added, and who was saved", async () => {
      const { addUser, get, save, at } = await setup();
      const added = await addUser({ firstName: "Zoë", lastName: "O'Neill {{x}}", dateOfBirth: "1904-02-29" });
      const saved = { ...added, firstName: "Ζωή", timezone: "Pacific/Apia", revision: 2, updatedAt: at(0) };

      expect(await get(added.id)).to.deep.equal(added);
      await save(saved);
      expect(await get(added.id)).to.deep.equal(saved);
      expect(await get(anId())).to.equal(null);
    });

    for (const revision of [0, 1, 3]) {
      it(`refuses revision ${revision} over revision 1 (V1)`, async () => {
        const { addUser, save, get } = await setup();
        const user = await addUser();

        expect(await endOf(save({ ...user, revision, firstName: "Eve" }))).to.equal("stale_revision");

        expect(await get(user.id)).to.deep.equal(user);
      });
    }

    it("takes one of ten that are saved over the same revision, and nobody who was never added (V1)", async () => {
      const { addUser, save } = await setup();
      const user = await addUser();

      const ends = await Promise.all(
        Array.from({ length: 10 }, () => endOf(save({ ...user, revision: 2, firstName: "Eve" }))),
      );

      expect(ends.filter((end) => end === "done")).to.have.length(1);
      expect(ends.filter((end) => end === "stale_revision")).to.have.length(9);
      expect(await endOf(save({ ...user, id: anId(), revision: 2 }))).to.equal("stale_revision");
    });

    it("forgets who is removed (V2)", async () => {
      const { addUser, get, save, remove, list } = await setup();
      const [gone, other] = [await addUser(), await addUser()];

      await remove(gone.id);
      await remove(anId());

      expect(await get(gone.id)).to.equal(null);
      expect(await list()).to.deep.equal([other.id]);
      expect(await endOf(save({ ...gone, revision: 2 }))).to.equal("stale_revision");
    });

    it("forgets what was sent before a redrive about who is removed (V2)", async () => {
      const { addUser, remove, change, begun, finish, replace, sentBefore } = await setup();
      const user = await addUser({ firstName: "Ada" });
      const schedule = there(await change(({ schedules }) => schedules.get(user.scheduleId)));
      const { claim, event, ...one } = await begun(schedule);
      await finish(claim, { state: "FAILED", reason: "rejected" }, anAttempt({ claim, event, ...one }));
      await replace(event.id, redriven);
      const names = async () => [...(await sentBefore(event.id)).values()].map(({ subject }) => subject?.firstName);
      expect(await names()).to.deep.equal(["Ada"]);

      await remove(user.id);

      expect(await names()).to.deep.equal([undefined]);
    });

    it("forgets what was sent about who is removed (V2)", async () => {
      const { addUser, remove, change, begun, finish } = await setup();
      const user = await addUser({ firstName: "Ada" });
      const schedule = there(await change(({ schedules }) => schedules.get(user.scheduleId)));
      const sent = await begun(schedule);
      await finish(sent.claim, { state: "COMPLETED" }, anAttempt(sent));

      await remove(user.id);

      const content = await change(async ({ events }) => (await events.get(sent.event.id))?.content);
      expect(sent.event.content?.subject?.firstName).to.equal("Ada");
      expect(content?.subject ?? null).to.equal(null);
    });

    it("lists in the order of ids, each once, whatever is written meanwhile", async () => {
      const { addUser, save, remove, list } = await setup();
      const ids = Array.from({ length: 5 }, () => anId());
      const users: User[] = [];
      for (const index of [2, 0, 4, 3, 1]) users.push(await addUser({ id: there(ids[index]) }));

      const first = await list({ limit: 3 });
      await save({ ...there(users[1]), revision: 2 });
      await remove(there(ids[3]));
      const { id: added } = await addUser();
      const rest = await list({ limit: 3, after: there(first.at(-1)) });

      expect(first).to.deep.equal(ids.slice(0, 3));
      expect(rest).to.deep.equal([ids[4], added]);
    });
  });
}
