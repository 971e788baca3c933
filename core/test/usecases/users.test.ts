import { expect } from "chai";
import { BY, codesOf, failureOf, scene, TENANT } from "./support/scene.js";

const ada = { firstName: "Ada", lastName: "Lovelace", dateOfBirth: "1990-03-14", timezone: "America/New_York" };

function setup(start = "2027-03-01T00:00:00Z") {
  const whole = scene(start);
  const { createUser, changeUser, deleteUser, tables, received } = whole;
  return {
    ...whole,
    create: (fields: Record<string, unknown> = {}) => createUser.run({ tenant: TENANT, input: { ...ada, ...fields } }),
    change: (id: string, patch: unknown, revision?: number) =>
      changeUser.run({ tenant: TENANT, id, patch, ...(revision !== undefined && { revision }) }),
    remove: (id: string) => deleteUser.run({ ...BY, id }),
    sizes: () => [tables.users.size, tables.schedules.size, tables.events.size, tables.destinations.size],
    messages: () => received().map(({ at, data }) => [at, (data as { message: string }).message]),
  };
}

describe("CreateUser", () => {
  it("makes a user, the birthday schedule and its first event (I9)", async () => {
    const { create, tables, firstOf, sizes } = setup();
    const user = await create();

    expect(sizes()).to.deep.equal([1, 1, 1, 1]);
    expect(user).to.deep.include({ ...ada, revision: 1 });
    expect(tables.schedules.get(user.scheduleId)).to.deep.include({ userId: user.id, type: "birthday.greeting" });
    expect(firstOf(user.scheduleId).dueAt.toISOString()).to.equal("2027-03-14T13:00:00.000Z");
  });

  for (const table of ["events", "users"] as const) {
    it(`makes nothing at all if its ${table} cannot be stored (W14)`, async () => {
      const { create, tables, sizes } = setup();
      const broken = new Error("The store went away");
      const { insert, putEvent } = tables;
      tables.putEvent = (event) => {
        if (table === "events") throw broken;
        putEvent.call(tables, event);
      };
      tables.insert = (rows, row) => {
        if (table === "users" && (rows as unknown) === tables.users) throw broken;
        insert.call(tables, rows, row);
      };

      expect(await failureOf(create())).to.equal(broken);
      expect(sizes()).to.deep.equal([0, 0, 0, 0]);
    });
  }

  it("greets on this very day, if nine o'clock is still to come, else next year", async () => {
    const { create, firstOf } = setup("2027-03-14T12:59:59Z");
    const early = firstOf((await create()).scheduleId);
    const late = firstOf((await create({ timezone: "Europe/London" })).scheduleId);

    expect(early.dueAt.toISOString()).to.equal("2027-03-14T13:00:00.000Z");
    expect(late.dueAt.toISOString()).to.equal("2028-03-14T09:00:00.000Z");
  });

  it("greets who was born on 29 February each year", async () => {
    const { create, up, passTo, deliveredAt } = setup("2027-01-01T00:00:00Z");
    await create({ dateOfBirth: "2000-02-29", timezone: "Etc/UTC" });
    up();
    await passTo("2029-01-01T00:00:00Z");

    expect(deliveredAt()).to.deep.equal(["2027-02-28T09:00:00.000Z", "2028-02-29T09:00:00.000Z"]);
  });

  it("greets by name whatever is in it", async () => {
    const { create, up, passTo, messages } = setup();
    await create({ firstName: 'Zoë "Z" \\ {{lastName}}', lastName: "$& 李 🎂" });
    up();
    await passTo("2027-03-15T00:00:00Z");

    expect(messages()).to.deep.equal([
      ["2027-03-14T13:00:00.000Z", 'Hey, Zoë "Z" \\ {{lastName}} $& 李 🎂 it\'s your birthday'],
    ]);
  });

  it("makes as many users as it is asked for, with one destination for all", async () => {
    const { create, sizes } = setup();
    await Promise.all(Array.from({ length: 20 }, () => create()));

    expect(sizes()).to.deep.equal([20, 20, 20, 1]);
  });

  for (const [fields, problem] of [
    [{ timezone: "local" }, "/timezone unknown_zone"],
    [{ timezone: "+01:00" }, "/timezone unknown_zone"],
    [{ dateOfBirth: "1990-02-30" }, "/dateOfBirth not_a_date"],
    [{ dateOfBirth: "2028-01-01" }, "/dateOfBirth in_the_future"],
    [{ firstName: "" }, "/firstName empty"],
    [{ lastName: undefined }, "/lastName required"],
    [{ email: "ada@example.test" }, "/email unknown_field"],
  ] as const) {
    it(`refuses ${JSON.stringify(fields)} by field and reason, and keeps nothing (W27)`, async () => {
      const { create, sizes } = setup();

      expect(await codesOf(create(fields))).to.deep.equal([problem]);
      expect(sizes()).to.deep.equal([0, 0, 0, 0]);
    });
  }
});

