import { expect } from "chai";
import { daily, type Desk, desk, idIn, operationOf, URL_OF_RECEIVER } from "./support/desk.js";
import { workerOf } from "./support/worker.js";

const none = { count: 0, atLeast: false };
const exactly = (count: number) => ({ count, atLeast: false });
/** The minutes of an hour, all without anything but these. */
const minutes = (given: Readonly<Record<number, number>> = {}) => Array.from({ length: 60 }, (_, n) => given[n] ?? 0);

describe("GET /v1/stats", () => {
  let one: Desk;
  beforeEach(async () => (one = await desk()));
  afterEach(() => one.close());

  const stats = async (as = "service:main:bot") => {
    const { status, json } = await one.ask(operationOf("stats"), { as });
    expect(status).to.equal(200);
    return json;
  };
  const make = async (fields: object) =>
    idIn(await one.ask(operationOf("createSchedule"), { body: { ...daily, timeZone: "Etc/UTC", ...fields } }));

  it("tells of nothing where there is nothing", async () => {
    expect(await stats()).to.deep.equal({
      at: "2027-01-01T00:00:00.000Z",
      open: { pending: none, processing: none, parked: none, due: none },
      finished: { seconds: 300, completed: 0, failed: 0, cancelled: 0, skipped: 0, perSecond: 0 },
      lateness: null,
      upcoming: { perMinute: minutes(), atLeast: false },
      destinations: { enabled: none, disabled: none },
    });
  });

  it("tells what waits, what has ended, how late, and what is coming", async () => {
    one.sender.listen(URL_OF_RECEIVER, () => ({ status: 200 }));
    one.sender.listen("https://other.test/", () => ({ status: 404 }));
    await make({ when: { every: "PT1M", start: "2027-01-01T00:00:30Z" } });
    await make({ when: { at: "2027-01-01T00:02:00" }, destination: { url: "https://other.test/" } });
    await workerOf(one).until("2027-01-01T00:03:00Z");
    await make({ when: { at: "2027-01-01T00:30:00" } });
    const paused = await make({ when: { at: "2027-01-01T00:03:30" } });
    await one.ask(operationOf("pauseSchedule"), { params: { id: paused }, body: {} });

    const { open, finished, lateness, upcoming, destinations } = await stats();

    expect(open).to.deep.equal({ pending: exactly(3), processing: none, parked: exactly(1), due: none });
    expect(finished).to.deep.equal({
      ...{ seconds: 300, completed: 3, failed: 1, cancelled: 0, skipped: 0, perSecond: 4 / 300 },
    });
    expect(lateness).to.deep.equal({ p50Ms: 0, p95Ms: 0, p99Ms: 0, maxMs: 0 });
    expect(upcoming).to.deep.equal({ perMinute: minutes({ 0: 1, 26: 1 }), atLeast: false });
    expect(destinations).to.deep.equal({ enabled: exactly(2), disabled: none });
  });

  it("tells what is due, and how long it waits", async () => {
    await make({ when: { at: "2027-01-01T00:10:00" } });
    await make({ when: { at: "2027-01-01T00:20:00" } });
    const made = await one.ask(operationOf("createDestination"), { body: { url: "https://other.test/" } });
    await one.ask(operationOf("disableDestination"), { params: { id: idIn(made) }, body: {} });
    one.clock.advanceTo(new Date("2027-01-01T00:30:00Z"));

    const { open, destinations } = await stats("admin:main:ada");

    expect(open).to.deep.equal({
      ...{ pending: exactly(2), processing: none, parked: none, due: exactly(2) },
      oldestDueAt: "2027-01-01T00:10:00.000Z",
    });
    expect(destinations).to.deep.equal({ enabled: exactly(1), disabled: exactly(1) });
  });

  it("tells nothing of another tenant", async () => {
    const before = await stats("admin:other:eve");
    await make({ when: { at: "2027-01-01T00:10:00" } });

    expect(await stats("admin:other:eve")).to.deep.equal(before);
    expect((await stats())["open"]).to.deep.include({ pending: exactly(1) });
  });
});
