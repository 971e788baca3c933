import { expect } from "chai";
import { InvalidInput } from "../src/errors.js";
import { ChangeUser } from "../src/usecases/change-user.js";
import { CreateSchedule } from "../src/usecases/create-schedule.js";
import { CreateUser } from "../src/usecases/create-user.js";
import { platform, TENANT, URL } from "./support/platform.js";

/** Seen from the receiver: what an earlier system of this kind got wrong. */
describe("what arrives", () => {
  const ada = { firstName: "Ada", lastName: "Lovelace", dateOfBirth: "1990-03-14", timezone: "America/New_York" };

  function setup(start: string, options?: Parameters<typeof platform>[1]) {
    const system = platform(start, options);
    const { unitOfWork, recurrence, ids, senders } = system;
    const greetings = { inline: { ...DESTINATION, url: URL } };
    const createUser = new CreateUser({ unitOfWork, recurrence, ids, greetings });
    const changeUser = new ChangeUser({ unitOfWork, recurrence });
    const createSchedule = new CreateSchedule({ unitOfWork, recurrence, ids, senders });
    system.answer(() => ({ status: 200 }));
    const schedule = (fields: Record<string, unknown>) =>
      createSchedule.run({
        tenant: TENANT,
        input: { type: "report", timeZone: "Etc/UTC", destination: { url: URL }, ...fields },
      });
    return { ...system, system, createUser, changeUser, schedule };
  }

  it("comes at nine where the user has moved to (W1)", async () => {
    const { system, createUser, changeUser, up, down, passTo } = setup("2027-03-01T00:00:00Z");
    const user = await createUser.run({ tenant: TENANT, input: ada });
    await changeUser.run({ tenant: TENANT, id: user.id, patch: { timezone: "America/Los_Angeles" } });
    up();
    await passTo("2027-03-15T00:00:00Z");
    await down();

    expect(system.deliveredAt).to.deep.equal(["2027-03-14T16:00:00.000Z"]); // the first day of summer time
  });

  it("comes every year (W2)", async () => {
    const { system, createUser, up, down, passTo } = setup("2027-01-01T00:00:00Z");
    await createUser.run({ tenant: TENANT, input: ada });
    up();
    await passTo("2030-01-01T00:00:00Z");
    await down();

    expect(system.deliveredAt).to.deep.equal([
      "2027-03-14T13:00:00.000Z",
      "2028-03-14T13:00:00.000Z",
      "2029-03-14T13:00:00.000Z",
    ]);
    expect(system.received[2]?.data).to.deep.include({ message: "Hey, Ada Lovelace it's your birthday" });
  });

  it("comes once, though the user moved west on the birthday (W16)", async () => {
    const { system, createUser, changeUser, up, down, passTo } = setup("2027-03-01T00:00:00Z");
    const user = await createUser.run({ tenant: TENANT, input: ada });
    up();
    await passTo("2027-03-14T14:00:00Z");
    await changeUser.run({ tenant: TENANT, id: user.id, patch: { timezone: "America/Los_Angeles" } });
    await passTo("2027-03-20T00:00:00Z");
    await down();

    expect(system.deliveredAt).to.deep.equal(["2027-03-14T13:00:00.000Z"]);
  });

  it("says the name of the day on which it is sent (W18)", async () => {
    const { system, createUser, changeUser, up, down, passTo } = setup("2027-03-01T00:00:00Z");
    const user = await createUser.run({ tenant: TENANT, input: ada });
    await changeUser.run({ tenant: TENANT, id: user.id, patch: { lastName: 'King "Noel"' } });
    up();
    await passTo("2027-03-15T00:00:00Z");
    await down();

    expect(system.received[0]?.data).to.deep.include({ message: 'Hey, Ada King "Noel" it\'s your birthday' });
  });

  it("all comes, though the third of five sends failed (W3)", async () => {
    let sends = 0;
    const { system, schedule, up, down, pass } = setup("2027-01-01T00:00:00Z", {
      transport: (queue) => ({
        capabilities: { ...queue.capabilities, maxBatch: 1 },
        send: async (messages) => {
          if (++sends === 3) throw new Error("The queue is away");
          return queue.send(messages);
        },
        consume: (options, handle, signal) => queue.consume(options, handle, signal),
        consumeDeadLetters: (handle, signal) => queue.consumeDeadLetters(handle, signal),
      }),
    });
    for (let number = 0; number < 5; number++) await schedule({ when: { at: "2027-01-01T01:00:00Z" } });
    up();
    await pass(11 * 86_400_000);
    await down();

    expect(system.received).to.have.length(5);
    expect(system.states()).to.deep.equal(Array(5).fill("COMPLETED"));
  });

  it("comes after an outage of a day, late and marked so (W4, W5)", async () => {
    const { system, schedule, clock, handOver, up, down, pass } = setup("2027-01-01T00:00:00Z");
    for (let number = 0; number < 20; number++) await schedule({ when: { at: "2027-01-01T01:00:00Z" } });
    await pass(3_600_000);
    // Ten were claimed just before everything went down, and their messages were lost with the queue.
    const { accepted } = await handOver.run({ limit: 10, leaseMs: 30_000, lookAheadMs: 0 });
    for (const received of system.queue.receive(100)) received.settle({ kind: "ack" });
    clock.advance(86_400_000);
    up();
    await pass(60_000);
    await down();

    expect(accepted).to.equal(10);
    expect(system.received).to.have.length(20);
    const lateness = [...system.tables.events.values()].map((event) => event.latenessMs ?? 0);
    expect(Math.min(...lateness)).to.be.at.least(86_400_000);
  });

  it("comes once if the receiver answers 204, or 200 with text (W8)", async () => {
    const { system, schedule, answer, up, down, pass } = setup("2027-01-01T00:00:00Z");
    answer((times) => (times === 1 ? { status: 204 } : { status: 200, responseExcerpt: "fine" }));
    await schedule({ when: { at: "2027-01-01T01:00:00Z" } });
    await schedule({ when: { at: "2027-01-01T02:00:00Z" } });
    up();
    await pass(2 * 86_400_000);
    await down();

    expect(system.deliveredAt).to.deep.equal(["2027-01-01T01:00:00.000Z", "2027-01-01T02:00:00.000Z"]);
    expect(system.states()).to.deep.equal(["COMPLETED", "COMPLETED"]);
  });

  it("comes after the receiver was down for ten minutes (W9)", async () => {
    const { system, schedule, clock, answer, up, down, pass } = setup("2027-01-01T00:00:00Z");
    const back = Date.parse("2027-01-01T01:10:00Z");
    answer(() => (clock.now().getTime() < back ? { error: "connect" } : { status: 200 }));
    await schedule({ when: { at: "2027-01-01T01:00:00Z" } });
    up();
    await pass(86_400_000);
    await down();

    const last = system.received.at(-1);
    expect(Date.parse(last?.at ?? "")).to.be.at.least(back);
    expect(system.states()).to.deep.equal(["COMPLETED"]);
    expect(new Set(system.received.map(({ id }) => id)).size).to.equal(1);
  });

  it("comes later if the receiver answers 429, and the series goes on (W13)", async () => {
    const { system, schedule, answer, up, down, pass } = setup("2027-01-01T00:00:00Z");
    answer((times) => (times === 1 ? { status: 429, retryAfter: "120" } : { status: 200 }));
    await schedule({ when: { cron: "0 1 * * *" }, count: 2 });
    up();
    await pass(3 * 86_400_000);
    await down();

    const [first, second, third] = system.deliveredAt;
    expect(first).to.equal("2027-01-01T01:00:00.000Z");
    expect(Date.parse(second ?? "")).to.be.at.least(Date.parse("2027-01-01T01:02:00Z"));
    expect(third).to.equal("2027-01-02T01:00:00.000Z");
    expect(system.states()).to.deep.equal(["COMPLETED", "COMPLETED"]);
  });

  it("comes to four receivers of five, whatever the fifth does (W7)", async () => {
    const { system, schedule, sender, up, down, pass } = setup("2027-01-01T00:00:00Z");
    const bad = "https://bad.test/";
    sender.listen(bad, () => ({ status: 500 }));
    await schedule({ when: { at: "2027-01-01T01:00:00Z" }, destination: { url: bad } });
    for (let number = 0; number < 4; number++) await schedule({ when: { at: "2027-01-01T01:00:00Z" } });
    up();
    await pass(3_600_000 + 10_000);
    await down();

    expect(system.received.filter(({ url }) => url === URL)).to.have.length(4);
    expect(system.states().filter((state) => state === "COMPLETED")).to.have.length(4);
    expect(system.states().filter((state) => state === "PENDING")).to.have.length(1);
  });

  it("comes once, though two workers have the message (W10)", async () => {
    const { system, schedule, handOver, deliver, pass } = setup("2027-01-01T00:00:00Z");
    await schedule({ when: { at: "2027-01-01T01:00:00Z" } });
    await pass(3_600_000);
    await handOver.run({ limit: 10, leaseMs: 30_000, lookAheadMs: 0 });
    const [message] = system.queue.receive(1).map((received) => received.message);
    expect(message).to.not.equal(undefined);
    const both = message === undefined ? [] : [...deliver.handle([message]), ...deliver.handle([message])];
    await pass(1_000);
    await Promise.all(both);

    expect(system.received).to.have.length(1);
  });

  it("is refused at once, by field and reason, for an unknown zone (W27)", async () => {
    const { createUser, system } = setup("2027-01-01T00:00:00Z");
    const error = await createUser.run({ tenant: TENANT, input: { ...ada, timezone: "Mars/Base" } }).catch(asIs);

    expect(error).to.be.instanceOf(InvalidInput);
    expect((error as InvalidInput).problems).to.deep.include({
      pointer: "/timezone",
      code: "unknown_zone",
      message: "Must be a name of the IANA time zone list",
    });
    expect(system.tables.schedules.size).to.equal(0);
  });

  it("comes within seconds, all thousand of them, if they are due at once (W22)", async () => {
    const { system, schedule, up, down, pass } = setup("2027-01-01T00:00:00Z");
    for (let number = 0; number < 1_000; number++) await schedule({ when: { at: "2027-01-01T01:00:00Z" } });
    up(2);
    await pass(3_600_000 + 5_000);
    await down();

    expect(system.received).to.have.length(1_000);
    const last = Math.max(...system.deliveredAt.map((at) => Date.parse(at)));
    expect(last - Date.parse("2027-01-01T01:00:00Z")).to.be.within(0, 5_000);
  });

  it("comes at the same instant, whether it was asked for in January or in July (W19)", async () => {
    for (const start of ["2027-01-10T00:00:00Z", "2027-07-10T00:00:00Z"]) {
      const { system, schedule, up, down, passTo } = setup(start);
      await schedule({ timeZone: "America/New_York", when: { at: "2027-11-07T01:30:00" } });
      up();
      await passTo("2027-11-08T00:00:00Z");
      await down();

      expect(system.deliveredAt, start).to.deep.equal(["2027-11-07T05:30:00.000Z"]);
    }
  });

  it("is promised for a user as a whole or not at all (W14)", async () => {
    const { system, createUser } = setup("2027-01-01T00:00:00Z");
    const broken = new Error("The store went away");
    const { putEvent } = system.tables;
    system.tables.putEvent = () => {
      throw broken;
    };
    const error = await createUser.run({ tenant: TENANT, input: ada }).catch(asIs);
    system.tables.putEvent = putEvent;

    expect(error).to.equal(broken);
    const { users, schedules, destinations } = system.tables;
    expect([users.size, schedules.size, destinations.size]).to.deep.equal([0, 0, 0]);
  });

  for (const [timeZone, winter, summer] of [
    ["Europe/Berlin", "2027-01-14T08:00:00.000Z", "2027-07-14T07:00:00.000Z"],
    ["America/New_York", "2027-01-14T14:00:00.000Z", "2027-07-14T13:00:00.000Z"],
    ["Australia/Lord_Howe", "2027-01-13T22:00:00.000Z", "2027-07-13T22:30:00.000Z"],
    ["Asia/Kathmandu", "2027-01-14T03:15:00.000Z", "2027-07-14T03:15:00.000Z"],
  ] as const) {
    it(`comes at nine on the wall in ${timeZone}, in January and in July`, async () => {
      const { system, schedule, up, down, passTo } = setup("2027-01-01T00:00:00Z");
      await schedule({ timeZone, when: { cron: "0 9 14 1,7 *" }, count: 2 });
      up();
      await passTo("2027-08-01T00:00:00Z");
      await down();

      expect(system.deliveredAt).to.deep.equal([winter, summer]);
    });
  }
});

const DESTINATION = {
  kind: "http",
  method: "POST",
  headers: {},
  ratePerSecond: null,
  ackWithinMs: null,
  concurrency: null,
  timeoutMs: 10_000,
} as const;

const asIs = (error: unknown): unknown => error;
