import { expect } from "chai";
import { activeSecrets, type Destination } from "../../src/destinations/destination.js";
import { BEFORE_BEGIN, BY, codesOf, HOUR, MINUTE, scene, UNDER_WAY, URL } from "./support/scene.js";

const daily = { when: { cron: "0 9 * * *" } };

async function setup(fields: Record<string, unknown> = {}) {
  const whole = scene("2027-01-01T00:00:00Z");
  const { createDestination, changeDestination, disableDestination, enableDestination } = whole;
  const { destination, secret } = await createDestination.run({ ...BY, input: { url: URL, ...fields } });
  const { id } = destination;
  return {
    ...whole,
    destination,
    secret,
    destinationId: id,
    change: (patch: unknown, revision?: number) =>
      changeDestination.run({ ...BY, id, patch, ...(revision !== undefined && { revision }) }),
    disable: (note?: string) =>
      disableDestination.run({ ...BY, id, because: "by_hand", ...(note !== undefined && { note }) }),
    enable: () => enableDestination.run({ ...BY, id }),
    now: () => whole.tables.destinations.get(id),
  };
}

describe("CreateDestination", () => {
  it("makes one with defaults, enabled, and each time another", async () => {
    const { destination, createDestination, now, tables } = await setup();
    await createDestination.run({ ...BY, input: { url: URL } });

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

    expect(await codesOf(createDestination.run({ ...BY, input }))).to.have.members([
      "/url not_a_url",
      "/headers/Host header_not_settable",
      "/ratePerSecond out_of_range",
    ]);
    expect(tables.destinations.size).to.equal(1);
  });
});

describe("CreateDestination's secret", () => {
  it("is told once, and kept where only the vault can open it", async () => {
    const { destination, secret, vault, now, destinationId } = await setup();

    expect(secret).to.match(/^whsec_/);
    expect(JSON.stringify([destination, now()])).to.not.include(secret.slice(6));
    expect(destination.secrets).to.have.length(1);
    expect(await vault.open(destination.secrets[0]?.sealed ?? "", destinationId)).to.equal(secret);
  });

  it("can be the caller's own", async () => {
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    expect((await setup({ secret })).secret).to.equal(secret);
  });

  for (const secret of [
    "x",
    "whsec_",
    "whsec_c2hvcnQ=",
    `whsec_${"A".repeat(100)}`,
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS*",
    5,
  ]) {
    it(`is refused where it is none: ${secret}`, async () => {
      const { createDestination } = scene("2027-01-01T00:00:00Z");
      const codes = await codesOf(createDestination.run({ ...BY, input: { url: URL, secret } }));
      expect(codes).to.have.length(1);
      expect(codes[0]).to.match(/^\/secret not_a_(secret|text)$|^\/secret not_text$/);
    });
  }

  it("is made for no destination that stands in a schedule", async () => {
    const { schedule, tables } = scene("2027-01-01T00:00:00Z");
    const { destinationId } = await schedule(daily);
    expect(tables.destinations.get(destinationId)?.secrets).to.deep.equal([]);
  });
});

