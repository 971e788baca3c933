import type { ScheduledEvent } from "@punctual/core";
import { expect } from "chai";
import { type Answer, type Ask, type Desk, desk, idIn, itemsIn, operationOf } from "./support/desk.js";
import { problemsIn, refusalIn, URL_OF_RECEIVER } from "./support/desk.js";
import { workerOf } from "./support/worker.js";

const SAYS_NO = "https://says-no.test/";
const NOT_THERE = "00000000-0000-7000-8000-00000000dead";

describe("events over HTTP", () => {
  let one: Desk;
  let worker: ReturnType<typeof workerOf>;
  beforeEach(async () => {
    one = await desk();
    worker = workerOf(one);
    one.sender.listen(URL_OF_RECEIVER, () => ({ status: 200 }));
    one.sender.listen(SAYS_NO, () => ({ status: 400, responseExcerpt: "no" }));
  });
  afterEach(async () => {
    await one.close();
    expect(one.troubles).to.deep.equal([]);
  });

  const ask = (operation: string, options: Ask = {}) => one.ask(operationOf(operation), options);
  const on = (operation: string, id: string, body?: unknown) =>
    ask(operation, { params: { id }, ...(body !== undefined && { body }) });

  /** A schedule of each day at nine, by UTC. */
  const schedule = async (type = "report.due", url = URL_OF_RECEIVER, rest: object = {}) =>
    idIn(
      await ask("createSchedule", {
        body: { type, timeZone: "Etc/UTC", when: { cron: "0 9 * * *" }, destination: { url }, ...rest },
      }),
    );
  const eventsOf = (scheduleId: string) =>
    [...one.tables.events.values()]
      .filter((event) => event.scheduleId === scheduleId)
      .sort((a, b) => +a.dueAt - +b.dueAt);
  const firstOf = (scheduleId: string) => eventsOf(scheduleId)[0]?.id ?? "";
  const auditOf = (id: string) =>
    one.tables.audit
      .filter(({ subject }) => subject === id)
      .map(({ action, actor, note }) => ({ action, actor, note }));

  describe("the list", () => {
    let ids: { readonly yes: string; readonly no: string; readonly off: string };

    /** Three mornings of two schedules, the last one late, one by hand, and one that is cancelled. */
    beforeEach(async () => {
      ids = { yes: await schedule(), no: await schedule("invoice.due", SAYS_NO), off: await schedule("old.due") };
      await on("runSchedule", ids.yes);
      await on("cancelEvent", firstOf(ids.off));
      await worker.until("2027-01-02T12:00:00Z");
      one.clock.advanceTo(new Date("2027-01-03T09:00:07Z"));
      await worker.until("2027-01-03T12:00:00Z");
    });

    const inOrder = (events: readonly ScheduledEvent[]) =>
      [...events].sort((a, b) => +a.dueAt - +b.dueAt || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
    const all = () => [...one.tables.events.values()];
    const list = async (query: NonNullable<Ask["query"]>) => ask("listEvents", { query });
    const idsIn = (answer: Answer) => itemsIn(answer).map(({ id }) => id);
    const at = (time: string) => new Date(time).getTime();

    type Filter = readonly [
      title: string,
      query: () => NonNullable<Ask["query"]>,
      is: (event: ScheduledEvent) => boolean,
    ];
    const filters: readonly Filter[] = [
      ["a state", () => ({ state: "FAILED" }), ({ state }) => state === "FAILED"],
      ["states", () => ({ state: ["FAILED", "CANCELLED"] }), ({ state }) => /FAILED|CANCELLED/.test(state)],
      ["a reason", () => ({ reason: "rejected" }), ({ reason }) => reason === "rejected"],
      ["a schedule", () => ({ scheduleId: ids.no }), ({ scheduleId }) => scheduleId === ids.no],
      [
        "a destination",
        () => ({ destinationId: one.tables.schedules.get(ids.no)?.destinationId ?? "" }),
        ({ type }) => type === "invoice.due",
      ],
      ["a type", () => ({ type: "old.due" }), ({ scheduleId }) => scheduleId === ids.off],
      ["an origin", () => ({ origin: "manual" }), ({ origin }) => origin === "manual"],
      [
        "the time from which on, itself with it",
        () => ({ dueFrom: "2027-01-03T10:00:00+01:00" }),
        ({ dueAt }) => dueAt.getTime() >= at("2027-01-03T09:00:00Z"),
      ],
      [
        "the time before which, itself not with it",
        () => ({ dueBefore: "2027-01-03T09:00:00Z" }),
        ({ dueAt }) => dueAt.getTime() < at("2027-01-03T09:00:00Z"),
      ],
      ["the least lateness", () => ({ minLatenessMs: 7_000 }), ({ latenessMs }) => latenessMs === 7_000],
      [
        "all of them together",
        () => ({ state: "COMPLETED", type: "report.due", origin: "rule", dueBefore: "2027-01-02T09:00:01Z" }),
        ({ state, origin, dueAt }) =>
          state === "COMPLETED" && origin === "rule" && dueAt.getTime() <= at("2027-01-02T09:00:00Z"),
      ],
    ];

    for (const [title, query, is] of filters) {
      it(`is narrowed by ${title}`, async () => {
        const wanted = inOrder(
          all().filter((event) => (title.startsWith("all") ? event.scheduleId === ids.yes : true) && is(event)),
        );
        expect(wanted.length).to.be.within(1, all().length - 1);
        expect(idsIn(await list(query()))).to.deep.equal(wanted);
      });
    }

    it("is empty where nothing is so", async () => {
      expect((await list({ type: "nobody.knows" })).json).to.deep.equal({ items: [] });
    });

    it("tells of each event what there is to tell, and no attempts", async () => {
      const [last] = itemsIn(await list({ state: "FAILED", dueFrom: "2027-01-03T00:00:00Z" }));
      expect(last).to.deep.include({
        scheduleId: ids.no,
        type: "invoice.due",
        origin: "rule",
        state: "FAILED",
        reason: "rejected",
        dueAt: "2027-01-03T09:00:00.000Z",
        local: { dateTime: "2027-01-03T09:00:00", timeZone: "Etc/UTC", offset: "+00:00", fold: 0 },
        ...{ attempt: 1, redrives: 0, latenessMs: 7_000 },
      });
      expect(last?.finishedAt).to.match(/^2027-01-03T09:00:07/);
      expect(last).not.to.have.any.keys("attempts", "tenant", "content", "fence", "key");
    });

    for (const limit of [1, 2, 3]) {
      it(`comes whole in pages of ${limit}, events of one due time among them`, async () => {
        const whole = inOrder(all());
        expect(new Set(all().map(({ dueAt }) => +dueAt)).size).to.be.below(whole.length);
        const seen: unknown[] = [];
        for (let cursor: unknown = undefined, pages = 0; pages === 0 || cursor !== undefined; pages++) {
          const page = await list({ limit, ...(typeof cursor === "string" && { cursor }) });
          expect(itemsIn(page).length).to.be.within(1, limit);
          seen.push(...idsIn(page));
          cursor = page.json.nextCursor;
        }
        expect(seen).to.deep.equal(whole);
      });
    }

    it("has no further page where the last one is just full", async () => {
      const { json } = await list({ limit: all().length });
      expect(json).not.to.have.property("nextCursor");
    });

    it("goes on with the same filter alone", async () => {
      const { json } = await list({ limit: 1, state: "FAILED" });
      const cursor = json.nextCursor as string;
      const answer = await list({ limit: 1, state: "COMPLETED", cursor });
      expect([answer.status, ...problemsIn(answer)]).to.deep.equal([422, "/cursor bad_cursor"]);
      expect((await list({ limit: 5, state: "FAILED", cursor })).status).to.equal(200);
    });

    const wrong: readonly (readonly [Readonly<Record<string, string | readonly string[]>>, string])[] = [
      [{ dueFrom: "2027-01-02T00:00:00Z", dueBefore: "2027-01-01T00:00:00Z" }, "/dueBefore due_before_from"],
      [{ dueFrom: "2027-01-02T00:00:00Z", dueBefore: "2027-01-02T01:00:00+01:00" }, "/dueBefore due_before_from"],
      [{ dueFrom: "yesterday" }, "/dueFrom bad_format"],
      [{ dueFrom: "0000-01-01T00:00:00Z" }, "/dueFrom out_of_range"],
      [{ dueBefore: "9999-12-31T23:59:59-14:00" }, "/dueBefore out_of_range"],
      [{ dueBefore: "2027-02-30T00:00:00Z" }, "/dueBefore bad_format"],
      [{ dueBefore: "2027-02-03T00:00:00" }, "/dueBefore bad_format"],
      [{ state: "LOST" }, "/state not_one_form"],
      [{ state: ["FAILED", "LOST"] }, "/state not_one_form"],
      [{ reason: "boredom" }, "/reason not_a_choice"],
      [{ scheduleId: "7" }, "/scheduleId bad_format"],
      [{ origin: "heaven" }, "/origin not_a_choice"],
      [{ minLatenessMs: "-1" }, "/minLatenessMs out_of_range"],
      [{ minLatenessMs: "late" }, "/minLatenessMs not_a_number"],
      [{ type: "" }, "/type empty"],
    ];
    for (const [query, problem] of wrong) {
      it(`refuses ${JSON.stringify(query)}: ${problem}`, async () => {
        const answer = await list(query);
        expect([answer.status, ...problemsIn(answer)]).to.deep.equal([422, problem]);
      });
    }
  });

  describe("reading one", () => {
    it("tells its attempts in their order: what was answered, what failed, and how late it was", async () => {
      one.sender.listen(URL_OF_RECEIVER, () => {
        const times = one.sender.received.length;
        if (times === 1) return { status: 503, responseExcerpt: "busy" };
        return times === 2 ? { error: "reset" } : { status: 204, afterMs: 120 };
      });
      const id = firstOf(await schedule("report.due", URL_OF_RECEIVER, { retry: { maxAttempts: 5 } }));

      await worker.until("2027-01-01T12:00:00Z");

      const { json } = await on("getEvent", id);
      expect(json).to.deep.include({ id, state: "COMPLETED", attempt: 3, latenessMs: 0 });
      expect(json).not.to.have.property("reason");
      const attempts = json.attempts as readonly Record<string, unknown>[];
      expect(attempts.map(({ startedAt: _, ...rest }) => rest)).to.deep.equal([
        { number: 1, durationMs: 0, status: 503, responseExcerpt: "busy" },
        { number: 2, durationMs: 0, error: "reset" },
        { number: 3, durationMs: 120, status: 204 },
      ]);
      const starts = attempts.map(({ startedAt }) => startedAt as string);
      expect(starts[0]).to.equal("2027-01-01T09:00:00.000Z");
      expect(starts).to.deep.equal([...starts].sort());
    });

    it("tells no attempts of one that was not tried", async () => {
      const { json } = await on("getEvent", firstOf(await schedule()));
      expect(json).to.deep.include({ state: "PENDING", attempt: 0, attempts: [] });
      expect(json).not.to.have.any.keys("latenessMs", "finishedAt", "reason");
    });

    it("keeps the attempts of before beside those of after a retry", async () => {
      const id = firstOf(await schedule("invoice.due", SAYS_NO));
      await worker.until("2027-01-01T12:00:00Z");
      await on("retryEvent", id);
      await worker.until("2027-01-01T13:00:00Z");
      const { json } = await on("getEvent", id);
      expect((json.attempts as readonly { readonly number: number }[]).map(({ number }) => number)).to.eql([1, 2]);
      expect(json).to.deep.include({ attempt: 1, redrives: 1, state: "FAILED" });
    });
  });

  describe("what knows no such event", () => {
    const bodies: Readonly<Record<string, object>> = { rescheduleEvent: { at: "2027-02-01T09:00:00" } };
    for (const operation of ["getEvent", "cancelEvent", "retryEvent", "rescheduleEvent"]) {
      it(`${operation} says 404`, async () => {
        const body = operation === "getEvent" ? undefined : (bodies[operation] ?? {});
        for (const id of [NOT_THERE, "7", "a%00b", "%", "x".repeat(500)]) {
          expect(refusalIn(await on(operation, id, body)), id).to.deep.equal([404, "event_not_found"]);
        }
      });
    }
  });

  describe("cancelling", () => {
    it("takes one out, and lets its series go on; the note is on record", async () => {
      const series = await schedule();
      const id = firstOf(series);
      const { status, json } = await on("cancelEvent", id, { note: "a holiday" });
      expect(status).to.equal(200);
      const finishedAt = "2027-01-01T00:00:00.000Z";
      expect(json).to.deep.include({ id, state: "CANCELLED", reason: "cancelled", finishedAt });
      expect(eventsOf(series).map(({ state, dueAt }) => `${state} ${dueAt.toISOString()}`)).to.deep.equal([
        "CANCELLED 2027-01-01T09:00:00.000Z",
        "PENDING 2027-01-02T09:00:00.000Z",
      ]);
      expect(auditOf(id)).to.deep.equal([{ action: "event.cancelled", actor: "ada", note: "a holiday" }]);
    });

    it("changes nothing a second time, and needs no body", async () => {
      const id = firstOf(await schedule());
      const { text } = await on("cancelEvent", id);
      expect((await on("cancelEvent", id)).text).to.equal(text);
      expect(auditOf(id)).to.deep.equal([{ action: "event.cancelled", actor: "ada", note: null }]);
    });

    it("is too late while its request is under way: in_flight", async () => {
      one.sender.listen(URL_OF_RECEIVER, () => ({ status: 200, afterMs: 5_000 }));
      const id = firstOf(await schedule());
      one.clock.advanceTo(new Date("2027-01-01T09:00:00Z"));
      await worker.begin();
      expect((await on("getEvent", id)).json.state).to.equal("PROCESSING");
      expect(refusalIn(await on("cancelEvent", id, { note: "stop" }))).to.deep.equal([409, "in_flight"]);
      expect(refusalIn(await on("retryEvent", id))).to.deep.equal([409, "wrong_state"]);
      const at = { at: "2027-01-05T09:00:00" };
      expect(refusalIn(await on("rescheduleEvent", id, at))).to.deep.equal([409, "wrong_state"]);
      expect(auditOf(id)).to.deep.equal([]);
      await worker.settle();
      expect((await on("getEvent", id)).json.state).to.equal("COMPLETED");
    });

    it("is too late once it has ended: wrong_state", async () => {
      const done = firstOf(await schedule());
      const failed = firstOf(await schedule("invoice.due", SAYS_NO));
      await worker.until("2027-01-01T12:00:00Z");
      for (const id of [done, failed]) {
        expect(refusalIn(await on("cancelEvent", id))).to.deep.equal([409, "wrong_state"]);
      }
    });
  });

  describe("retrying", () => {
    it("sets a failed one going again, under its id; the note is on record", async () => {
      const id = firstOf(await schedule("invoice.due", SAYS_NO));
      await worker.until("2027-01-01T12:00:00Z");
      one.sender.listen(SAYS_NO, () => ({ status: 200 }));

      const { status, json } = await on("retryEvent", id, { note: "mended" });

      expect(status).to.equal(200);
      expect(json).to.deep.include({ id, state: "PENDING", attempt: 0, redrives: 1 });
      expect(json).not.to.have.any.keys("reason", "finishedAt");
      expect(auditOf(id)).to.deep.equal([{ action: "event.redriven", actor: "ada", note: "mended" }]);
      await worker.until("2027-01-01T13:00:00Z");
      expect((await on("getEvent", id)).json).to.deep.include({ state: "COMPLETED", redrives: 1 });
    });

    it("is for failed ones alone: wrong_state", async () => {
      const [waiting, cancelled] = [firstOf(await schedule()), firstOf(await schedule())];
      await on("cancelEvent", cancelled);
      for (const id of [waiting, cancelled]) {
        expect(refusalIn(await on("retryEvent", id))).to.deep.equal([409, "wrong_state"]);
      }
    });

    it("does nothing for a schedule that was deleted: wrong_state", async () => {
      const series = await schedule("invoice.due", SAYS_NO);
      await worker.until("2027-01-01T12:00:00Z");
      await ask("deleteSchedule", { params: { id: series }, headers: { "if-match": "*" } });
      expect(refusalIn(await on("retryEvent", firstOf(series)))).to.deep.equal([409, "wrong_state"]);
    });
  });

  describe("moving one", () => {
    it("takes a time on its schedule's wall; its series stays where it is", async () => {
      const series = await schedule("report.due", URL_OF_RECEIVER, { timeZone: "Europe/Berlin" });
      const id = firstOf(series);
      const { status, json } = await on("rescheduleEvent", id, { at: "2027-01-01T17:30:00", note: "after lunch" });
      expect(status).to.equal(200);
      expect(json).to.deep.include({
        ...{ id, state: "PENDING", dueAt: "2027-01-01T16:30:00.000Z" },
        local: { dateTime: "2027-01-01T17:30:00", timeZone: "Europe/Berlin", offset: "+01:00", fold: 0 },
      });
      expect(eventsOf(series).map(({ dueAt }) => dueAt.toISOString())).to.deep.equal([
        "2027-01-01T16:30:00.000Z",
        "2027-01-02T08:00:00.000Z",
      ]);
      expect(auditOf(id)).to.deep.equal([{ action: "event.rescheduled", actor: "ada", note: "after lunch" }]);
    });

    it("takes an instant", async () => {
      const id = firstOf(await schedule());
      const { json } = await on("rescheduleEvent", id, { at: "2027-01-01T17:30:00+02:00" });
      expect(json.dueAt).to.equal("2027-01-01T15:30:00.000Z");
    });

    const wrong: readonly (readonly [object, string])[] = [
      [{}, "/at required"],
      [{ at: "" }, "/at not_a_date_time"],
      [{ at: "tomorrow" }, "/at not_a_date_time"],
      [{ at: "2027-02-30T09:00:00" }, "/at not_a_date_time"],
      [{ at: "12027-02-03T09:00:00" }, "/at not_a_date_time"],
      [{ at: "2027-02-03T09:00:00+99:00" }, "/at not_a_date_time"],
      [{ at: 1_800_000_000_000 }, "/at not_text"],
      [{ at: "2027-02-03T09:00:00", when: "now" }, "/when unknown_field"],
      [{ at: "2027-02-03T09:00:00", note: "" }, "/note empty"],
      [{ at: "2027-02-03T09:00:00", note: "x".repeat(257) }, "/note too_long"],
    ];
    for (const [body, problem] of wrong) {
      it(`refuses ${JSON.stringify(body).slice(0, 60)}: ${problem}`, async () => {
        const answer = await on("rescheduleEvent", firstOf(await schedule()), body);
        expect([answer.status, ...problemsIn(answer)]).to.deep.equal([422, problem]);
      });
    }

    it("refuses a time that the clocks skip, where the schedule's rule is to skip it", async () => {
      const id = firstOf(await schedule("x", URL_OF_RECEIVER, { timeZone: "Europe/Berlin", gap: "skip" }));
      const answer = await on("rescheduleEvent", id, { at: "2027-03-28T02:30:00" });
      expect([answer.status, ...problemsIn(answer)]).to.deep.equal([422, "/at never"]);
    });

    it("does nothing with one that has ended: wrong_state", async () => {
      const id = firstOf(await schedule());
      await on("cancelEvent", id);
      const answer = await on("rescheduleEvent", id, { at: "2027-02-01T09:00:00" });
      expect(refusalIn(answer)).to.deep.equal([409, "wrong_state"]);
    });
  });

  describe("redriving many", () => {
    const redrive = (body: unknown) => ask("redriveEvents", { body });

    it("sets going again what its filter finds, at its pace, and says how many", async () => {
      const [no, other] = [await schedule("invoice.due", SAYS_NO), await schedule("bill.due", SAYS_NO)];
      await worker.until("2027-01-03T12:00:00Z");

      const { json } = await redrive({ filter: { type: "invoice.due" }, perSecond: 2, note: "mended" });

      expect(json).to.deep.equal({ redriven: 3 });
      const again = eventsOf(no).filter(({ redrives }) => redrives > 0);
      expect(again.map(({ state, wakeAt }) => `${state} ${wakeAt?.toISOString() ?? ""}`)).to.deep.equal([
        "PENDING 2027-01-03T12:00:00.000Z",
        "PENDING 2027-01-03T12:00:00.500Z",
        "PENDING 2027-01-03T12:00:01.000Z",
      ]);
      expect(eventsOf(other).some(({ redrives }) => redrives > 0)).to.equal(false);
      expect(auditOf("main")).to.deep.equal([{ action: "events.redriven", actor: "ada", note: "mended" }]);
      expect((await redrive({ filter: { type: "invoice.due" } })).json).to.deep.equal({ redriven: 0 });
    });

    it("heeds every condition", async () => {
      const no = await schedule("invoice.due", SAYS_NO);
      await worker.until("2027-01-03T12:00:00Z");
      const destinationId = one.tables.schedules.get(no)?.destinationId;
      const conditions = { scheduleId: no, destinationId, reason: "rejected", origin: "rule" };
      const range = { dueFrom: "2027-01-02T00:00:00Z", dueBefore: "2027-01-03T00:00:00Z" };
      expect((await redrive({ filter: { ...conditions, reason: "gone" } })).json.redriven).to.equal(0);
      expect((await redrive({ filter: { ...conditions, origin: "manual" } })).json.redriven).to.equal(0);
      expect((await redrive({ filter: { ...conditions, ...range } })).json.redriven).to.equal(1);
      expect((await redrive({ filter: conditions })).json.redriven).to.equal(2);
    });

    const wrong: readonly (readonly [object, string])[] = [
      [{}, "/filter required"],
      [{ filter: {} }, "/filter required"],
      [{ filter: { type: "x" }, perSecond: 0 }, "/perSecond out_of_range"],
      [{ filter: { type: "x" }, perSecond: -1 }, "/perSecond out_of_range"],
      [{ filter: { type: "x" }, perSecond: 1e-300 }, "/perSecond out_of_range"],
      [{ filter: { type: "x" }, perSecond: 10_001 }, "/perSecond out_of_range"],
      [{ filter: { state: "FAILED" } }, "/filter/state unknown_field"],
      [
        { filter: { dueFrom: "2027-01-02T00:00:00Z", dueBefore: "2027-01-02T00:00:00Z" } },
        "/filter/dueBefore due_before_from",
      ],
    ];
    for (const [body, problem] of wrong) {
      it(`refuses ${JSON.stringify(body)}: ${problem}`, async () => {
        const answer = await redrive(body);
        expect([answer.status, ...problemsIn(answer)]).to.deep.equal([422, problem]);
      });
    }
  });

  for (const note of ["a\u0000b", "a\nb", "\ud800"]) {
    it(`keeps no note that a database could not: ${JSON.stringify(note)}`, async () => {
      const id = firstOf(await schedule());
      const answer = await on("cancelEvent", id, { note });
      expect([answer.status, ...problemsIn(answer)]).to.deep.equal([422, "/note control_characters"]);
      expect((await on("getEvent", id)).json.state).to.equal("PENDING");
    });
  }
});
