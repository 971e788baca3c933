import { expect } from "chai";
import { type Answer, type Ask, daily, type Desk, desk, idIn, itemsIn, operationOf } from "./support/desk.js";
import { problemsIn, refusalIn, URL_OF_RECEIVER } from "./support/desk.js";

const NOT_THERE = "00000000-0000-7000-8000-00000000dead";
const OWN_SECRET = `whsec_${Buffer.alloc(24, 9).toString("base64")}`;
const OF_OURS = /^whsec_[A-Za-z0-9+/]{43}=$/;

describe("destinations over HTTP", () => {
  let one: Desk;
  beforeEach(async () => {
    one = await desk();
    one.sender.listen(URL_OF_RECEIVER, () => ({ status: 200, responseExcerpt: "welcome" }));
  });
  afterEach(async () => {
    await one.close();
    expect(one.troubles).to.deep.equal([]);
  });

  const ask = (operation: string, options: Ask = {}) => one.ask(operationOf(operation), options);
  const on = (operation: string, id: string, body?: unknown, ifMatch = "*") =>
    ask(operation, {
      params: { id },
      headers: { "if-match": ifMatch },
      ...(body !== undefined && { body }),
    });
  const create = (rest: object = {}) => ask("createDestination", { body: { url: URL_OF_RECEIVER, ...rest } });
  const made = async (rest: object = {}) => idIn(await create(rest));
  const auditOf = (id: string) =>
    one.tables.audit
      .filter(({ subject }) => subject === id)
      .map(({ action, actor, note }) => `${action} ${actor} ${note}`);

  describe("making one", () => {
    it("tells the secret this once, and what it is by default", async () => {
      const answer = await create();
      const { secret, ...told } = answer.json;
      expect(answer.status).to.equal(201);
      expect(secret).to.match(OF_OURS);
      expect(told).to.deep.include({
        ...{ kind: "http", url: URL_OF_RECEIVER, method: "POST", headerNames: [], timeoutMs: 10_000 },
        ...{ enabled: true, inline: false, revision: 1 },
      });
      expect(told).not.to.have.any.keys("ratePerSecond", "concurrency", "ackWithinMs", "disabledBecause");
      expect(answer.headers.get("location")).to.equal(`/v1/destinations/${idIn(answer)}`);
      expect(answer.headers.get("etag")).to.equal('"1"');
      expect((await on("getDestination", idIn(answer))).json).to.deep.equal(told);
      expect(itemsIn(await ask("listDestinations"))).to.deep.equal([told]);
    });

    it("gives each one a secret of its own", async () => {
      const secrets = await Promise.all([create(), create()]);
      expect(new Set(secrets.map(({ json }) => json.secret)).size).to.equal(2);
    });

    it("takes all that can be said of one, header names in small letters", async () => {
      const limits = { ratePerSecond: 5, concurrency: 2, timeoutMs: 1_000, ackWithinMs: 60_000 };
      const { json } = await create({ method: "PUT", headers: { "X-Team": "a", authorization: "b" }, ...limits });
      expect(json).to.deep.include({ method: "PUT", headerNames: ["x-team", "authorization"], ...limits });
    });

    it("takes a secret that its caller brings", async () => {
      const answer = await create({ secret: OWN_SECRET });
      expect(answer.json.secret).to.equal(OWN_SECRET);
      expect((await on("getDestination", idIn(answer))).text).not.to.include(OWN_SECRET);
    });

    it("says again, for the same idempotency key, all but the secret", async () => {
      const asked = { body: { url: URL_OF_RECEIVER }, headers: { "idempotency-key": "once" } };
      const first = await ask("createDestination", asked);
      const second = await ask("createDestination", asked);
      const { secret, ...told } = first.json;
      expect(secret).to.match(OF_OURS);
      expect([second.status, second.headers.get("idempotent-replayed")]).to.deep.equal([201, "true"]);
      expect(second.json).to.deep.equal(told);
      expect(one.tables.destinations.size).to.equal(1);
    });

    const wrong: readonly (readonly [object, string])[] = [
      [{ url: undefined }, "/url required"],
      [{ url: "/hooks" }, "/url not_a_url"],
      [{ url: "ftp://example.com/" }, "/url not_a_url"],
      [{ url: "https://a:b@example.com/" }, "/url credentials_in_url"],
      [{ url: "javascript:alert(1)" }, "/url not_a_url"],
      [{ kind: "pigeon" }, "/kind unknown_kind"],
      [{ method: "BREW" }, "/method not_a_choice"],
      [{ headers: { "content-length": "1" } }, "/headers/content-length header_not_settable"],
      [{ headers: { "webhook-signature": "1" } }, "/headers/webhook-signature header_not_settable"],
      [{ headers: { "x y": "1" } }, "/headers/x y bad_header_name"],
      [{ headers: { x: "a\r\nhost: b" } }, "/headers/x control_characters"],
      [{ headers: { x: "naïve" } }, "/headers/x bad_header_value"],
      [{ headers: { x: 1 } }, "/headers/x not_text"],
      [{ headers: { a: "1", A: "2" } }, "/headers/A doubled_header"],
      [{ ratePerSecond: 0 }, "/ratePerSecond out_of_range"],
      [{ concurrency: 1.5 }, "/concurrency out_of_range"],
      [{ timeoutMs: 60_001 }, "/timeoutMs out_of_range"],
      [{ ackWithinMs: 999 }, "/ackWithinMs out_of_range"],
      [{ secret: "swordfish" }, "/secret not_a_secret"],
      [{ secret: "whsec_" }, "/secret not_a_secret"],
      [{ secret: `whsec_${Buffer.alloc(23).toString("base64")}` }, "/secret not_a_secret"],
      [{ secret: `whsec_${Buffer.alloc(65).toString("base64")}` }, "/secret not_a_secret"],
      [{ secret: "x".repeat(200) }, "/secret too_long"],
      [{ secret: "x".repeat(300) }, "/secret too_long"],
      [{ secret: null }, "/secret not_text"],
      [{ enabled: false }, "/enabled unknown_field"],
    ];
    for (const [body, problem] of wrong) {
      it(`refuses ${JSON.stringify(body).slice(0, 60)}: ${problem}`, async () => {
        const answer = await create(body);
        expect([answer.status, ...problemsIn(answer)]).to.deep.equal([422, problem]);
        expect(one.tables.destinations.size).to.equal(0);
      });
    }

    it("tells all that is wrong in one answer", async () => {
      const answer = await create({
        url: "nowhere",
        method: "BREW",
        secret: "x",
        colour: "red",
        headers: { host: "a" },
      });
      expect([...problemsIn(answer)].sort()).to.deep.equal([
        "/colour unknown_field",
        "/headers/host header_not_settable",
        "/method not_a_choice",
        "/secret not_a_secret",
        "/url not_a_url",
      ]);
    });
  });

  it("tells what its headers say and what its secrets are nowhere but where a secret is made", async () => {
    const marker = "M4rk3r-of-a-t0ken";
    const markers = [marker, OWN_SECRET, OWN_SECRET.slice("whsec_".length), "sealed-"];
    const headers = { authorization: `Bearer ${marker}` };
    const answers: Answer[] = [];
    const keep = async (answer: Promise<Answer>) => {
      answers.push(await answer);
      return answer;
    };
    const id = idIn(await create({ headers, secret: OWN_SECRET }));
    const params = { id };
    const any = { "if-match": "*" };

    await keep(on("getDestination", id));
    await keep(ask("listDestinations"));
    await keep(on("changeDestination", id, { headers: { ...headers, "x-more": marker } }));
    await keep(on("changeDestination", id, { headers, url: "nowhere" }));
    await keep(ask("changeDestination", { params, headers: any, body: { headers: { authorization: `${marker}\n` } } }));
    await keep(ask("changeDestination", { params, headers: { "if-match": '"999"' }, body: { headers } }));
    await keep(on("disableDestination", id));
    await keep(on("enableDestination", id));
    await keep(on("testDestination", id));
    await keep(on("testDestination", id));
    await keep(create({ secret: `${OWN_SECRET}${marker}` }));
    await keep(create({ secret: [OWN_SECRET], headers: { [`x-${id}`]: [marker] } }));
    await keep(on("rotateSecret", id, { overlap: "P8D", secret: OWN_SECRET }));
    const schedule = await keep(
      ask("createSchedule", { body: { ...daily, destination: { url: URL_OF_RECEIVER, headers } } }),
    );
    await keep(ask("createSchedule", { body: { ...daily, destination: undefined, destinationId: id } }));
    await keep(ask("listSchedules"));
    await keep(ask("listEvents"));
    await keep(on("getSchedule", idIn(schedule)));
    await keep(ask("createSchedule", { body: { ...daily, destination: { url: "nowhere", headers } } }));
    await keep(on("deleteDestination", id));
    await keep(ask("openapi"));

    expect(answers.map(({ status }) => status)).to.include.members([200, 201, 409, 412, 422, 429]);
    for (const { text, headers: told } of answers) {
      for (const hidden of markers) {
        expect(text).not.to.include(hidden);
        expect(JSON.stringify([...told])).not.to.include(hidden);
      }
    }
    // They were there to be told.
    expect(JSON.stringify([...one.tables.destinations.values()])).to.include(marker);
    expect(one.sender.received[0]?.request.destination.headers).to.deep.include({ authorization: `Bearer ${marker}` });
  });

  describe("changing one", () => {
    it("holds for what is named, and null takes back to the default", async () => {
      const id = await made({ ratePerSecond: 5, concurrency: 2, timeoutMs: 1_000, method: "PUT", headers: { x: "1" } });
      const changed = await on("changeDestination", id, { ratePerSecond: 7, timeoutMs: null }, '"1"');
      expect(changed.json).to.deep.include({ ratePerSecond: 7, concurrency: 2, timeoutMs: 10_000, revision: 2 });
      expect(changed.headers.get("etag")).to.equal('"2"');
      const reset = { ratePerSecond: null, concurrency: null, method: null, headers: null };
      const { json } = await on("changeDestination", id, reset, '"2"');
      expect(json).to.deep.include({ method: "POST", headerNames: [], url: URL_OF_RECEIVER, revision: 3 });
      expect(json).not.to.have.any.keys("ratePerSecond", "concurrency");
      expect((await on("getDestination", id)).json).to.deep.equal(json);
    });

    it("replaces all headers, for what they say is not known to the caller", async () => {
      const id = await made({ headers: { a: "1", b: "2" } });
      const { json } = await on("changeDestination", id, { headers: { c: "3" } });
      expect(json.headerNames).to.deep.equal(["c"]);
    });

    it("takes a merge patch by its own media type", async () => {
      const answer = await ask("changeDestination", {
        params: { id: await made() },
        body: { concurrency: 3 },
        headers: { "if-match": "*", "content-type": "application/merge-patch+json" },
      });
      expect(answer.json.concurrency).to.equal(3);
    });

    it("wants to know which revision was seen", async () => {
      const id = await made();
      const change = (ifMatch?: string) =>
        ask("changeDestination", { params: { id }, body: { concurrency: 3 }, headers: { "if-match": ifMatch } });
      expect(refusalIn(await change())).to.deep.equal([428, "if_match_required"]);
      for (const stale of ['"2"', '"0"', "1", 'W/"1"', '"one"', '"1", "2"', `"${"9".repeat(30)}"`]) {
        expect(refusalIn(await change(stale)), stale).to.deep.equal([412, "stale_revision"]);
      }
      expect((await on("getDestination", id)).json.revision).to.equal(1);
      expect((await change('"1"')).status).to.equal(200);
      expect(refusalIn(await change('"1"'))).to.deep.equal([412, "stale_revision"]);
      expect((await change("*")).status).to.equal(200);
    });

    const wrong: readonly (readonly [unknown, string])[] = [
      [{ url: null }, "/url not_text"],
      [{ url: "" }, "/url empty"],
      [{ url: "nowhere" }, "/url not_a_url"],
      [{ method: "BREW" }, "/method not_a_choice"],
      [{ kind: "pigeon" }, "/kind unknown_kind"],
      [{ secret: OWN_SECRET }, "/secret unknown_field"],
      [{ enabled: false }, "/enabled unknown_field"],
      [[], " not_an_object"],
    ];
    for (const [body, problem] of wrong) {
      it(`refuses ${JSON.stringify(body).slice(0, 40)}: ${problem}`, async () => {
        const answer = await on("changeDestination", await made(), body);
        expect([answer.status, ...problemsIn(answer)]).to.deep.equal([422, problem]);
      });
    }
  });

  describe("removing one", () => {
    it("is not done while a schedule uses it", async () => {
      const id = await made();
      const body = { ...daily, destination: undefined, destinationId: id };
      const schedule = idIn(await ask("createSchedule", { body }));
      expect(refusalIn(await on("deleteDestination", id))).to.deep.equal([409, "destination_in_use"]);
      expect((await on("getDestination", id)).status).to.equal(200);
      await on("deleteSchedule", schedule);
      expect((await on("deleteDestination", id)).status).to.equal(204);
    });

    it("leaves nothing behind but the record of it", async () => {
      const id = await made();
      const headers = { "if-match": undefined };
      const blind = await ask("deleteDestination", { params: { id }, headers });
      expect(refusalIn(blind)).to.deep.equal([428, "if_match_required"]);
      expect(refusalIn(await on("deleteDestination", id, undefined, '"7"'))).to.deep.equal([412, "stale_revision"]);
      const { status, text } = await on("deleteDestination", id, undefined, '"1"');
      expect([status, text]).to.deep.equal([204, ""]);
      expect(itemsIn(await ask("listDestinations"))).to.deep.equal([]);
      expect(auditOf(id)).to.deep.equal(["destination.created ada null", "destination.deleted ada null"]);
      for (const operation of ["getDestination", "deleteDestination", "testDestination"]) {
        expect(refusalIn(await on(operation, id)), operation).to.deep.equal([404, "destination_not_found"]);
      }
    });
  });

  describe("closing and opening", () => {
    it("says that it was by hand, and why is on record", async () => {
      const id = await made();
      const closed = await on("disableDestination", id, { note: "moved" });
      expect(closed.json).to.deep.include({ enabled: false, disabledBecause: "by_hand", revision: 2 });
      expect(closed.headers.get("etag")).to.equal('"2"');
      const open = await on("enableDestination", id, { note: "there" });
      expect(open.json).to.deep.include({ enabled: true, revision: 3 });
      expect(open.json).not.to.have.property("disabledBecause");
      expect(auditOf(id).slice(1)).to.deep.equal([
        "destination.disabled.by_hand ada moved",
        "destination.enabled ada there",
      ]);
    });

    it("changes nothing a second time", async () => {
      const id = await made();
      await on("enableDestination", id);
      expect((await on("getDestination", id)).json.revision).to.equal(1);
      const { text } = await on("disableDestination", id);
      expect((await on("disableDestination", id, { note: "again" })).text).to.equal(text);
      expect(auditOf(id)).to.have.length(2);
    });

    for (const because of ["gone", "failing"] as const) {
      it(`tells of one that closed because it is ${because}, and opens it`, async () => {
        const id = await made();
        const kept = one.tables.destinations.get(id);
        if (kept === undefined) throw new Error("It was made");
        one.tables.put(one.tables.destinations, { ...kept, enabled: false, disabledBecause: because });
        expect((await on("getDestination", id)).json.disabledBecause).to.equal(because);
        expect((await on("enableDestination", id)).json).not.to.have.property("disabledBecause");
      });
    }

    it("refuses a field that it does not have", async () => {
      const answer = await on("disableDestination", await made(), { because: "failing" });
      expect([answer.status, ...problemsIn(answer)]).to.deep.equal([422, "/because unknown_field"]);
    });
  });

  describe("a new secret", () => {
    const secretsOf = ({ json }: Answer) =>
      json.secrets as readonly { readonly id: string; readonly createdAt: string; readonly expiresAt?: string }[];

    it("is told once; the one before is listed beside it until it expires", async () => {
      const first = await create();
      const id = idIn(first);
      one.clock.advance(3_600_000);
      const answer = await on("rotateSecret", id, { overlap: "PT2H" });
      const { secret, ...told } = answer.json;
      expect([answer.status, answer.headers.get("etag")]).to.deep.equal([200, '"2"']);
      expect(secret).to.match(OF_OURS);
      expect(secret).not.to.equal(first.json.secret);
      const [before] = secretsOf(first);
      const [fresh, former, ...more] = secretsOf(answer);
      expect(more).to.deep.equal([]);
      expect(fresh).to.deep.equal({ id: fresh?.id, createdAt: "2027-01-01T01:00:00.000Z" });
      expect(former).to.deep.equal({ ...before, expiresAt: "2027-01-01T03:00:00.000Z" });
      expect(fresh?.id).not.to.equal(former?.id);
      expect((await on("getDestination", id)).json).to.deep.equal(told);
      expect(auditOf(id)[1]).to.equal("destination.secret_rotated ada null");
    });

    it("stands beside the former one for a day, if nothing is said", async () => {
      const [, former] = secretsOf(await on("rotateSecret", await made()));
      expect(former?.expiresAt).to.equal("2027-01-02T00:00:00.000Z");
    });

    it("takes over alone where there is no overlap, also in the middle of a rotation", async () => {
      const id = await made();
      await on("rotateSecret", id);
      expect(refusalIn(await on("rotateSecret", id))).to.deep.equal([409, "rotation_under_way"]);
      const answer = await on("rotateSecret", id, { overlap: "PT0S", secret: OWN_SECRET });
      expect(answer.json.secret).to.equal(OWN_SECRET);
      expect(secretsOf(answer)).to.have.length(1);
    });

    it("is for admins alone", async () => {
      const id = await made();
      for (const [role, status] of [
        ["service", 403],
        ["user", 403],
        ["admin", 200],
      ] as const) {
        const answer = await ask("rotateSecret", { params: { id }, as: `${role}:main:eve` });
        expect(answer.status, role).to.equal(status);
      }
      expect((await on("getDestination", id)).json.revision).to.equal(2);
    });

    const wrong: readonly (readonly [object, string])[] = [
      [{ overlap: "P8D" }, "/overlap out_of_range"],
      [{ overlap: "-PT1H" }, "/overlap not_a_duration"],
      [{ overlap: "an hour" }, "/overlap not_a_duration"],
      [{ secret: "x" }, "/secret not_a_secret"],
      [{ note: "leaked" }, "/note unknown_field"],
    ];
    for (const [body, problem] of wrong) {
      it(`refuses ${JSON.stringify(body)}: ${problem}`, async () => {
        const id = await made();
        const answer = await on("rotateSecret", id, body);
        expect([answer.status, ...problemsIn(answer)]).to.deep.equal([422, problem]);
        expect((await on("getDestination", id)).json.revision).to.equal(1);
      });
    }

    it("is for a destination that there is", async () => {
      expect(refusalIn(await on("rotateSecret", NOT_THERE))).to.deep.equal([404, "destination_not_found"]);
    });
  });

  describe("a test request", () => {
    it("tells how it was answered", async () => {
      const id = await made();
      const { status, json } = await on("testDestination", id);
      expect(status).to.equal(200);
      const [{ request } = { request: undefined }] = one.sender.received;
      expect(json).to.deep.equal({ requestId: request?.id, status: 200, durationMs: 0, responseExcerpt: "welcome" });
      expect(JSON.parse(request?.body ?? "")).to.deep.include({ type: "punctual.test", data: { destinationId: id } });
      expect(auditOf(id)[1]).to.equal("destination.tested ada null");
    });

    it("tells what kept it from being answered", async () => {
      const { status, json } = await on("testDestination", await made({ url: "https://nobody.test/" }));
      expect(status).to.equal(200);
      expect(json).to.deep.include({ error: "connect" });
      expect(json).not.to.have.property("status");
    });

    it("tells of an answer that is a no", async () => {
      one.sender.listen(URL_OF_RECEIVER, () => ({ status: 500 }));
      const { status, json } = await on("testDestination", await made());
      expect([status, json.status]).to.deep.equal([200, 500]);
    });

    it("is sent once a second, to each: then 429 with Retry-After", async () => {
      const [id, other] = [await made(), await made({ url: `${URL_OF_RECEIVER}other` })];
      await on("testDestination", id);
      one.clock.advance(999);
      const answer = await on("testDestination", id);
      expect(refusalIn(answer)).to.deep.equal([429, "too_many_tests"]);
      const seconds = Number(answer.headers.get("retry-after"));
      expect(seconds).to.be.within(1, 2);
      expect((await on("testDestination", other)).status).to.equal(200);
      one.clock.advance(seconds * 1_000);
      expect((await on("testDestination", id)).status).to.equal(200);
    });

    it("goes to a disabled one too", async () => {
      const id = await made();
      await on("disableDestination", id);
      expect((await on("testDestination", id)).json.status).to.equal(200);
    });
  });

  it("knows none that is not there: 404", async () => {
    const bodies: Readonly<Record<string, object>> = { changeDestination: { concurrency: 1 } };
    for (const operation of [
      ...["getDestination", "changeDestination", "deleteDestination", "enableDestination"],
      ...["disableDestination", "rotateSecret", "testDestination"],
    ]) {
      for (const id of [NOT_THERE, "7", "\u0000"]) {
        const answer = await on(operation, id, bodies[operation]);
        expect(refusalIn(answer), `${operation} ${id}`).to.deep.equal([404, "destination_not_found"]);
      }
    }
  });

  it("lists all in pages, each once", async () => {
    const ids: string[] = [];
    for (let made = 0; made < 7; made++) ids.push(idIn(await create({ url: `${URL_OF_RECEIVER}${made}` })));
    for (const limit of [1, 3, 7, 8]) {
      const seen: unknown[] = [];
      let pages = 0;
      for (let cursor: unknown = undefined; pages === 0 || cursor !== undefined; pages++) {
        const query = { limit, ...(typeof cursor === "string" && { cursor }) };
        const page = await ask("listDestinations", { query });
        seen.push(...itemsIn(page).map(({ id }) => id));
        cursor = page.json.nextCursor;
      }
      expect(seen).to.deep.equal(ids);
      expect(pages).to.equal(Math.ceil(7 / limit));
    }
  });

  it("takes no cursor of another list or tenant", async () => {
    for (let made = 0; made < 2; made++) await create({ url: `${URL_OF_RECEIVER}${made}` });
    const { json } = await ask("listDestinations", { query: { limit: 1 } });
    const query = { limit: 1, cursor: json.nextCursor as string };
    const other = await ask("listDestinations", { query, as: "admin:other:eve" });
    expect([other.status, ...problemsIn(other)]).to.deep.equal([422, "/cursor bad_cursor"]);
    const users = await ask("listUsers", { query });
    expect([users.status, ...problemsIn(users)]).to.deep.equal([422, "/cursor bad_cursor"]);
  });
});
