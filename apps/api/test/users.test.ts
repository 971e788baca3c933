import { expect } from "chai";
import { type Ask, type Desk, desk, idIn, itemsIn, operationOf } from "./support/desk.js";
import { problemsIn, refusalIn, URL_OF_RECEIVER } from "./support/desk.js";
import { workerOf } from "./support/worker.js";

const ada = { firstName: "Ada", lastName: "Lovelace", dateOfBirth: "1990-12-10", timezone: "Europe/London" };
const NOT_THERE = "00000000-0000-7000-8000-00000000dead";

/** The two ways to the same users. */
const WAYS = [
  {
    path: "/v1/users",
    routes: { create: "createUser", get: "getUser", change: "changeUser", remove: "deleteUser" },
    any: { "if-match": "*" },
  },
  {
    path: "/user",
    routes: { create: "postUser", get: "getUserOriginal", change: "putUser", remove: "deleteUserOriginal" },
    any: {},
  },
] as const;

describe("users over HTTP", () => {
  let one: Desk;
  beforeEach(async () => {
    one = await desk();
    one.sender.listen(URL_OF_RECEIVER, () => ({ status: 200 }));
  });
  afterEach(async () => {
    await one.close();
    expect(one.troubles).to.deep.equal([]);
  });

  const ask = (operation: string, options: Ask = {}) => one.ask(operationOf(operation), options);
  const scheduleOf = async (userId: string) => {
    const { json } = await ask("getUser", { params: { id: userId } });
    return json.scheduleId as string;
  };
  const eventsOf = async (scheduleId: string) => itemsIn(await ask("listEvents", { query: { scheduleId } }));
  const nextOf = async (userId: string) => {
    const { json } = await ask("getSchedule", { params: { id: await scheduleOf(userId) } });
    return json.nextDueAt;
  };

  for (const { path, routes, any } of WAYS) {
    describe(path, () => {
      const create = (rest: object = {}) => ask(routes.create, { body: { ...ada, ...rest } });
      const made = async (rest: object = {}) => idIn(await create(rest));
      const change = (id: string, body: unknown) => ask(routes.change, { params: { id }, body, headers: any });
      const remove = (id: string) => ask(routes.remove, { params: { id }, headers: any });
      const read = (id: string) => ask(routes.get, { params: { id } });

      describe("making one", () => {
        it("tells what was made, and where it is", async () => {
          const answer = await create();
          expect(answer.status).to.equal(201);
          const now = "2027-01-01T00:00:00.000Z";
          expect(answer.json).to.deep.include({ ...ada, revision: 1, createdAt: now, updatedAt: now });
          expect(answer.json).not.to.have.property("tenant");
          expect(answer.headers.get("etag")).to.equal('"1"');
          expect(answer.headers.get("location")).to.equal(`${path}/${idIn(answer)}`);
          const there = await one.raw("get", answer.headers.get("location") ?? "");
          expect([there.status, there.headers.get("etag")]).to.deep.equal([200, '"1"']);
          expect(there.json).to.deep.equal(answer.json);
        });

        it("makes the birthday schedule and its first event", async () => {
          const id = await made();
          const scheduleId = await scheduleOf(id);
          const { json } = await ask("getSchedule", { params: { id: scheduleId } });
          expect(json).to.deep.include({
            ...{ id: scheduleId, type: "birthday.greeting", timeZone: "Europe/London", userId: id, state: "active" },
            when: { yearly: { month: 12, day: 10, time: "09:00" } },
            nextDueAt: "2027-12-10T09:00:00.000Z",
          });
          const [event, ...more] = await eventsOf(scheduleId);
          expect(more).to.deep.equal([]);
          expect(event).to.deep.include({
            ...{ scheduleId, type: "birthday.greeting", origin: "rule", state: "PENDING", attempt: 0 },
            dueAt: "2027-12-10T09:00:00.000Z",
            local: { dateTime: "2027-12-10T09:00:00", timeZone: "Europe/London", offset: "+00:00", fold: 0 },
          });
        });

        const births: readonly (readonly [string, string, string, string])[] = [
          ["on 29 February, in a year without", "2004-02-29", "Etc/UTC", "2027-02-28T09:00:00.000Z"],
          ["today, with nine o'clock ahead", "1990-01-01", "Etc/UTC", "2027-01-01T09:00:00.000Z"],
          ["today, with nine o'clock behind", "1990-01-01", "Pacific/Kiritimati", "2027-12-31T19:00:00.000Z"],
          ["yesterday's date, where it is still yesterday", "1990-12-31", "Pacific/Midway", "2027-12-31T20:00:00.000Z"],
          ["in summer", "1990-07-01", "America/New_York", "2027-07-01T13:00:00.000Z"],
        ];
        for (const [title, dateOfBirth, timezone, dueAt] of births) {
          it(`greets one who was born ${title}`, async () => {
            expect(await nextOf(await made({ dateOfBirth, timezone }))).to.equal(dueAt);
          });
        }

        it("greets one who was born on 29 February on the day itself in a leap year", async () => {
          const id = await made({ dateOfBirth: "2004-02-29", timezone: "Etc/UTC" });
          const query = { count: 3 };
          const { json } = await ask("listOccurrences", { params: { id: await scheduleOf(id) }, query });
          const items = json.items as readonly { readonly dueAt: string }[];
          expect(items.map(({ dueAt }) => dueAt.slice(0, 10))).to.deep.equal([
            "2027-02-28",
            "2028-02-29",
            "2029-02-28",
          ]);
        });

        it("is done once for an idempotency key", async () => {
          const asked = { body: ada, headers: { "idempotency-key": "k" } };
          const first = await ask(routes.create, asked);
          const second = await ask(routes.create, asked);
          expect([second.status, second.text]).to.deep.equal([201, first.text]);
          expect([one.tables.users.size, one.tables.events.size]).to.deep.equal([1, 1]);
        });

        it("takes names as people have them", async () => {
          const names = { firstName: "Zoë 李 👩‍🚀", lastName: 'O\'Brien-"X" {{userId}} <b>' };
          expect((await read(await made(names))).json).to.deep.include(names);
        });

        const wrong: readonly (readonly [object, string])[] = [
          ...["firstName", "lastName", "dateOfBirth", "timezone"].flatMap((name): [object, string][] => [
            [{ [name]: undefined }, `/${name} required`],
            [{ [name]: null }, `/${name} not_text`],
            [{ [name]: 7 }, `/${name} not_text`],
            [{ [name]: "" }, `/${name} empty`],
            [{ [name]: "   " }, `/${name} empty`],
          ]),
          [{ firstName: "x".repeat(101) }, "/firstName too_long"],
          [{ lastName: "a\u0000b" }, "/lastName control_characters"],
          [{ lastName: "\ud800" }, "/lastName control_characters"],
          [{ timezone: "Mars/Olympus" }, "/timezone unknown_zone"],
          [{ timezone: "+02:00" }, "/timezone unknown_zone"],
          [{ timezone: "../etc/passwd" }, "/timezone unknown_zone"],
          [{ timezone: "x".repeat(65) }, "/timezone too_long"],
          [{ dateOfBirth: "1990-02-31" }, "/dateOfBirth not_a_date"],
          [{ dateOfBirth: "2001-02-29" }, "/dateOfBirth not_a_date"],
          [{ dateOfBirth: "10.12.1990" }, "/dateOfBirth not_a_date"],
          [{ dateOfBirth: "1990-12-10T00:00:00Z" }, "/dateOfBirth not_a_date"],
          [{ dateOfBirth: "1899-12-31" }, "/dateOfBirth not_a_date"],
          [{ dateOfBirth: "2027-01-03" }, "/dateOfBirth in_the_future"],
          [{ dateOfBirth: "9999-01-01" }, "/dateOfBirth in_the_future"],
          [{ email: "ada@example.com" }, "/email unknown_field"],
          [{ id: NOT_THERE }, "/id unknown_field"],
          [{ tenant: "other" }, "/tenant unknown_field"],
        ];
        for (const [body, problem] of wrong) {
          const said = JSON.stringify(body, (_, value: unknown) => value ?? null).slice(0, 50);
          it(`refuses ${said}: ${problem}`, async () => {
            const answer = await create(body);
            expect([answer.status, ...problemsIn(answer)]).to.deep.equal([422, problem]);
            expect([one.tables.users.size, one.tables.schedules.size, one.tables.events.size]).to.eql([0, 0, 0]);
          });
        }

        it("tells all that is wrong in one answer", async () => {
          const body = { firstName: " ", lastName: 7, dateOfBirth: "1990-02-31", timezone: "Mars/Olympus", age: 36 };
          const answer = await ask(routes.create, { body });
          expect([...problemsIn(answer)].sort()).to.deep.equal([
            "/age unknown_field",
            "/dateOfBirth not_a_date",
            "/firstName empty",
            "/lastName not_text",
            "/timezone unknown_zone",
          ]);
        });
      });

      describe("changing one", () => {
        it("takes some fields only, and leaves the rest", async () => {
          const id = await made();
          one.clock.advance(60_000);
          const { status, json, headers } = await change(id, { lastName: "King" });
          const updatedAt = "2027-01-01T00:01:00.000Z";
          expect([status, headers.get("etag")]).to.deep.equal([200, '"2"']);
          expect(json).to.deep.include({ ...ada, lastName: "King", revision: 2, updatedAt });
          expect((await read(id)).json).to.deep.equal(json);
          expect(await nextOf(id)).to.equal("2027-12-10T09:00:00.000Z");
        });

        it("moves the next event at once with the zone", async () => {
          const id = await made();
          await change(id, { timezone: "Asia/Tokyo" });
          expect(await nextOf(id)).to.equal("2027-12-10T00:00:00.000Z");
          const events = await eventsOf(await scheduleOf(id));
          const open = events.filter(({ state }) => state === "PENDING");
          expect(open.map(({ dueAt, local }) => [dueAt, (local as { timeZone: string }).timeZone])).to.deep.equal([
            ["2027-12-10T00:00:00.000Z", "Asia/Tokyo"],
          ]);
        });

        it("moves it with the date of birth", async () => {
          const id = await made();
          await change(id, { dateOfBirth: "1990-03-14" });
          expect(await nextOf(id)).to.equal("2027-03-14T09:00:00.000Z");
          const { json } = await ask("getSchedule", { params: { id: await scheduleOf(id) } });
          expect(json.when).to.deep.equal({ yearly: { month: 3, day: 14, time: "09:00" } });
        });

        it("has a new name in the next greeting", async () => {
          const id = await made({ dateOfBirth: "1990-01-05" });
          await change(id, { firstName: "Augusta" });
          await workerOf(one).until("2027-01-06T00:00:00Z");
          const bodies = one.sender.received.map(
            ({ request }) => JSON.parse(request.body) as { readonly data: object },
          );
          expect(bodies.map(({ data }) => data)).to.deep.equal([
            { userId: id, message: "Hey, Augusta Lovelace it's your birthday" },
          ]);
        });

        it("takes nothing to change, too", async () => {
          expect((await change(await made(), {})).json).to.deep.include(ada);
        });

        const wrong: readonly (readonly [unknown, string])[] = [
          [{ firstName: null }, "/firstName not_text"],
          [{ firstName: " " }, "/firstName empty"],
          [{ lastName: "" }, "/lastName empty"],
          [{ timezone: "Mars/Olympus" }, "/timezone unknown_zone"],
          [{ dateOfBirth: "1990-02-31" }, "/dateOfBirth not_a_date"],
          [{ dateOfBirth: "2027-01-03" }, "/dateOfBirth in_the_future"],
          [{ scheduleId: NOT_THERE }, "/scheduleId unknown_field"],
          [{ revision: 9 }, "/revision unknown_field"],
          [["firstName"], " not_an_object"],
        ];
        for (const [body, problem] of wrong) {
          it(`refuses ${JSON.stringify(body)}: ${problem}`, async () => {
            const id = await made();
            const answer = await change(id, body);
            expect([answer.status, ...problemsIn(answer)]).to.deep.equal([422, problem]);
            expect((await read(id)).json).to.deep.include({ ...ada, revision: 1 });
          });
        }
      });

      describe("removing one", () => {
        it("ends the schedule and cancels its events; then there is nothing", async () => {
          const id = await made();
          const scheduleId = await scheduleOf(id);
          const { status, text } = await remove(id);
          expect([status, text]).to.deep.equal([204, ""]);

          expect((await ask("getSchedule", { params: { id: scheduleId } })).status).to.equal(404);
          const [event, ...more] = await eventsOf(scheduleId);
          expect(more).to.deep.equal([]);
          expect(event).to.deep.include({ state: "CANCELLED", reason: "schedule_deleted" });
          expect(itemsIn(await ask("listUsers"))).to.deep.equal([]);
          for (const way of WAYS) {
            const params = { id };
            const headers = way.any;
            expect(refusalIn(await ask(way.routes.get, { params }))).to.deep.equal([404, "user_not_found"]);
            const changed = await ask(way.routes.change, { params, headers, body: { firstName: "X" } });
            expect(refusalIn(changed)).to.deep.equal([404, "user_not_found"]);
            expect(refusalIn(await ask(way.routes.remove, { params, headers }))).to.deep.equal([404, "user_not_found"]);
          }
        });

        it("is done also while a greeting is under way, which ends in its own way", async () => {
          one.sender.listen(URL_OF_RECEIVER, () => ({ status: 200, afterMs: 1_000 }));
          const id = await made({ dateOfBirth: "1990-01-05", timezone: "Etc/UTC" });
          const scheduleId = await scheduleOf(id);
          const worker = workerOf(one);
          one.clock.advanceTo(new Date("2027-01-05T09:00:00Z"));
          await worker.begin();
          expect((await remove(id)).status).to.equal(204);
          await worker.settle();
          const states = (await eventsOf(scheduleId)).map(({ state }) => state);
          expect(states).to.deep.equal(["COMPLETED", "CANCELLED"]);
        });
      });

      it("knows none that is not there: 404", async () => {
        for (const id of [NOT_THERE, "7", "a\u0000b"]) {
          expect(refusalIn(await read(id))).to.deep.equal([404, "user_not_found"]);
          expect(refusalIn(await change(id, { firstName: "X" }))).to.deep.equal([404, "user_not_found"]);
          expect(refusalIn(await remove(id))).to.deep.equal([404, "user_not_found"]);
        }
      });
    });
  }

  it("has one user behind both ways", async () => {
    const id = idIn(await ask("postUser", { body: ada }));
    const { text } = await ask("getUser", { params: { id } });
    expect((await ask("getUserOriginal", { params: { id } })).text).to.equal(text);
  });

  describe("which revision was seen", () => {
    it("is asked for under /v1", async () => {
      const params = { id: idIn(await ask("createUser", { body: ada })) };
      const body = { firstName: "Augusta" };
      for (const operation of ["changeUser", "deleteUser"]) {
        const asked = { params, ...(operation === "changeUser" && { body }) };
        expect(refusalIn(await ask(operation, asked)), operation).to.deep.equal([428, "if_match_required"]);
        const stale = await ask(operation, { ...asked, headers: { "if-match": '"2"' } });
        expect(refusalIn(stale), operation).to.deep.equal([412, "stale_revision"]);
      }
      expect((await ask("changeUser", { params, body, headers: { "if-match": '"1"' } })).status).to.equal(200);
      expect((await ask("deleteUser", { params, headers: { "if-match": '"1"' } })).status).to.equal(412);
      expect((await ask("deleteUser", { params, headers: { "if-match": '"2"' } })).status).to.equal(204);
    });

    it("does not matter under /user, where nobody ever asked", async () => {
      const params = { id: idIn(await ask("postUser", { body: ada })) };
      const headers = { "if-match": '"999"' };
      expect((await ask("putUser", { params, headers, body: { firstName: "Augusta" } })).status).to.equal(200);
      expect((await ask("deleteUserOriginal", { params, headers })).status).to.equal(204);
    });
  });

  it("keeps the birthday schedule with its user: belongs_to_user", async () => {
    const id = idIn(await ask("createUser", { body: ada }));
    const asked = { params: { id: await scheduleOf(id) }, headers: { "if-match": "*" } };
    expect(refusalIn(await ask("deleteSchedule", asked))).to.deep.equal([409, "belongs_to_user"]);
  });

  it("lists all in pages, each once", async () => {
    const ids: string[] = [];
    for (const firstName of ["A", "B", "C", "D", "E"]) {
      ids.push(idIn(await ask("createUser", { body: { ...ada, firstName } })));
    }
    for (const limit of [1, 2, 5]) {
      const seen: unknown[] = [];
      for (let cursor: unknown = undefined, pages = 0; pages === 0 || cursor !== undefined; pages++) {
        const page = await ask("listUsers", { query: { limit, ...(typeof cursor === "string" && { cursor }) } });
        expect(itemsIn(page).length).to.be.within(1, limit);
        seen.push(...itemsIn(page).map(({ id }) => id));
        cursor = page.json.nextCursor;
      }
      expect(seen).to.deep.equal(ids);
    }
  });
});