describe("A URL that may not be called", () => {
  /** The sender objects to whatever has `inside` in it. */
  async function guarded() {
    const whole = await setup();
    whole.system.sender.objection = async (url: string) =>
      url.includes("inside") ? { code: "address_private", message: "Is inside" } : null;
    return whole;
  }
  const inside = { url: "https://inside.test/" };
  const spelled = { when: daily.when, type: "x", timeZone: "Etc/UTC" };

  it("is refused in a destination, a change of one and a schedule, with the rule that it breaks", async () => {
    const { createDestination, change, createSchedule, putSchedule, changeSchedule, schedule, tables } =
      await guarded();
    const { id } = await schedule(daily);
    const before = [tables.destinations.size, tables.schedules.size];
    const input = { ...spelled, destination: inside, onFailure: { destination: inside } };
    const patch = { destination: inside };

    expect(await codesOf(createDestination.run({ ...BY, input: inside }))).to.deep.equal(["/url address_private"]);
    expect(await codesOf(change(inside))).to.deep.equal(["/url address_private"]);
    const both = ["/destination/url address_private", "/onFailure/destination/url address_private"];
    expect(await codesOf(createSchedule.run({ ...BY, input }))).to.deep.equal(both);
    expect(await codesOf(putSchedule.run({ ...BY, key: "k", input }))).to.deep.equal(both);
    expect(await codesOf(changeSchedule.run({ ...BY, id, patch }))).to.deep.equal(both.slice(0, 1));
    expect([tables.destinations.size, tables.schedules.size]).to.deep.equal(before);
  });

  it("is refused in the line of an import that has it, and judged once for all that do", async () => {
    const { importSchedules, system } = await guarded();
    let asked = 0;
    const { objection } = system.sender;
    system.sender.objection = async (url) => {
      asked++;
      return objection(url);
    };
    const line = (url: string) => JSON.stringify({ ...spelled, destination: { url } });
    const answers = [];
    const lines = [line(URL), line(inside.url), line(URL), line(inside.url)];
    for await (const answer of importSchedules.run(BY.tenant, lines)) answers.push(answer);

    expect(asked).to.equal(2);
    const refused = answers.flatMap((answer) => (answer.kind === "refused" ? [answer.line.line] : []));
    expect(refused).to.deep.equal([2, 4]);
    expect(answers.at(-1)).to.include({ created: 2 });
  });
});

describe("RotateSecret", () => {
  const HALF_DAY = 12 * HOUR;

  async function rotating() {
    const whole = await setup();
    const { rotateSecret, destinationId: id, now, clock } = whole;
    const rotate = (input: object = {}) => rotateSecret.run({ ...BY, id, input });
    const active = () => activeSecrets(now() as Destination, clock.now()).map((one) => one.sealed);
    return { ...whole, rotate, active, sealed: whole.destination.secrets[0]?.sealed };
  }

  it("lets the old secret sign beside the new one for a day, and then no more", async () => {
    const { rotate, active, sealed, pass, audited, secret } = await rotating();
    const { destination, secret: fresh } = await rotate();
    const next = destination.secrets[0]?.sealed;

    expect(fresh)
      .to.match(/^whsec_/)
      .and.not.equal(secret);
    expect(active()).to.deep.equal([next, sealed]);
    await pass(2 * HALF_DAY - 1);
    expect(active()).to.deep.equal([next, sealed]);
    await pass(1);
    expect(active()).to.deep.equal([next]);
    expect(audited()).to.include("destination.secret_rotated");
  });

  it("lets it sign for as long as it is told", async () => {
    const { rotate, active, pass } = await rotating();
    await rotate({ overlap: "PT1H" });
    await pass(HOUR - 1);
    expect(active()).to.have.length(2);
    await pass(1);
    expect(active()).to.have.length(1);
  });

  it("refuses a third secret while two sign, but for one that takes over alone at once", async () => {
    const { rotate, active, pass, now } = await rotating();
    await rotate();
    expect(await codesOf(rotate())).to.deep.equal(["rotation_under_way"]);
    expect(now()?.secrets).to.have.length(2);
    await rotate({ overlap: "PT0S" });
    expect(active()).to.have.length(1);
    await rotate();
    await pass(2 * HALF_DAY);
    await rotate();
    expect(now()?.secrets).to.have.length(2);
  });

  it("gives a destination its first secret that never had one", async () => {
    const { schedule, rotateSecret, tables } = await rotating();
    const { destinationId: id } = await schedule(daily);
    await rotateSecret.run({ ...BY, id, input: {} });
    expect(tables.destinations.get(id)?.secrets.map(({ expiresAt }) => expiresAt)).to.deep.equal([null]);
  });

  it("refuses an overlap of more than a week, a bad secret and a field that is none", async () => {
    const { rotate, now, destination } = await rotating();
    expect(await codesOf(rotate({ overlap: "P8D", secret: "x", more: 1 }))).to.deep.equal([
      "/secret not_a_secret",
      "/overlap out_of_range",
      "/more unknown_field",
    ]);
    expect(await codesOf(rotate({ overlap: "soon" }))).to.deep.equal(["/overlap not_a_duration"]);
    expect(now()).to.deep.equal(destination);
  });
});

