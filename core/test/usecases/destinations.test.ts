import { expect } from "chai";
import { BEFORE_BEGIN, BY, codesOf, HOUR, MINUTE, scene, TENANT, UNDER_WAY, URL } from "./support/scene.js";

const daily = { when: { cron: "0 9 * * *" } };

async function setup(fields: Record<string, unknown> = {}) {
  const whole = scene("2027-01-01T00:00:00Z");
  const { createDestination, changeDestination, disableDestination, enableDestination } = whole;
  const destination = await createDestination.run({ tenant: TENANT, input: { url: URL, ...fields } });
  const { id } = destination;
  return {
    ...whole,
    destination,
    destinationId: id,
    change: (patch: unknown, revision?: number) =>
      changeDestination.run({ tenant: TENANT, id, patch, ...(revision !== undefined && { revision }) }),
    disable: (note?: string) =>
      disableDestination.run({ ...BY, id, because: "by_hand", ...(note !== undefined && { note }) }),
    enable: () => enableDestination.run({ ...BY, id }),
    now: () => whole.tables.destinations.get(id),
  };
}

describe("CreateDestination", () => {
  it("makes one with defaults, enabled, and each time another", async () => {
    const { destination, createDestination, now, tables } = await setup();
    await createDestination.run({ tenant: TENANT, input: { url: URL } });

    expect(now()).to.deep.equal(destination);
    expect(destination).to.deep.include({ kind: "http", method: "POST", headers: {}, timeoutMs: 10_000, revision: 1 });
    expect(destination).to.deep.include({ enabled: true, disabledBecause: null, inline: false });
    expect(tables.destinations.size).to.equal(2);
  });

  it("is not taken for the one that a schedule describes", async () => {
    const { schedule, destinationId } = await setup();
    const { destinationId: described } = await schedule(daily);

    expect(described).to.not.equal(destinationId);
  });

  it("refuses what is wrong, and keeps nothing of it", async () => {
    const { createDestination, tables } = await setup();
    const input = { url: "ftp://receiver.test/", headers: { Host: "x" }, ratePerSecond: 0 };

    expect(await codesOf(createDestination.run({ tenant: TENANT, input }))).to.have.members([
      "/url not_a_url",
      "/headers/Host header_not_settable",
      "/ratePerSecond out_of_range",
    ]);
    expect(tables.destinations.size).to.equal(1);
  });
});

describe("ChangeDestination", () => {
  it("changes what it is told to, and leaves the rest", async () => {
    const { change, destination, pass } = await setup({ headers: { "x-a": "1" }, ratePerSecond: 5 });
    await pass(1_000);
    const changed = await change({ method: "PUT" });

    expect(changed).to.deep.equal({
      ...destination,
      method: "PUT",
      revision: 2,
      updatedAt: new Date("2027-01-01T00:00:01Z"),
    });
  });

  it("takes a field back to its default that is null", async () => {
    const { change } = await setup({ headers: { "x-a": "1" }, ratePerSecond: 5, method: "PUT" });

    expect(await change({ headers: null, ratePerSecond: null, method: null })).to.deep.include({
      headers: {},
      ratePerSecond: null,
      method: "POST",
    });
  });

  for (const place of BEFORE_BEGIN) {
    it(`holds for an event that is claimed already, at ${place} (I7)`, async () => {
      const { schedule, destinationId, change, when, system, up, passTo, received } = await setup();
      const url = "https://new.test/";
      system.sender.listen(url, () => ({ status: 200 }));
      await schedule({ ...daily, destinationId });
      when(place, () => change({ url }));
      up();
      await passTo("2027-01-01T10:00:00Z");

      expect(received().map((one) => one.url)).to.deep.equal([url]);
    });
  }

  it("makes of a described one a destination of its own: whoever describes the old one gets another", async () => {
    const { schedule, changeDestination, tables } = await setup();
    const first = await schedule(daily);
    const id = first.destinationId;
    await changeDestination.run({ tenant: TENANT, id, patch: { url: "https://new.test/" } });
    const second = await schedule(daily);

    expect(second.destinationId).to.not.equal(id);
    expect(tables.destinations.get(second.destinationId)?.url).to.equal(URL);
    expect(tables.destinations.get(id)).to.deep.include({ url: "https://new.test/", inline: false });
  });

  it("refuses a stale revision, a wrong field and one that is not there, and changes nothing", async () => {
    const { change, changeDestination, destination, destinationId: id, now } = await setup();

    expect(await codesOf(change({ method: "PUT" }, 2))).to.deep.equal(["stale_revision"]);
    expect(await codesOf(change({ method: "BREW" }))).to.have.length(1);
    expect(await codesOf(change({ url: null }))).to.deep.equal(["/url required"]);
    expect(await codesOf(change({ enabled: false }))).to.deep.equal(["/enabled unknown_field"]);
    expect(await codesOf(change([]))).to.include(" not_an_object");
    expect(await codesOf(changeDestination.run({ tenant: "other", id, patch: {} }))).to.deep.equal([
      "destination_not_found",
    ]);
    expect(now()).to.deep.equal(destination);
  });
});

