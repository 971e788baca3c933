import { expect } from "chai";
import { ROLES } from "../src/index.js";
import { contract, type Operation } from "../src/contract/index.js";
import { daily, type Desk, desk, idIn, operationOf } from "./support/desk.js";

/** Every route, every role, ours and another tenant: from the contract, so that no route is forgotten. */
describe("who may do what", () => {
  let one: Desk;
  let ids: Readonly<Record<"schedule" | "event" | "destination" | "user", string>>;

  before(async () => {
    one = await desk();
    const schedule = idIn(await one.ask(operationOf("createSchedule"), { body: daily }));
    const user = await one.ask(operationOf("createUser"), {
      body: { firstName: "Ada", lastName: "L", dateOfBirth: "1990-12-10", timezone: "Europe/London" },
    });
    const destination = idIn(await one.ask(operationOf("createDestination"), { body: daily.destination }));
    const event = [...one.tables.events.values()].find(({ scheduleId }) => scheduleId === schedule)?.id ?? "";
    ids = { schedule, event, destination, user: idIn(user) };
  });
  after(() => one.close());

  const idFor = ({ path, method }: Operation) => {
    // It asks for no revision: whoever may would do it.
    if (path.startsWith("/user") && method === "delete") return "nobody";
    if (path.includes("/schedules")) return ids.schedule;
    if (path.includes("/events")) return ids.event;
    return path.includes("/destinations") ? ids.destination : ids.user;
  };
  const askAs = (operation: Operation, as: string | null) =>
    one.ask(operation, {
      as,
      params: { id: idFor(operation), key: "k" },
      headers: operation.ifMatch ? { "if-match": '"999"' } : {},
      // No body is right: who may not is told so before that is seen.
      ...(operation.body !== undefined && { body: { nothing: "like this" } }),
    });

  for (const operation of contract) {
    const { id, access } = operation;
    if (access === "anybody") {
      it(`${id} is for anybody`, async () => {
        expect((await askAs(operation, null)).status).not.to.be.oneOf([401, 403]);
      });
      continue;
    }

    it(`${id} is for ${access.join(", ")}, and for nobody without a token`, async () => {
      const { status, headers, json } = await askAs(operation, null);
      expect([status, headers.get("www-authenticate"), json.code]).to.deep.equal([401, "Bearer", "unauthenticated"]);
      for (const role of ROLES) {
        const answer = await askAs(operation, `${role}:main:somebody`);
        if (!access.includes(role)) expect(answer.status, role).to.equal(403);
        else expect(answer.status, role).not.to.be.oneOf([401, 403]);
      }
    });

    if (operation.path.includes("{id}")) {
      it(`${id} tells another tenant nothing`, async () => {
        const before = JSON.stringify([...one.tables.schedules.values(), ...one.tables.events.values()]);
        const headers = operation.ifMatch ? { "if-match": "*" } : {};
        const body = BODIES[id] ?? {};
        const { status, text } = await one.ask(operation, {
          ...{ as: "admin:other:eve", params: { id: idFor(operation) }, headers },
          ...(operation.body !== undefined && { body }),
        });
        expect(status, text).to.equal(404);
        expect(JSON.stringify([...one.tables.schedules.values(), ...one.tables.events.values()])).to.equal(before);
      });
    }
  }

  const BODIES: Readonly<Record<string, object>> = {
    rescheduleEvent: { at: "2027-02-01T09:00:00" },
    changeSchedule: { type: "other" },
    changeDestination: { ratePerSecond: 1 },
    changeUser: { firstName: "Eve" },
    putUser: { firstName: "Eve" },
  };

  it("a list has nothing of another tenant", async () => {
    for (const id of ["listSchedules", "listEvents", "listDestinations", "listUsers"]) {
      expect((await one.ask(operationOf(id), { as: "admin:other:eve" })).json, id).to.deep.equal({ items: [] });
      expect((await one.ask(operationOf(id))).json.items, id).to.have.length.above(0);
    }
  });

  describe("a user", () => {
    const readable = async (operation: string, id: string, subject: string) =>
      (await one.ask(operationOf(operation), { params: { id }, as: `user:main:${subject}` })).status;

    it("reads itself, and no other", async () => {
      for (const operation of ["getUser", "getUserOriginal"]) {
        expect(await readable(operation, ids.user, ids.user)).to.equal(200);
        expect(await readable(operation, ids.user, "somebody")).to.equal(404);
      }
    });

    it("reads its own birthday schedule with what it will do, and no other", async () => {
      const birthday = one.tables.users.get(ids.user)?.scheduleId ?? "";
      for (const operation of ["getSchedule", "listOccurrences"]) {
        expect(await readable(operation, birthday, ids.user)).to.equal(200);
        expect(await readable(operation, birthday, "somebody")).to.equal(404);
        expect(await readable(operation, ids.schedule, ids.user)).to.equal(404);
      }
    });

    it("reads its own events, and no other", async () => {
      const own = [...one.tables.events.values()].find(({ scheduleId }) => scheduleId !== ids.schedule)?.id ?? "";
      expect(await readable("getEvent", own, ids.user)).to.equal(200);
      expect(await readable("getEvent", own, "somebody")).to.equal(404);
      expect(await readable("getEvent", ids.event, ids.user)).to.equal(404);
    });

    it("changes and removes itself, and no other", async () => {
      const asked = { params: { id: ids.user }, headers: { "if-match": "*" } };
      const change = (subject: string) =>
        one.ask(operationOf("changeUser"), { ...asked, body: { firstName: "Countess" }, as: `user:main:${subject}` });
      expect((await change("somebody")).status).to.equal(404);
      expect((await change(ids.user)).json.firstName).to.equal("Countess");
      const remove = (subject: string) => one.ask(operationOf("deleteUser"), { ...asked, as: `user:main:${subject}` });
      expect((await remove("somebody")).status).to.equal(404);
      expect((await remove(ids.user)).status).to.equal(204);
    });
  });
});
