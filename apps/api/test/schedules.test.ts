import { expect } from "chai";
import {
  type Answer,
  type Ask,
  daily,
  type Desk,
  desk,
  idIn,
  operationOf,
  START,
  URL_OF_RECEIVER,
} from "./support/desk.js";

describe("schedules over HTTP", () => {
  let one: Desk;
  beforeEach(async () => (one = await desk()));
  afterEach(async () => {
    await one.close();
    expect(one.troubles).to.deep.equal([]);
  });

  const ask = (id: string, options?: Ask) => one.ask(operationOf(id), options);
  const create = (fields: object = {}, options: Ask = {}) =>
    ask("createSchedule", { body: { ...daily, ...fields }, ...options });
  const made = async (fields?: object) => idIn(await create(fields));
  const get = (id: string) => ask("getSchedule", { params: { id } });
  const change = (id: string, body: object, ifMatch: string | undefined = "*", type?: string) =>
    ask("changeSchedule", {
      params: { id },
      body,
      headers: { "if-match": ifMatch, ...(type && { "content-type": type }) },
    });
  const remove = (id: string, ifMatch: string | undefined = "*") =>
    ask("deleteSchedule", { params: { id }, headers: { "if-match": ifMatch } });
  const itemsOf = ({ json }: Answer) => json.items as readonly Readonly<Record<string, unknown>>[];
  const idsOf = (answer: Answer) => itemsOf(answer).map(({ id }) => id);
  const problemsOf = ({ status, json }: Answer) => [
    status,
    ...((json.errors ?? []) as readonly { readonly pointer: string; readonly code: string }[]).map(
      ({ pointer, code }) => `${pointer} ${code}`,
    ),
  ];
  const refusalOf = ({ status, json }: Answer) => [status, json.code];
  const etagOf = ({ headers }: Answer) => headers.get("etag");
  const rows = () => {
    const { schedules, events, destinations, users, audit, replies } = one.tables;
    return JSON.stringify([[...schedules], [...events], [...destinations], [...users], audit, [...replies]]);
  };

  describe("created", () => {
    it("is told with its defaults, and where it is", async () => {
      const answer = await create();
      const { destinationId, id, ...rest } = answer.json;
      expect(answer.status).to.equal(201);
      expect(rest).to.deep.equal({
        ...{ type: "report.due", timeZone: "Europe/Berlin", when: daily.when, payload: daily.payload },
        ...{ gap: "shift", overlap: "first", leapDay: "feb28" },
        ...{ catchUp: { policy: "latest" }, ifRunning: "start", labels: {} },
        retry: { maxAttempts: 12, within: "P1D", initial: "PT20S", cap: "PT6H" },
        ...{ state: "active", revision: 1, nextDueAt: "2027-01-01T08:00:00.000Z" },
        ...{ createdAt: new Date(START).toISOString(), updatedAt: new Date(START).toISOString() },
      });
      expect([etagOf(answer), answer.headers.get("location")]).to.deep.equal(['"1"', `/v1/schedules/${String(id)}`]);
      const read = await one.raw("get", answer.headers.get("location") ?? "");
      expect(read.json).to.deep.equal(answer.json);
      expect(etagOf(read)).to.equal('"1"');
      const destination = await ask("getDestination", { params: { id: String(destinationId) } });
      expect([destination.json.url, destination.json.inline]).to.deep.equal([URL_OF_RECEIVER, true]);
    });

    it("has its first event", async () => {
      const id = await made();
      const events = itemsOf(await ask("listEvents", { query: { scheduleId: id } }));
      expect(events.map(({ state, dueAt, origin }) => [state, dueAt, origin])).to.deep.equal([
        ["PENDING", "2027-01-01T08:00:00.000Z", "rule"],
      ]);
    });

    it("keeps all that was said of it", async () => {
      const said = {
        ...{ key: "mine", gap: "skip", overlap: "both", leapDay: "mar1", ifRunning: "wait" },
        ...{ from: "2027-02-01T00:00:00", until: "2028-01-01T00:00:00", count: 7, spread: "PT5M" },
        catchUp: { policy: "all", within: "PT1H" },
        lateness: { max: "PT10M", then: "skip" },
        retry: { maxAttempts: 3, within: "PT1H", initial: "PT5S", cap: "PT1M" },
        labels: { team: "x", "app/part": "a:b" },
      };
      const { json } = await create(said);
      expect(json).to.deep.include(said);
      expect((await get(String(json.id))).json).to.deep.equal(json);
    });

    it("names those who are told of its end", async () => {
      const to = (path: string) => ({ destination: { url: `https://receiver.test/${path}` } });
      const { json } = await create({ onSuccess: to("good"), onFailure: to("bad") });
      const urls = [json.onSuccess, json.onFailure].map(
        (target) => one.tables.destinations.get((target as { readonly destinationId: string }).destinationId)?.url,
      );
      expect(urls).to.deep.equal(["https://receiver.test/good", "https://receiver.test/bad"]);
    });

    it("takes any JSON for a payload, and an empty object where there is none", async () => {
      for (const payload of [null, 0, "", [], [[]], { a: null }, "ü😀", false]) {
        expect((await create({ payload })).json.payload).to.deep.equal(payload);
      }
      expect((await create({ payload: undefined })).json.payload).to.deep.equal({});
    });

    it("may go to a destination that is there, and not to one that is not", async () => {
      const destinationId = idIn(await ask("createDestination", { body: daily.destination }));
      const to = (id: string) => create({ destination: undefined, destinationId: id });
      expect((await to(destinationId)).json.destinationId).to.equal(destinationId);
      expect((await to("00000000-0000-7000-8000-0000000000ff")).status).to.equal(422);
      const theirs = { as: "admin:other:eve", body: { ...daily, destination: undefined, destinationId } };
      expect((await ask("createSchedule", theirs)).status).to.equal(422);
    });

    it("is refused where nothing of it lies ahead", async () => {
      expect(problemsOf(await create({ when: { at: "2020-01-01T09:00:00" } }))).to.deep.equal([
        422,
        "/when in_the_past",
      ]);
      expect(rows()).to.equal(JSON.stringify([[], [], [], [], [], []]));
    });

    it("is refused where its key is another's, until that is deleted", async () => {
      const first = await made({ key: "mine" });
      expect(refusalOf(await create({ key: "mine" }))).to.deep.equal([409, "key_taken"]);
      expect(
        (await create({ key: "mine" }, { as: "admin:other:eve", body: { ...daily, key: "mine" } })).status,
      ).to.equal(201);
      await remove(first);
      expect((await create({ key: "mine" })).status).to.equal(201);
    });
  });

  describe("listed", () => {
    let ids: Readonly<Record<"a" | "b" | "c" | "d", string>>;
    let destinationId: string;

    beforeEach(async () => {
      destinationId = idIn(await ask("createDestination", { body: daily.destination }));
      const there = { destination: undefined, destinationId };
      ids = {
        a: await made({ labels: { team: "x", size: "small" } }),
        b: await made({ type: "other", labels: { team: "x", size: "large" } }),
        c: await made({ timeZone: "America/New_York", labels: { team: "y", "app/part": "a:b" } }),
        d: await made({ ...there, labels: { note: "x y&z=ü" } }),
      };
      await ask("pauseSchedule", { params: { id: ids.b } });
    });

    const cases: readonly (readonly [string, () => NonNullable<Ask["query"]>, readonly (keyof typeof ids)[]])[] = [
      ["no filter", () => ({}), ["a", "b", "c", "d"]],
      ["a type", () => ({ type: "other" }), ["b"]],
      ["a type that none has", () => ({ type: "Other" }), []],
      ["a destination", () => ({ destinationId }), ["d"]],
      ["a zone", () => ({ timeZone: "Europe/Berlin" }), ["a", "b", "d"]],
      ["a zone, however it is written", () => ({ timeZone: "america/new_york" }), ["c"]],
      ["a zone that is none", () => ({ timeZone: "Mars/Olympus" }), []],
      ["the status paused", () => ({ status: "paused" }), ["b"]],
      ["the status active", () => ({ status: "active" }), ["a", "c", "d"]],
      ["a label", () => ({ label: "team:x" }), ["a", "b"]],
      ["several labels", () => ({ label: ["team:x", "size:large"] }), ["b"]],
      ["a label twice", () => ({ label: ["team:x", "team:x"] }), ["a", "b"]],
      ["two values of one label", () => ({ label: ["team:y", "team:x"] }), []],
      ["a label that no schedule has all of", () => ({ label: ["team:y", "size:large"] }), []],
      ["a label with a colon in its value", () => ({ label: "app/part:a:b" }), ["c"]],
      ["a label with anything in its value", () => ({ label: "note:x y&z=ü" }), ["d"]],
      ["a label of no name that objects have", () => ({ label: "constructor:x" }), []],
      [
        "a type, a zone, a status and a label",
        () => ({ type: "other", timeZone: "Europe/Berlin", status: "paused", label: "team:x" }),
        ["b"],
      ],
      ["filters that exclude each other", () => ({ type: "other", status: "active" }), []],
    ];

    for (const [title, query, names] of cases) {
      it(`by ${title}`, async () => {
        expect(idsOf(await ask("listSchedules", { query: query() }))).to.deep.equal(names.map((name) => ids[name]));
      });
    }

    it("is told as when it is read", async () => {
      for (const item of itemsOf(await ask("listSchedules"))) {
        expect(item).to.deep.equal((await get(String(item.id))).json);
      }
    });

    it("is not told once it is deleted", async () => {
      await remove(ids.a);
      expect(idsOf(await ask("listSchedules"))).to.deep.equal([ids.b, ids.c, ids.d]);
    });
  });

  describe("paged", () => {
    const MANY = 25;
    let ids: string[];
    beforeEach(async () => {
      ids = [];
      for (let index = 0; index < MANY; index++) ids.push(await made({ labels: { odd: String(index % 2) } }));
    });

    const pages = async (
      query: NonNullable<Ask["query"]>,
      between: (page: number) => Promise<unknown> = async () => undefined,
    ) => {
      const found: unknown[][] = [];
      for (let cursor: string | undefined, page = 1; page < 100; page++) {
        const answer = await ask("listSchedules", { query: { ...query, ...(cursor !== undefined && { cursor }) } });
        expect(answer.status, answer.text).to.equal(200);
        found.push(idsOf(answer));
        const { nextCursor } = answer.json;
        if (typeof nextCursor !== "string") return found;
        cursor = nextCursor;
        await between(page);
      }
      throw new Error("It has no end");
    };

    for (const limit of [1, 2, 5, 7, 24, 25, 26, 200]) {
      it(`has each once, by ${limit}`, async () => {
        const found = await pages({ limit });
        expect(found.flat()).to.deep.equal(ids);
        expect(found).to.have.length(Math.ceil(MANY / limit));
        for (const page of found.slice(0, -1)) expect(page).to.have.length(limit);
      });
    }

    it("has each that the filter wants once", async () => {
      const found = await pages({ limit: 3, label: "odd:1" });
      expect(found.flat()).to.deep.equal(ids.filter((_, index) => index % 2 === 1));
    });

    it("has each once though one is added meanwhile, and that one at its end", async () => {
      let added = "";
      const found = await pages({ limit: 4 }, async (page) => {
        if (page === 2) added = await made();
      });
      expect(found.flat()).to.deep.equal([...ids, added]);
    });

    it("has each that is left once though some are deleted meanwhile, told or not", async () => {
      const found = await pages({ limit: 4 }, async (page) => {
        // The first, the last that was told, and the next.
        if (page === 2) for (const index of [0, 7, 8]) await remove(ids[index] ?? "");
      });
      expect(found.flat()).to.deep.equal(ids.filter((_, index) => index !== 8));
    });

    it("has each once though one is changed meanwhile", async () => {
      const found = await pages({ limit: 4 }, (page) => change(ids[page] ?? "", { type: `changed-${page}` }));
      expect(found.flat()).to.deep.equal(ids);
    });
  });

  describe("changed", () => {
    it("moves to the next revision, with the right tag", async () => {
      const id = await made();
      one.clock.advance(1_000);
      const answer = await change(id, { type: "report.ready" }, '"1"');
      expect([answer.status, etagOf(answer), answer.json.revision]).to.deep.equal([200, '"2"', 2]);
      expect([answer.json.type, answer.json.updatedAt]).to.deep.equal(["report.ready", "2027-01-01T00:00:01.000Z"]);
      expect((await get(id)).json).to.deep.equal(answer.json);
    });

    it("is refused with a tag that is stale: 412", async () => {
      const id = await made();
      await change(id, { type: "first" }, '"1"');
      const before = rows();
      expect(refusalOf(await change(id, { type: "second" }, '"1"'))).to.deep.equal([412, "stale_revision"]);
      expect(refusalOf(await change(id, { type: "second" }, '"3"'))).to.deep.equal([412, "stale_revision"]);
      expect(refusalOf(await remove(id, '"1"'))).to.deep.equal([412, "stale_revision"]);
      expect(rows()).to.equal(before);
    });

    it("is refused without a tag: 428", async () => {
      const id = await made();
      for (const ifMatch of ["", "  "]) {
        expect(refusalOf(await change(id, { type: "x" }, ifMatch))).to.deep.equal([428, "if_match_required"]);
        expect(refusalOf(await remove(id, ifMatch))).to.deep.equal([428, "if_match_required"]);
      }
      expect((await ask("changeSchedule", { params: { id }, body: {} })).status).to.equal(428);
      expect((await ask("deleteSchedule", { params: { id } })).status).to.equal(428);
    });

    for (const ifMatch of [
      'W/"1"',
      "1",
      '"1',
      '1"',
      '"01"',
      '"1", "2"',
      '"one"',
      '"-1"',
      '"1.0"',
      '""',
      "**",
      '"9999999999999999"',
    ]) {
      it(`is refused with what is none of its tags: ${ifMatch}`, async () => {
        const id = await made();
        expect(refusalOf(await change(id, { type: "x" }, ifMatch))).to.deep.equal([412, "stale_revision"]);
        expect(refusalOf(await remove(id, ifMatch))).to.deep.equal([412, "stale_revision"]);
        expect((await get(id)).json.revision).to.equal(1);
      });
    }

    it("is changed whatever its revision, with `*`", async () => {
      const id = await made();
      for (const revision of [2, 3, 4])
        expect((await change(id, { type: `x${revision}` })).json.revision).to.equal(revision);
    });

    it("is changed once by two who have seen the same", async () => {
      const id = await made();
      const answers = await Promise.all(["a", "b"].map((type) => change(id, { type }, '"1"')));
      expect(answers.map(({ status }) => status).sort()).to.deep.equal([200, 412]);
    });

    for (const type of ["application/merge-patch+json", "application/json", "Application/JSON; charset=utf-8"]) {
      it(`takes ${type}`, async () => {
        expect((await change(await made(), { type: "x" }, "*", type)).json.type).to.equal("x");
      });
    }

    for (const type of ["text/plain", "application/json-patch+json", "application/x-www-form-urlencoded"]) {
      it(`does not take ${type}: 415`, async () => {
        const answer = await change(await made(), { type: "x" }, "*", type);
        expect(refusalOf(answer)).to.deep.equal([415, "unsupported_media_type"]);
      });
    }

    it("has a field taken away by null, and what is left out stays", async () => {
      const said = {
        ...{ key: "mine", gap: "skip", count: 7, spread: "PT5M", labels: { a: "b" }, ifRunning: "wait" },
        ...{
          lateness: { max: "PT10M" },
          catchUp: "all",
          retry: { maxAttempts: 3 },
          onFailure: { destination: daily.destination },
        },
      };
      const id = await made(said);
      const plain = (await create()).json;
      const none = Object.fromEntries([...Object.keys(said), "payload"].map((name) => [name, null]));
      const { json } = await change(id, none);
      const fields = (one: Answer["json"]) => ({ ...one, id: "", revision: 0 });
      expect(fields(json)).to.deep.equal(fields({ ...plain, payload: {} }));
      expect((await create({ key: "mine" })).status, "the key is free").to.equal(201);
    });

    it("keeps its payload exactly where that is not named, and takes a new one exactly", async () => {
      const long = '{"id":12345678901234567890,"id":1.0}';
      const text = (payload: string) =>
        JSON.stringify({ ...daily, payload: 0 }).replace('"payload":0', `"payload":${payload}`);
      const id = idIn(await ask("createSchedule", { text: text(long) }));
      expect((await change(id, { type: "x" })).text).to.include(`"payload":${long}`);
      const headers = { "if-match": "*" };
      const answer = await ask("changeSchedule", { params: { id }, headers, text: '{"payload":[ 1.00 ]}' });
      expect(answer.text).to.include('"payload":[ 1.00 ]');
    });

    it("is not left without what it needs", async () => {
      const id = await made();
      expect(problemsOf(await change(id, { type: null }))).to.deep.equal([422, "/type required"]);
      expect(problemsOf(await change(id, { timeZone: null }))).to.include("/timeZone required");
      expect(problemsOf(await change(id, { when: null }))).to.include("/when required");
      expect(problemsOf(await change(id, { destinationId: null }))).to.include("/destinationId required");
      expect(problemsOf(await change(id, { id: "x", state: "paused", revision: 7 }))).to.deep.equal([
        ...[422, "/id unknown_field", "/state unknown_field", "/revision unknown_field"],
      ]);
      expect((await get(id)).json.revision).to.equal(1);
    });

    it("has its next event moved by a new time, or a new zone", async () => {
      const id = await made();
      const timed = await change(id, { when: { cron: "30 17 * * *" } });
      expect(timed.json.nextDueAt).to.equal("2027-01-01T16:30:00.000Z");
      const zoned = await change(id, { timeZone: "America/New_York" });
      expect(zoned.json.nextDueAt).to.equal("2027-01-01T22:30:00.000Z");
      const events = itemsOf(await ask("listEvents", { query: { scheduleId: id, state: "PENDING" } }));
      expect(events.map(({ dueAt }) => dueAt)).to.deep.equal([zoned.json.nextDueAt]);
    });

    it("goes elsewhere by naming or describing a destination", async () => {
      const id = await made();
      const destinationId = idIn(await ask("createDestination", { body: daily.destination }));
      expect((await change(id, { destinationId })).json.destinationId).to.equal(destinationId);
      const described = (await change(id, { destination: { url: "https://receiver.test/other" } })).json;
      expect(one.tables.destinations.get(String(described.destinationId))?.url).to.equal("https://receiver.test/other");
    });

    it("does not take another's key", async () => {
      await made({ key: "mine" });
      expect(refusalOf(await change(await made(), { key: "mine" }))).to.deep.equal([409, "key_taken"]);
    });
  });

  describe("deleted", () => {
    it("is gone, with its open events", async () => {
      const id = await made();
      const answer = await remove(id, '"1"');
      expect([answer.status, answer.text]).to.deep.equal([204, ""]);
      const params = { id };
      for (const name of ["getSchedule", "listOccurrences", "pauseSchedule", "resumeSchedule", "runSchedule"]) {
        expect(refusalOf(await ask(name, { params })), name).to.deep.equal([404, "schedule_not_found"]);
      }
      expect((await remove(id)).status).to.equal(404);
      expect((await remove(id, '"1"')).status).to.equal(404);
      expect((await change(id, { type: "x" })).status).to.equal(404);
      const events = itemsOf(await ask("listEvents", { query: { scheduleId: id } }));
      expect(events.map(({ state, reason }) => [state, reason])).to.deep.equal([["CANCELLED", "schedule_deleted"]]);
    });

    it("is not so where it is a user's birthday", async () => {
      const body = { firstName: "Ada", lastName: "L", dateOfBirth: "1990-12-10", timezone: "Europe/London" };
      const { json } = await ask("createUser", { body });
      expect(refusalOf(await remove(String(json.scheduleId)))).to.deep.equal([409, "belongs_to_user"]);
    });
  });

  describe("put by its key", () => {
    const put = (key: string, fields: object = {}, options: Ask = {}) =>
      ask("putSchedule", { params: { key }, body: { ...daily, ...fields }, ...options });

    it("is made, left alone where the same is said, and changed where it is not", async () => {
      const first = await put("mine");
      expect([first.status, etagOf(first), first.json.key]).to.deep.equal([201, '"1"', "mine"]);
      expect(first.headers.get("location")).to.equal(`/v1/schedules/${idIn(first)}`);
      expect((await one.raw("get", first.headers.get("location") ?? "")).json).to.deep.equal(first.json);

      one.clock.advance(1_000);
      const before = rows();
      const same = await put("mine", { key: "mine" });
      expect([same.status, etagOf(same), same.headers.get("location")]).to.deep.equal([200, '"1"', null]);
      expect(same.json).to.deep.equal(first.json);
      expect(rows()).to.equal(before);

      const other = await put("mine", { when: { cron: "0 10 * * *" } });
      expect([other.status, etagOf(other), idIn(other)]).to.deep.equal([200, '"2"', idIn(first)]);
      expect(other.json.nextDueAt).to.equal("2027-01-01T09:00:00.000Z");
    });

    it("is replaced whole: what is left out is as if it had never been said", async () => {
      await put("mine", { labels: { a: "b" }, gap: "skip", lateness: { max: "PT1M" } });
      const { json } = await put("mine", { payload: undefined });
      expect(json).to.deep.include({ labels: {}, gap: "shift", payload: {} });
      expect(json).not.to.have.property("lateness");
    });

    it("is refused with another key in its body", async () => {
      expect(problemsOf(await put("mine", { key: "other" }))).to.deep.equal([422, "/key not_this_key"]);
      expect(one.tables.schedules.size).to.equal(0);
    });

    for (const key of ["a/b", "/", "100%", "%2F", "a b+c", "ü😀", "?a=b#c", "a;b,c:d", "__proto__", "x".repeat(256)]) {
      it(`has any key: ${key.slice(0, 20)}`, async () => {
        const first = await put(key);
        expect([first.status, first.json.key]).to.deep.equal([201, key]);
        expect([(await put(key, { key })).status, one.tables.schedules.size]).to.deep.equal([200, 1]);
      });
    }

    it("has no key that is too long, or has control characters", async () => {
      expect((await ask("putSchedule", { params: { key: "a\u0000" }, body: daily })).status).to.equal(422);
      expect((await one.raw("put", `/v1/schedules/by-key/${"x".repeat(257)}`, { body: daily })).status).to.equal(404);
    });

    it("is the one that was made with the key, and made anew once that is deleted", async () => {
      const id = await made({ key: "mine" });
      const same = await put("mine");
      expect([same.status, idIn(same)]).to.deep.equal([200, id]);
      await remove(id);
      const anew = await put("mine");
      expect([anew.status, idIn(anew) === id]).to.deep.equal([201, false]);
    });

    it("is another tenant's own", async () => {
      await put("mine");
      expect((await put("mine", {}, { as: "admin:other:eve" })).status).to.equal(201);
    });

    it("is made once by many at one time", async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => put("mine")));
      expect(answers.filter(({ status }) => status === 201)).to.have.length(1);
      expect(new Set(answers.map(idIn)).size).to.equal(1);
    });

    it("stays paused when it is changed", async () => {
      const id = idIn(await put("mine"));
      await ask("pauseSchedule", { params: { id } });
      expect((await put("mine", { type: "x" })).json.state).to.equal("paused");
    });
  });

  describe("paused and resumed", () => {
    const pause = (id: string, options: Ask = {}) => ask("pauseSchedule", { params: { id }, ...options });
    const resume = (id: string, options: Ask = {}) => ask("resumeSchedule", { params: { id }, ...options });
    const stateOf = ({ json }: Answer) => [json.state, json.nextDueAt];
    const cancelOnly = async (id: string) => {
      const [event] = itemsOf(await ask("listEvents", { query: { scheduleId: id } }));
      await ask("cancelEvent", { params: { id: String(event?.id) } });
    };

    it("tells its state and what is next in each", async () => {
      const id = await made();
      const next = "2027-01-01T08:00:00.000Z";
      expect(stateOf(await get(id))).to.deep.equal(["active", next]);
      const paused = await pause(id);
      expect([paused.status, etagOf(paused), ...stateOf(paused)]).to.deep.equal([200, '"2"', "paused", undefined]);
      expect((await get(id)).json).to.deep.equal(paused.json);
      const resumed = await resume(id);
      expect([resumed.status, etagOf(resumed), ...stateOf(resumed)]).to.deep.equal([200, '"3"', "active", next]);
      expect((await get(id)).json).to.deep.equal(resumed.json);
    });

    it("is ended where nothing is ahead, and paused also then", async () => {
      const id = await made({ when: { at: "2027-01-02T09:00:00" } });
      expect(stateOf(await get(id))).to.deep.equal(["active", "2027-01-02T08:00:00.000Z"]);
      await cancelOnly(id);
      expect(stateOf(await get(id))).to.deep.equal(["ended", undefined]);
      expect(stateOf(await pause(id))).to.deep.equal(["paused", undefined]);
      expect(stateOf(await resume(id))).to.deep.equal(["ended", undefined]);
      expect(itemsOf(await ask("listSchedules")).map(({ state }) => state)).to.deep.equal(["ended"]);
      for (const status of ["active", "paused"]) {
        expect(itemsOf(await ask("listSchedules", { query: { status } })), status).to.deep.equal([]);
      }
      expect(stateOf(await change(id, { when: { at: "2027-01-03T09:00:00" } }))).to.deep.equal([
        "active",
        "2027-01-03T08:00:00.000Z",
      ]);
    });

    it("changes nothing when it is said again", async () => {
      const id = await made();
      await pause(id);
      const before = rows();
      expect(etagOf(await pause(id, { body: { note: "again" } }))).to.equal('"2"');
      expect(rows()).to.equal(before);
      await resume(id);
      expect(etagOf(await resume(id))).to.equal('"3"');
    });

    const bodies: readonly (readonly [string, Ask, string | null])[] = [
      ["no body", {}, null],
      ["no body of some type", { text: "", headers: { "content-type": "text/plain" } }, null],
      ["an empty object", { body: {} }, null],
      ["a note", { body: { note: "holidays ü" } }, "holidays ü"],
    ];
    for (const [title, options, note] of bodies) {
      it(`takes ${title}`, async () => {
        const id = await made();
        expect((await pause(id, options)).status).to.equal(200);
        expect((await resume(id, { ...options, as: "service:main:robot" })).status).to.equal(200);
        expect(
          one.tables.audit.map(({ action, subject, actor, note }) => [action, subject, actor, note]),
        ).to.deep.equal([
          ["schedule.paused", id, "ada", note],
          ["schedule.resumed", id, "robot", note],
        ]);
      });
    }

    it("takes no note that is none", async () => {
      const id = await made();
      expect(problemsOf(await pause(id, { body: { note: "" } }))).to.deep.equal([422, "/note empty"]);
      expect(problemsOf(await pause(id, { body: { note: "x".repeat(257) } }))).to.deep.equal([422, "/note too_long"]);
      expect(problemsOf(await resume(id, { body: { note: 1 } }))).to.deep.equal([422, "/note not_text"]);
      expect(problemsOf(await resume(id, { body: { because: "x" } }))).to.deep.equal([422, "/because unknown_field"]);
      expect((await pause(id, { body: {}, headers: { "content-type": "text/plain" } })).status).to.equal(415);
    });

    it("has its events moved while it is paused", async () => {
      const id = await made();
      await pause(id);
      const { json } = await change(id, { when: { cron: "0 10 * * *" } });
      expect([json.state, json.nextDueAt]).to.deep.equal(["paused", undefined]);
      expect(stateOf(await resume(id))).to.deep.equal(["active", "2027-01-01T09:00:00.000Z"]);
    });
  });

  describe("run now", () => {
    it("answers the event, and where it is", async () => {
      const id = await made();
      const answer = await ask("runSchedule", { params: { id }, body: { note: "by hand" } });
      expect([answer.status, answer.headers.get("location")]).to.deep.equal([202, `/v1/events/${idIn(answer)}`]);
      expect(answer.json).to.deep.include({ scheduleId: id, origin: "manual", state: "PENDING", type: "report.due" });
      expect([answer.json.dueAt, answer.json.local]).to.deep.equal([
        "2027-01-01T00:00:00.000Z",
        { dateTime: "2027-01-01T01:00:00", timeZone: "Europe/Berlin", offset: "+01:00", fold: 0 },
      ]);
      const read = await one.raw("get", answer.headers.get("location") ?? "");
      expect(read.json).to.deep.equal({ ...answer.json, attempts: [] });
      expect(one.tables.audit.map(({ action, note }) => [action, note])).to.deep.equal([["schedule.run", "by hand"]]);
    });

    it("leaves its series as it is", async () => {
      const id = await made();
      const before = (await get(id)).json;
      await ask("runSchedule", { params: { id } });
      await ask("runSchedule", { params: { id } });
      expect((await get(id)).json).to.deep.equal(before);
      expect(itemsOf(await ask("listEvents", { query: { scheduleId: id } }))).to.have.length(3);
    });
  });

  describe("looked at ahead", () => {
    const night = { when: { cron: "30 2 * * *" } };
    const SPRING = "2027-03-27T00:00:00Z";
    const AUTUMN = "2027-10-30T00:00:00Z";
    const ahead = (id: string, query: NonNullable<Ask["query"]> = {}) =>
      ask("listOccurrences", { params: { id }, query });
    const preview = (body: object) => ask("previewOccurrences", { body: { timeZone: "Europe/Berlin", ...body } });
    const shown = (answer: Answer) =>
      (
        itemsOf(answer) as readonly {
          local: { dateTime: string; offset: string; fold: number };
          dueAt?: string;
          note?: string;
        }[]
      ).map(
        ({ local: { dateTime, offset, fold }, dueAt, note }) =>
          `${dateTime} ${offset} ${fold} ${dueAt ?? "-"} ${note ?? "-"}`,
      );

    it("shows ten, or as many as are asked for", async () => {
      const id = await made();
      expect(itemsOf(await ahead(id))).to.have.length(10);
      for (const count of [1, 3, 1_000]) expect(itemsOf(await ahead(id, { count }))).to.have.length(count);
      for (const count of [0, 1_001, "ten", "1.5"]) expect((await ahead(id, { count })).status).to.equal(422);
    });

    it("begins with what is next, or behind an instant", async () => {
      const id = await made();
      expect(shown(await ahead(id, { count: 1 }))).to.deep.equal([
        "2027-01-01T09:00:00 +01:00 0 2027-01-01T08:00:00.000Z -",
      ]);
      for (const after of ["2027-06-01T07:00:00Z", "2027-06-01T09:00:00+02:00"]) {
        expect(shown(await ahead(id, { count: 1, after }))).to.deep.equal([
          "2027-06-02T09:00:00 +02:00 0 2027-06-02T07:00:00.000Z -",
        ]);
      }
      for (const after of ["tomorrow", "2027-06-01", "2027-06-01T07:00:00", ""]) {
        expect(problemsOf(await ahead(id, { after }))).to.deep.equal([422, "/after bad_format"]);
      }
    });

    it("shows no more than there are", async () => {
      expect(itemsOf(await ahead(await made({ count: 3 })))).to.have.length(3);
      expect(itemsOf(await ahead(await made({ when: { at: "2027-01-02T09:00:00" } })))).to.have.length(1);
      expect(itemsOf(await ahead(await made({ until: "2027-01-05T00:00:00" })))).to.have.length(4);
    });

    const before = "2027-03-27T02:30:00 +01:00 0 2027-03-27T01:30:00.000Z -";
    const behind = "2027-03-29T02:30:00 +02:00 0 2027-03-29T00:30:00.000Z -";
    const first = [
      "2027-10-30T02:30:00 +02:00 0 2027-10-30T00:30:00.000Z -",
      "2027-10-31T02:30:00 +02:00 0 2027-10-31T00:30:00.000Z overlap",
    ];
    const second = "2027-10-31T02:30:00 +01:00 1 2027-10-31T01:30:00.000Z overlap";
    const monday = "2027-11-01T02:30:00 +01:00 0 2027-11-01T01:30:00.000Z -";
    const changes: readonly (readonly [string, object, string, readonly string[]])[] = [
      [
        "moves what is left out",
        {},
        SPRING,
        [before, "2027-03-28T03:30:00 +02:00 0 2027-03-28T01:30:00.000Z gap", behind],
      ],
      [
        "moves it to the boundary",
        { gap: "boundary" },
        SPRING,
        [before, "2027-03-28T03:00:00 +02:00 0 2027-03-28T01:00:00.000Z gap", behind],
      ],
      [
        "shows what is skipped",
        { gap: "skip" },
        SPRING,
        [
          before,
          "2027-03-28T03:30:00 +02:00 0 - excluded",
          behind,
          "2027-03-30T02:30:00 +02:00 0 2027-03-30T00:30:00.000Z -",
        ],
      ],
      ["takes the first of two", {}, AUTUMN, [...first, monday]],
      ["takes the second of two", { overlap: "second" }, AUTUMN, [first[0] ?? "", second, monday]],
      ["takes both", { overlap: "both" }, AUTUMN, [...first, second]],
    ];

    for (const [title, fields, after, lines] of changes) {
      it(`${title} where the clocks change, saved and unsaved alike`, async () => {
        const id = await made({ ...night, ...fields });
        const saved = await ahead(id, { after, count: 3 });
        expect(shown(saved)).to.deep.equal(lines);
        const unsaved = await preview({ ...night, ...fields, after, count: 3 });
        expect(unsaved.json).to.deep.equal(saved.json);
        expect(saved.json.tzdata).to.match(/^\d{4}[a-z]$/);
      });
    }

    const forms: readonly object[] = [
      { at: "2027-05-01T09:00:00" },
      { yearly: { month: 2, day: 29, time: "09:00" } },
      { cron: "0 9 * * MON-FRI" },
      { rrule: "FREQ=MONTHLY;BYDAY=-1FR", start: "2027-01-01T09:00:00" },
      { every: "PT36H", start: "2027-01-01T09:00:00" },
    ];
    for (const when of forms) {
      it(`is the same saved and unsaved: ${JSON.stringify(when)}`, async () => {
        const id = await made({ when });
        const saved = await ahead(id);
        expect(itemsOf(saved)).to.have.length.above(0);
        expect((await preview({ when })).json).to.deep.equal(saved.json);
        expect((itemsOf(saved)[0] ?? {}).dueAt).to.equal((await get(id)).json.nextDueAt);
      });
    }

    it("stores nothing", async () => {
      const empty = rows();
      await preview({ ...night, count: 100 });
      expect(rows()).to.equal(empty);
      const id = await made();
      const before = rows();
      await ahead(id, { count: 100 });
      expect(rows()).to.equal(before);
    });

    it("is refused where it is not timing alone, or not right", async () => {
      expect(problemsOf(await preview({ ...night, type: "x" }))).to.deep.equal([422, "/type unknown_field"]);
      expect(problemsOf(await preview({ when: { cron: "61 * * * *" } }))[1]).to.match(/^\/when\/cron /);
      expect(problemsOf(await preview({ ...night, timeZone: "Mars/Olympus" }))).to.deep.equal([
        422,
        "/timeZone unknown_zone",
      ]);
      expect(problemsOf(await preview({ ...night, after: "2027-01-01T00:00:00" }))[1]).to.match(/^\/after /);
    });
  });
});