describe("DisableDestination and EnableDestination", () => {
  it("fails what is due while it is disabled, and a redrive delivers it once it is enabled", async () => {
    const { schedule, destinationId, disable, enable, redriveEvents, up, passTo, pass, received, story } =
      await setup();
    const { id } = await schedule({ ...daily, destinationId });
    await disable();
    up();
    await passTo("2027-01-02T10:00:00Z");
    expect(received()).to.deep.equal([]);
    expect(story(id)).to.deep.equal([
      "2027-01-01T09:00 FAILED destination_disabled",
      "2027-01-02T09:00 FAILED destination_disabled",
      "2027-01-03T09:00 PENDING",
    ]);
    await enable();
    await pass(HOUR);
    expect(received()).to.deep.equal([]);
    const { redriven } = await redriveEvents.many({ ...BY, filter: { destinationId }, perSecond: 1 });
    await pass(MINUTE);

    expect(redriven).to.equal(2);
    expect(received()).to.have.length(2);
    expect(story(id).map((line) => line.slice(17))).to.deep.equal(["COMPLETED", "COMPLETED", "PENDING"]);
  });

  it("keeps no attempt of what was not sent", async () => {
    const { schedule, destinationId, disable, firstOf, attemptsOf, up, passTo } = await setup();
    const { id } = await schedule({ ...daily, destinationId });
    await disable();
    up();
    await passTo("2027-01-01T10:00:00Z");

    expect(attemptsOf(firstOf(id).id)).to.deep.equal([]);
    expect(firstOf(id)).to.deep.include({ attempt: 0, firstAttemptAt: null, latenessMs: null, content: null });
  });

  for (const place of BEFORE_BEGIN) {
    it(`wins at ${place}: nothing is sent, and the series goes on (I7)`, async () => {
      const { schedule, destinationId, disable, enable, when, up, passTo, deliveredAt, story, proof } = await setup();
      const { id } = await schedule({ ...daily, destinationId });
      when(place, disable);
      up();
      await passTo("2027-01-01T20:00:00Z");
      await enable();
      await passTo("2027-01-02T20:00:00Z");

      expect(deliveredAt()).to.deep.equal(["2027-01-02T09:00:00.000Z"]);
      expect(story(id)[0]).to.equal("2027-01-01T09:00 FAILED destination_disabled");
      expect(await proof()).to.deep.include({ failed: 1, delivered: 1, difference: 0 });
    });
  }

  for (const place of UNDER_WAY) {
    it(`lets the attempt end that has begun, at ${place}, and no further one is made`, async () => {
      const { schedule, destinationId, disable, when, answer, up, passTo, received, story } = await setup();
      const { id } = await schedule({ when: { at: "2027-01-01T09:00:00" }, destinationId });
      answer(() => ({ status: 503 }));
      when(place, disable);
      up();
      await passTo("2027-01-02T20:00:00Z");

      expect(received()).to.have.length(1);
      expect(story(id)).to.deep.equal(["2027-01-01T09:00 FAILED destination_disabled"]);
    });
  }

  it("leaves other destinations alone", async () => {
    const { schedule, destinationId, disable, system, up, passTo, received } = await setup();
    const url = "https://other.test/";
    system.sender.listen(url, () => ({ status: 200 }));
    await schedule({ ...daily, destinationId });
    await schedule({ ...daily, destination: { url } });
    await disable();
    up();
    await passTo("2027-01-01T20:00:00Z");

    expect(received().map((one) => one.url)).to.deep.equal([url]);
  });

  it("disables itself when the receiver says 410, with an entry in the audit log", async () => {
    const { schedule, destinationId, answer, up, passTo, received, story, now, tables, system } = await setup();
    const { id } = await schedule({ ...daily, destinationId });
    answer(() => ({ status: 410 }));
    up();
    await passTo("2027-01-02T10:00:00Z");

    expect(received()).to.have.length(1);
    expect(now()).to.deep.include({ enabled: false, disabledBecause: "gone", revision: 2 });
    expect(story(id)).to.deep.equal([
      "2027-01-01T09:00 FAILED gone",
      "2027-01-02T09:00 FAILED destination_disabled",
      "2027-01-03T09:00 PENDING",
    ]);
    expect(tables.audit.map(({ action, subject, actor }) => [action, subject, actor])).to.deep.equal([
      ["destination.disabled.gone", destinationId, "system"],
    ]);
    expect(system.telemetry.of("destination_disabled")).to.deep.equal([
      { kind: "destination_disabled", destinationId, because: "gone" },
    ]);
  });

  it("is disabled once, though many receivers' answers say so at once", async () => {
    const { schedule, destinationId, answer, up, passTo, audited, now } = await setup();
    for (let number = 0; number < 20; number++) await schedule({ ...daily, destinationId });
    answer(() => ({ status: 410, afterMs: 100 }));
    up(2);
    await passTo("2027-01-01T10:00:00Z");

    expect(audited()).to.deep.equal(["destination.disabled.gone"]);
    expect(now()?.revision).to.equal(2);
  });

  it("is disabled after five days without one success", async () => {
    const { schedule, destinationId, answer, up, passTo, now, audited } = await setup();
    await schedule({ when: { cron: "0 * * * *" }, destinationId, retry: { maxAttempts: 1 } });
    answer(() => ({ status: 503 }));
    up();
    await passTo("2027-01-05T23:30:00Z");
    expect(now()?.enabled).to.equal(true);
    await passTo("2027-01-06T01:30:00Z");

    expect(now()).to.deep.include({ enabled: false, disabledBecause: "failing" });
    expect(audited()).to.deep.equal(["destination.disabled.failing"]);
  });

  it("stays enabled if one request in five days succeeds", async () => {
    const { schedule, destinationId, answer, up, passTo, now } = await setup();
    await schedule({ when: { cron: "0 * * * *" }, destinationId, retry: { maxAttempts: 1 } });
    answer((times) => ({ status: times === 60 ? 200 : 503 }));
    up();
    await passTo("2027-01-06T12:00:00Z");

    expect(now()?.enabled).to.equal(true);
  });

  it("changes nothing when it is said twice", async () => {
    const { disable, enable, tables, destinationId } = await setup();
    const disabled = await disable("It leaks");
    expect(await disable("Again")).to.deep.equal(disabled);
    const enabled = await enable();
    expect(await enable()).to.deep.equal(enabled);

    expect(disabled).to.deep.include({ enabled: false, disabledBecause: "by_hand", revision: 2 });
    expect(enabled).to.deep.include({ enabled: true, disabledBecause: null, revision: 3 });
    expect(tables.audit.map(({ action, subject, actor, note }) => [action, subject, actor, note])).to.deep.equal([
      ["destination.disabled.by_hand", destinationId, "ada", "It leaks"],
      ["destination.enabled", destinationId, "ada", null],
    ]);
  });

  it("stays disabled through a change", async () => {
    const { disable, change } = await setup();
    await disable();

    expect(await change({ method: "PUT" })).to.deep.include({ enabled: false, disabledBecause: "by_hand" });
  });

  it("knows no destination that is not there, or another tenant's", async () => {
    const { disableDestination, enableDestination, destinationId, now, destination } = await setup();
    for (const request of [
      { ...BY, id: "none" },
      { ...BY, tenant: "other", id: destinationId },
    ]) {
      expect(await codesOf(disableDestination.run({ ...request, because: "by_hand" }))).to.deep.equal([
        "destination_not_found",
      ]);
      expect(await codesOf(enableDestination.run(request))).to.deep.equal(["destination_not_found"]);
    }
    expect(now()).to.deep.equal(destination);
  });
});