describe("ChangeUser", () => {
  it("moves the greeting with the date and the zone, in one transaction (W1, W15)", async () => {
    const { create, change, firstOf, tables } = setup();
    const user = await create();
    const changed = await change(user.id, { timezone: "Asia/Tokyo", dateOfBirth: "1990-04-01" });

    expect(changed).to.deep.include({ timezone: "Asia/Tokyo", dateOfBirth: "1990-04-01", revision: 2 });
    expect(firstOf(user.scheduleId).dueAt.toISOString()).to.equal("2027-04-01T00:00:00.000Z");
    expect(tables.events.size).to.equal(1);
  });

  it("changes neither user nor schedule if the greeting cannot be moved", async () => {
    const { create, change, tables, firstOf } = setup();
    const user = await create();
    const before = [tables.schedules.get(user.scheduleId), firstOf(user.scheduleId)];
    const broken = new Error("The store went away");
    tables.putSchedule = () => {
      throw broken;
    };

    expect(await failureOf(change(user.id, { timezone: "Asia/Tokyo" }))).to.equal(broken);
    expect(tables.users.get(user.id)).to.deep.equal(user);
    expect([tables.schedules.get(user.scheduleId), firstOf(user.scheduleId)]).to.deep.equal(before);
  });

  it("moves nothing for a new name, which the next greeting says (W18)", async () => {
    const { create, change, eventsOf, tables, up, passTo, messages } = setup();
    const user = await create();
    const schedule = tables.schedules.get(user.scheduleId);
    const events = eventsOf(user.scheduleId);
    await change(user.id, { firstName: "Augusta" });
    expect(tables.schedules.get(user.scheduleId)).to.deep.equal(schedule);
    expect(eventsOf(user.scheduleId)).to.deep.equal(events);
    up();
    await passTo("2027-03-15T00:00:00Z");

    expect(messages()[0]?.[1]).to.contain("Augusta");
  });

  it("leaves an attempt's retries the name that the first one said", async () => {
    const { create, change, answer, up, passTo, pass, messages } = setup();
    const user = await create();
    answer((times) => ({ status: times === 1 ? 503 : 200 }));
    up();
    await passTo("2027-03-14T13:00:00Z");
    await pass(100);
    await change(user.id, { firstName: "Augusta" });
    await passTo("2028-03-15T00:00:00Z");

    expect(messages().map(([, message]) => message?.slice(5, 12))).to.deep.equal(["Ada Lov", "Ada Lov", "Augusta"]);
  });

  for (const [there, back, greetings] of [
    ["America/Los_Angeles", "America/New_York", ["2027-03-14T13:00:00.000Z", "2028-03-14T13:00:00.000Z"]],
    ["Asia/Tokyo", "America/New_York", ["2027-03-14T13:00:00.000Z", "2028-03-14T13:00:00.000Z"]],
    ["Asia/Tokyo", "Asia/Tokyo", ["2027-03-14T13:00:00.000Z", "2028-03-14T00:00:00.000Z"]],
    ["America/Los_Angeles", "America/Los_Angeles", ["2027-03-14T13:00:00.000Z", "2028-03-14T16:00:00.000Z"]],
  ] as const) {
    it(`greets once a year who moves to ${there} on the birthday, and then to ${back} (W16)`, async () => {
      const { create, change, up, passTo, deliveredAt, proof } = setup();
      const user = await create();
      up();
      await passTo("2027-03-14T13:30:00Z");
      await change(user.id, { timezone: there });
      await passTo("2027-03-14T14:00:00Z");
      await change(user.id, { timezone: back });
      await passTo("2028-06-01T00:00:00Z");

      expect(deliveredAt()).to.deep.equal(greetings);
      expect(await proof()).to.deep.include({ delivered: 2, difference: 0 });
    });
  }

  it("greets at once who moves east on the morning of the birthday, past nine o'clock", async () => {
    const { create, change, up, passTo, deliveredAt, proof } = setup();
    const user = await create();
    up();
    await passTo("2027-03-14T12:00:00Z");
    await change(user.id, { timezone: "Europe/Berlin" });
    await passTo("2027-03-15T00:00:00Z");

    expect(deliveredAt()).to.deep.equal(["2027-03-14T12:00:00.000Z"]);
    expect(await proof()).to.deep.include({ delivered: 1, difference: 0 });
  });

  it("refuses a revision that is not the present one: of two updates one is told (W15)", async () => {
    const { create, change, tables } = setup();
    const user = await create();
    const answers = await Promise.allSettled([
      change(user.id, { firstName: "Augusta" }, 1),
      change(user.id, { timezone: "Asia/Tokyo" }, 1),
    ]);

    expect(answers.map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected"]);
    expect(tables.users.get(user.id)).to.deep.include({ firstName: "Augusta", timezone: ada.timezone, revision: 2 });
    expect(await codesOf(change(user.id, {}, 1))).to.deep.equal(["stale_revision"]);
  });

  it("changes nothing when anything of it is wrong, or the user is not there", async () => {
    const { create, change, changeUser, tables } = setup();
    const user = await create();

    expect(await codesOf(change(user.id, { firstName: "Augusta", timezone: "Mars/Base" }))).to.deep.equal([
      "/timezone unknown_zone",
    ]);
    expect(await codesOf(change(user.id, { lastName: null }))).to.have.length(1);
    expect(await codesOf(change(user.id, "Augusta"))).to.include(" not_an_object");
    expect(await codesOf(change("none", {}))).to.deep.equal(["user_not_found"]);
    expect(await codesOf(changeUser.run({ tenant: "other", id: user.id, patch: {} }))).to.deep.equal([
      "user_not_found",
    ]);
    expect(tables.users.get(user.id)).to.deep.equal(user);
  });
});

describe("DeleteUser", () => {
  it("removes the user, and nobody who is gone is greeted", async () => {
    const { create, remove, tables, story, up, passTo, deliveredAt, audited } = setup();
    const user = await create();
    await remove(user.id);
    up();
    await passTo("2028-04-01T00:00:00Z");

    expect(tables.users.size).to.equal(0);
    expect(story(user.scheduleId)).to.deep.equal(["2027-03-14T09:00 CANCELLED schedule_deleted"]);
    expect(deliveredAt()).to.deep.equal([]);
    expect(audited()).to.deep.equal(["schedule.deleted"]);
  });

  it("wins over a greeting that is claimed already (I7)", async () => {
    const { create, remove, when, up, passTo, deliveredAt } = setup();
    const user = await create();
    when("publish.after_ack", () => remove(user.id));
    up();
    await passTo("2028-04-01T00:00:00Z");

    expect(deliveredAt()).to.deep.equal([]);
  });

  it("removes neither user nor schedule if one of them cannot be removed", async () => {
    const { create, remove, tables, firstOf } = setup();
    const user = await create();
    const broken = new Error("The store went away");
    tables.remove = () => {
      throw broken;
    };

    expect(await failureOf(remove(user.id))).to.equal(broken);
    expect(tables.users.get(user.id)).to.deep.equal(user);
    expect(tables.schedules.get(user.scheduleId)?.status).to.equal("active");
    expect(firstOf(user.scheduleId).state).to.equal("PENDING");
  });

  it("is the only way to end a birthday schedule: a user always has one", async () => {
    const { create, deleteSchedule, tables, firstOf } = setup();
    const user = await create();

    expect(await codesOf(deleteSchedule.run({ ...BY, id: user.scheduleId }))).to.deep.equal(["belongs_to_user"]);
    expect(tables.schedules.get(user.scheduleId)?.status).to.equal("active");
    expect(firstOf(user.scheduleId).state).to.equal("PENDING");
  });

  it("knows no user that is gone, or another tenant's", async () => {
    const { create, remove, deleteUser } = setup();
    const { id } = await create();

    expect(await codesOf(deleteUser.run({ ...BY, tenant: "other", id }))).to.deep.equal(["user_not_found"]);
    await remove(id);
    expect(await codesOf(remove(id))).to.deep.equal(["user_not_found"]);
  });
});
