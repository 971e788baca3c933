import { expect } from "chai";
import type { KeptReply } from "../ports/idempotency-keys.js";
import { DAY, MINUTE } from "../recurrence/wall.js";
import { aSchedule } from "./fixtures.js";
import type { StoreHarness } from "./store-harness.js";
import { headStart, openScene, there, thrownBy } from "./store-scene.js";

/** The promises of `ports/idempotency-keys.ts`. */
export function describeIdempotencyKeys(harness: StoreHarness): void {
  describe(`${harness.name} as IdempotencyKeys`, () => {
    const setup = async () => {
      const scene = await openScene(harness);
      const { store, change, at, destination } = scene;
      const aReply = (given: Partial<KeptReply> = {}): KeptReply => ({
        ...{ key: "order-1", fingerprint: "POST /v1/schedules 1", status: 201 },
        ...{ headers: { location: "/v1/schedules/1" }, body: '{ "id": 1.0 }', expiresAt: at(DAY), ...given },
      });
      const get = (key = "order-1", tenant?: string) =>
        tenant === undefined
          ? change(({ idempotency }) => idempotency.get(key))
          : store.unitOfWork.run(tenant, ({ idempotency }) => idempotency.get(key));
      const add = (given: Partial<KeptReply> = {}, tenant?: string) =>
        tenant === undefined
          ? change(({ idempotency }) => idempotency.add(aReply(given)))
          : store.unitOfWork.run(tenant, ({ idempotency }) => idempotency.add(aReply(given)));
      /** What a request does: answers what is kept, or else makes a schedule and keeps its own answer. */
      const request = (name: string, between: () => Promise<void> = async () => undefined) =>
        change(async ({ idempotency, schedules }) => {
          const kept = await idempotency.get("order-1");
          await between();
          if (kept !== null) return kept.body;
          await schedules.add([aSchedule({ destinationId: destination.id, labels: { made: "by request" } })]);
          await idempotency.add(aReply({ body: name }));
          return name;
        });
      const effects = async () =>
        (await change(({ schedules }) => schedules.list({ limit: 100, labels: { made: "by request" } }))).length;
      return { ...scene, aReply, get, add, request, effects };
    };

    afterEach(() => harness.close());

    it("gives a reply back as it was added (R2)", async () => {
      const { get, add, aReply } = await setup();
      const odd: Partial<KeptReply> = {
        ...{ key: "odd", fingerprint: "", status: 599 },
        headers: { "x-note": 'a "b" \\ ü', etag: '"1"' },
        body: `\0 \ud800 ${"ä€😀\n".repeat(20_000)}`,
      };
      const empty: Partial<KeptReply> = { key: "empty", status: 204, headers: {}, body: "" };

      await add();
      await add(odd);
      await add(empty);

      expect(await get()).to.deep.equal(aReply());
      expect(await get("odd")).to.deep.equal(aReply(odd));
      expect(await get("empty")).to.deep.equal(aReply(empty));
      expect(await get("order-2")).to.equal(null);
    });

    it("finds within a transaction what it has added (R2)", async () => {
      const { change, aReply } = await setup();

      const found = await change(async ({ idempotency }) => {
        await idempotency.add(aReply());
        return idempotency.get("order-1");
      });

      expect(found).to.deep.equal(aReply());
    });

    it("keeps a key to its tenant (R1)", async () => {
      const { get, add } = await setup();
      await add({ body: "ours" });
      const before = await get(undefined, "stranger");
      await add({ body: "theirs" }, "stranger");

      expect(before).to.equal(null);
      expect([(await get())?.body, (await get(undefined, "stranger"))?.body]).to.deep.equal(["ours", "theirs"]);
    });

    it("keeps no reply whose effect was undone (R2)", async () => {
      const { change, get, aReply, request, effects } = await setup();

      await thrownBy(
        change(async ({ idempotency }) => {
          await idempotency.add(aReply());
          throw new Error("changed my mind");
        }),
      );
      const undone = await get();
      const answer = await request("again");

      expect(undone).to.equal(null);
      expect([answer, (await get())?.body, await effects()]).to.deep.equal(["again", "again", 1]);
    });

    it("keeps none that was undone in the place of one that had expired (R2)", async () => {
      const { change, add, get, aReply, at, advance } = await setup();
      await add({ expiresAt: at(MINUTE) });
      await advance(2 * MINUTE);

      await thrownBy(
        change(async ({ idempotency }) => {
          await idempotency.add(aReply({ body: "undone" }));
          throw new Error("changed my mind");
        }),
      );

      expect(await get()).to.equal(null);
    });

    for (const [what, expired] of [
      ["a new key", false],
      ["a key that has expired", true],
    ] as const) {
      const begin = async () => {
        const scene = await setup();
        if (expired) await scene.add({ expiresAt: scene.at(MINUTE), body: "old" });
        await scene.advance(2 * MINUTE);
        return scene;
      };

      it(`has one effect of twenty requests at once with ${what} (R3)`, async () => {
        const { request, effects, get } = await begin();

        const answers = await Promise.all(Array.from({ length: 20 }, (_, turn) => request(`request ${turn}`)));

        expect(await effects()).to.equal(1);
        expect(new Set(answers)).to.deep.equal(new Set([(await get())?.body]));
      });

      it(`runs again who has not found ${what} that another is adding (R3)`, async () => {
        const { store, request, effects, get } = await begin();
        let other: Promise<string> | undefined;

        const answer = await request("the first", async () => {
          other ??= request("the second");
          other.catch(() => undefined); // it is awaited below, if the first comes so far
          await headStart(store);
        });

        expect(await effects()).to.equal(1);
        expect([answer, await other]).to.deep.equal([(await get())?.body, (await get())?.body]);
      });
    }

    it("refuses a key that is there (R3)", async () => {
      const { add, get, aReply, change } = await setup();
      await add();

      const later = await thrownBy(add({ body: "another" }));
      const twice = await thrownBy(
        change(async ({ idempotency }) => {
          await idempotency.add(aReply({ key: "order-2" }));
          await idempotency.add(aReply({ key: "order-2" }));
        }),
      );

      expect([later, twice]).to.satisfy((errors: unknown[]) => errors.every((error) => error instanceof Error));
      expect(await get()).to.deep.equal(aReply());
      expect(await get("order-2")).to.equal(null);
    });

    it("does not find what has expired, and lets it be added anew (R4)", async () => {
      const { add, get, aReply, at, advance } = await setup();
      await add({ expiresAt: at(10 * MINUTE) });
      await advance(5 * MINUTE);
      const before = await get();
      await advance(5 * MINUTE);
      const after = await get();
      const anew = { fingerprint: "another", status: 200, headers: {}, body: "anew" };

      await add(anew);

      expect([before !== null, after]).to.deep.equal([true, null]);
      expect(await get()).to.deep.equal(aReply(anew));
    });

    it("has a reply expire at the very instant that it names (R4)", async () => {
      const { change, aReply } = await setup();

      const found = await change(async ({ idempotency, now }) => {
        const inMs = async (ms: number) => {
          await idempotency.add(aReply({ expiresAt: new Date(now.getTime() + ms), body: `${ms}` }));
          return (await idempotency.get("order-1"))?.body ?? null;
        };
        return [await inMs(-1), await inMs(0), await inMs(1)];
      });

      expect(found).to.deep.equal([null, null, "1"]);
    });

    it("tells keys from each other, character by character (R5)", async () => {
      const { add, get } = await setup();
      const long = "x".repeat(254);
      const keys = [
        ...["", " ", "a", "A", "a ", " a", "ä", "a\u0308", "1", "01", "%", "_", "a'b", "a\\b", "a\nb", "😀"],
        ...["__proto__", "null", `${long}y`, `${long}z`, "😀".repeat(127), "\u{10ffff}", "\uffff", "\ufffd"],
      ];

      for (const key of keys) await add({ key, body: `reply to ${key}` });

      for (const key of keys) expect(there(await get(key))).to.include({ key, body: `reply to ${key}` });
    });

    for (const [what, key] of [
      ["a NUL", "order\0 1"],
      ["half a character", "order \ud800"],
      ["256 characters", "x".repeat(256)],
    ] as const) {
      it(`has no key with ${what} (R5)`, async () => {
        const { add, get } = await setup();
        const before = await get(key);

        const refused = await thrownBy(add({ key }));

        expect([before, await get(key)]).to.deep.equal([null, null]);
        expect(refused).to.be.instanceOf(Error);
        expect(await get(key.toWellFormed()), "none like it either").to.equal(null);
      });
    }
  });
}