describe("DeleteDestination", () => {
  it("removes one that no schedule uses, and no other", async () => {
    const { deleteDestination, deleteSchedule, schedule, destinationId: id, now, audited } = await setup();
    const user = await schedule({ ...daily, destinationId: id });
    expect(await codesOf(deleteDestination.run({ ...BY, id }))).to.deep.equal(["destination_in_use"]);
    await deleteSchedule.run({ ...BY, id: user.id });

    expect(await codesOf(deleteDestination.run({ ...BY, id, revision: 7 }))).to.deep.equal(["stale_revision"]);
    await deleteDestination.run({ ...BY, id });

    expect(now()).to.equal(undefined);
    expect(audited()).to.include("destination.deleted");
    expect(await codesOf(deleteDestination.run({ ...BY, id }))).to.deep.equal(["destination_not_found"]);
  });

  for (const callback of ["onSuccess", "onFailure"]) {
    it(`leaves one that a schedule tells of its ends: ${callback}`, async () => {
      const { deleteDestination, schedule, destinationId: id } = await setup();
      await schedule({ ...daily, [callback]: { destinationId: id } });
      expect(await codesOf(deleteDestination.run({ ...BY, id }))).to.deep.equal(["destination_in_use"]);
    });
  }
});

describe("TestDestination", () => {
  it("sends a request of its own kind, now, and tells how it went", async () => {
    const { testDestination, answer, destinationId: id, system, audited, tables } = await setup();
    answer(() => ({ status: 418, responseExcerpt: "teapot" }));
    const report = await testDestination.run({ ...BY, id });

    expect(report).to.include({ kind: "sent", status: 418, error: null, responseExcerpt: "teapot" });
    const [{ request } = { request: null }] = system.sender.received;
    expect(request).to.include({ attempt: 1, tenant: BY.tenant });
    expect(JSON.parse(request?.body ?? "")).to.deep.include({ type: "punctual.test", data: { destinationId: id } });
    expect(audited()).to.include("destination.tested");
    expect(tables.events.size).to.equal(0);
  });

  it("sends to a disabled one too, and leaves its breaker alone", async () => {
    const { testDestination, answer, disable, destinationId: id, pass, system } = await setup();
    answer(() => ({ status: 500 }));
    await disable();
    for (let number = 0; number < 10; number++) {
      expect(await testDestination.run({ ...BY, id })).to.include({ kind: "sent", status: 500 });
      await pass(2_000);
    }
    const open = { destinationId: id, eventId: "e", ratePerSecond: null, concurrency: null, leaseMs: 1_000 };
    expect(await system.gate.admit([open])).to.deep.equal([{ kind: "go" }]);
  });

  it("sends no more than one a second", async () => {
    const { testDestination, destinationId: id, pass, received } = await setup();
    await testDestination.run({ ...BY, id });
    const second = await testDestination.run({ ...BY, id });
    expect(second.kind).to.equal("later");
    await pass(2_000);
    expect(await testDestination.run({ ...BY, id })).to.include({ kind: "sent" });
    expect(received()).to.have.length(2);
  });

  it("knows no destination of another tenant", async () => {
    const { testDestination, destinationId: id, received } = await setup();
    expect(await codesOf(testDestination.run({ ...BY, tenant: "other", id }))).to.deep.equal(["destination_not_found"]);
    expect(received()).to.deep.equal([]);
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
    await changeDestination.run({ ...BY, id, patch: { url: "https://new.test/" } });
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
    expect(await codesOf(changeDestination.run({ ...BY, tenant: "other", id, patch: {} }))).to.deep.equal([
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
      ["destination.created", destinationId, "ada"],
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

    expect(audited()).to.deep.equal(["destination.created", "destination.disabled.gone"]);
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
    expect(audited()).to.deep.equal(["destination.created", "destination.disabled.failing"]);
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
      ["destination.created", destinationId, "ada", null],
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
