import { expect } from "chai";
import { contract } from "../src/contract/index.js";
import { type Answer, type Ask, daily, type Desk, desk, idIn, operationOf, URL_OF_RECEIVER } from "./support/desk.js";

const DAY = 86_400_000;

describe("an idempotency key", () => {
  let one: Desk;
  let troubles: number;
  beforeEach(async () => {
    one = await desk();
    troubles = 0;
  });
  afterEach(async () => {
    await one.close();
    expect(one.troubles).to.have.length(troubles);
  });

  const create = operationOf("createSchedule");
  const ada = { firstName: "Ada", lastName: "L", dateOfBirth: "1990-12-10", timezone: "Europe/London" };
  const keyed = (options: Ask, key = "key-1") => ({ ...options, headers: { "idempotency-key": key } });
  const make = (options: Ask = {}, key?: string) => one.ask(create, keyed({ body: daily, ...options }, key));
  const isReplay = ({ headers }: Answer) => headers.get("idempotent-replayed");
  const told = ({ status, headers, json }: Answer) => ({
    ...{ status, json },
    ...{ location: headers.get("location"), etag: headers.get("etag"), type: headers.get("content-type") },
  });
  const rows = () => {
    const { schedules, events, destinations, users, audit, replies } = one.tables;
    return [schedules.size, events.size, destinations.size, users.size, audit.length, replies.size];
  };
  const expectReused = ({ status, json }: Answer) =>
    expect([status, json.code]).to.deep.equal([422, "idempotency_key_reused"]);

  /** A request for each operation that heeds keys. */
  const asked = async (id: string): Promise<Ask> => {
    if (id === "createSchedule") return { body: daily };
    if (id === "createDestination") return { body: { url: URL_OF_RECEIVER } };
    if (id === "runSchedule")
      return { params: { id: idIn(await one.ask(create, { body: daily })) }, body: { note: "now" } };
    return { body: ada };
  };

  it("is heeded by whatever makes something anew", () => {
    const heeded = contract.flatMap(({ id, idempotent }) => (idempotent ? [id] : []));
    expect(heeded).to.have.members(["createSchedule", "runSchedule", "createDestination", "createUser", "postUser"]);
  });

  for (const operation of contract.filter(({ idempotent }) => idempotent)) {
    describe(operation.id, () => {
      it("is done once, however often it is said", async () => {
        const options = keyed(await asked(operation.id));
        const first = await one.ask(operation, options);
        const after = rows();
        expect(first.status).to.be.oneOf([201, 202]);
        expect(isReplay(first)).to.equal(null);
        for (let again = 0; again < 3; again++) {
          const reply = await one.ask(operation, options);
          const { secret: _, ...rest } = first.json;
          expect(told(reply)).to.deep.equal({ ...told(first), json: rest });
          expect(isReplay(reply)).to.equal("true");
        }
        expect(rows()).to.deep.equal(after);
      });

      it("is done twice for two keys, and for none", async () => {
        const options = await asked(operation.id);
        const keys = ["key-1", "key-2", undefined, undefined];
        const ids = [];
        for (const key of keys)
          ids.push(idIn(await one.ask(operation, key === undefined ? options : keyed(options, key))));
        expect(new Set(ids).size).to.equal(4);
        expect(one.tables.replies.size).to.equal(2);
      });

      it("is another request with another body", async () => {
        const { body, ...options } = await asked(operation.id);
        await one.ask(operation, keyed({ ...options, body }));
        const before = rows();
        const spaced = JSON.stringify(body).replace("{", "{ ");
        expectReused(await one.ask(operation, keyed({ ...options, text: spaced })));
        expect(rows()).to.deep.equal(before);
      });

      it("is another request from another subject", async () => {
        const options = await asked(operation.id);
        const first = await one.ask(operation, keyed({ ...options, as: "admin:main:ada" }));
        expectReused(await one.ask(operation, keyed({ ...options, as: "admin:main:bob" })));
        expect(told(await one.ask(operation, keyed({ ...options, as: "service:main:ada" }))).json.id).to.equal(
          idIn(first),
        );
      });

      it("keeps nothing where something unexpected goes wrong at its end", async () => {
        const options = keyed(await asked(operation.id));
        const before = rows();
        one.tables.keepReply = () => {
          throw new Error("The disk is full");
        };
        const path = operation.path.replace("{id}", options.params?.id ?? "");
        const { status, json, text } = await one.raw("post", path, options);
        troubles = 1;
        expect([status, json.code]).to.deep.equal([500, "internal"]);
        expect(text).not.to.include("disk");
        expect(rows()).to.deep.equal(before);

        Reflect.deleteProperty(one.tables, "keepReply");
        const mended = await one.ask(operation, options);
        expect([mended.status, isReplay(mended)]).to.deep.equal([first(operation.reply), null]);
      });
    });
  }

  const first = (reply: object) => Number(Object.keys(reply)[0]);

  it("keeps nothing where something unexpected goes wrong in the middle", async () => {
    one.tables.putEvent = () => {
      throw new Error("The disk is full");
    };
    const { status } = await one.raw("post", "/v1/schedules", keyed({ body: daily }));
    troubles = 1;
    expect(status).to.equal(500);
    expect(rows()).to.deep.equal([0, 0, 0, 0, 0, 0]);
    Reflect.deleteProperty(one.tables, "putEvent");
    expect(isReplay(await make())).to.equal(null);
    expect(rows()).to.deep.equal([1, 1, 1, 0, 0, 1]);
  });

  it("is another request on another path", async () => {
    const made = await one.ask(operationOf("createUser"), keyed({ body: ada }));
    expectReused(await one.ask(operationOf("postUser"), keyed({ body: ada })));
    expect(made.headers.get("location")).to.equal(`/v1/users/${idIn(made)}`);

    const run = operationOf("runSchedule");
    const [a, b] = [idIn(await one.ask(create, { body: daily })), idIn(await one.ask(create, { body: daily }))];
    await one.ask(run, keyed({ params: { id: a } }, "key-2"));
    expectReused(await one.ask(run, keyed({ params: { id: b } }, "key-2")));
    expect([...one.tables.events.values()].filter(({ origin }) => origin === "manual")).to.have.length(1);
  });

  it("is another tenant's own", async () => {
    const ours = await make({ as: "admin:main:ada" });
    const theirs = await make({ as: "admin:other:ada" });
    expect([theirs.status, isReplay(theirs)]).to.deep.equal([201, null]);
    expect(idIn(theirs)).not.to.equal(idIn(ours));
    const body = { ...daily, type: "other" };
    expect((await make({ as: "admin:third:ada", body })).status).to.equal(201);
    expect(idIn(await make({ as: "admin:main:ada" }))).to.equal(idIn(ours));
    expect(idIn(await make({ as: "admin:other:ada" }))).to.equal(idIn(theirs));
  });

  const bad: readonly (readonly [string, string])[] = [
    ["empty", ""],
    ["too long", "x".repeat(256)],
    ["with a space", "a b"],
    ["with a tab", "a\tb"],
    ["two in one", "a, b"],
    ["of letters that are not ASCII", "cl\u00e9"],
    ["of UTF-8", Buffer.from("ключ").toString("latin1")],
  ];

  for (const [title, key] of bad) {
    it(`is refused, ${title}: 400`, async () => {
      const { status, json } = await make({}, key);
      expect([status, json.code]).to.deep.equal([400, "bad_idempotency_key"]);
      expect(rows()).to.deep.equal([0, 0, 0, 0, 0, 0]);
    });
  }

  it("may have 255 characters, and any that can be printed", async () => {
    const all = String.fromCharCode(...Array.from({ length: 0x7e - 0x20 }, (_, index) => 0x21 + index));
    for (const key of ["x".repeat(255), all, "k", '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "__proto__"]) {
      const made = await make({}, key);
      expect([made.status, isReplay(made)]).to.deep.equal([201, null]);
      expect(idIn(await make({}, key))).to.equal(idIn(made));
    }
    expect(one.tables.schedules.size).to.equal(5);
  });

  it("is taken letter by letter", async () => {
    await make({}, "key");
    expect(isReplay(await make({}, "KEY"))).to.equal(null);
  });

  it("is not used up by a request that is refused", async () => {
    const refused: readonly (readonly [Ask, number])[] = [
      [{ text: "{" }, 400],
      [{ body: { ...daily, timeZone: "Mars/Olympus" } }, 422],
      [{ body: { ...daily, when: { at: "2020-01-01T09:00:00" } } }, 422],
      [{ body: { ...daily, destination: undefined, destinationId: "00000000-0000-7000-8000-0000000000ff" } }, 422],
      [{ as: "user:main:ada" }, 403],
      [{ as: null }, 401],
    ];
    for (const [options, status] of refused) expect((await make(options)).status).to.equal(status);
    expect(rows()).to.deep.equal([0, 0, 0, 0, 0, 0]);
    const mended = await make();
    expect([mended.status, isReplay(mended)]).to.deep.equal([201, null]);
  });

  it("is not used up by a conflict", async () => {
    const first = idIn(await one.ask(create, { body: { ...daily, key: "mine" } }));
    const again = () => make({ body: { ...daily, key: "mine" } });
    expect((await again()).json.code).to.equal("key_taken");
    await one.ask(operationOf("deleteSchedule"), { params: { id: first }, headers: { "if-match": "*" } });
    const made = await again();
    expect([made.status, isReplay(made)]).to.deep.equal([201, null]);
  });

  it("is not used up where there is nothing to run", async () => {
    const params = { id: "00000000-0000-7000-8000-0000000000ff" };
    expect((await one.ask(operationOf("runSchedule"), keyed({ params }))).status).to.equal(404);
    expect((await make()).status).to.equal(201);
  });

  it("makes one schedule of a hundred requests at one time", async () => {
    for (let round = 1; round <= 20; round++) {
      const answers = await Promise.all(Array.from({ length: 100 }, () => make({}, `round-${round}`)));
      expect(new Set(answers.map(idIn)).size).to.equal(1);
      expect(answers.filter((answer) => isReplay(answer) === null)).to.have.length(1);
      expect(new Set(answers.map((answer) => JSON.stringify(told(answer)))).size).to.equal(1);
      expect(one.tables.schedules.size).to.equal(round);
      expect(one.tables.events.size).to.equal(round);
    }
  });

  it("lets one of several different requests at one time through", async () => {
    const ask = (index: number) => make({ body: { ...daily, type: `type-${index}` } });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => ask(index)));
    expect(answers.filter(({ status }) => status === 201)).to.have.length(1);
    for (const answer of answers.filter(({ status }) => status !== 201)) expectReused(answer);
    expect(one.tables.schedules.size).to.equal(1);
  });

  it("is free again after thirty days, and not before", async () => {
    const made = await make();
    one.clock.advance(30 * DAY - 1);
    expect(told(await make())).to.deep.equal(told(made));
    expectReused(await make({ body: { ...daily, type: "other" } }));

    one.clock.advance(1);
    const anew = await make({ body: { ...daily, type: "other" } });
    expect([anew.status, isReplay(anew)]).to.deep.equal([201, null]);
    expect(idIn(anew)).not.to.equal(idIn(made));
    one.clock.advance(30 * DAY - 1);
    expect(idIn(await make({ body: { ...daily, type: "other" } }))).to.equal(idIn(anew));
  });

  it("tells what was told first, whatever became of it meanwhile", async () => {
    const made = await make();
    const asked = { params: { id: idIn(made) }, headers: { "if-match": "*" } };
    await one.ask(operationOf("changeSchedule"), { ...asked, body: { type: "changed" } });
    expect(told(await make())).to.deep.equal(told(made));
    await one.ask(operationOf("deleteSchedule"), asked);
    expect(told(await make())).to.deep.equal(told(made));
  });

  it("tells the payload again exactly as it was written", async () => {
    const payload = '{"id":12345678901234567890,"x":1.0,"big":1e400,"id":2}';
    const text = JSON.stringify({ ...daily, payload: 0 }).replace('"payload":0', `"payload":${payload}`);
    const made = await make({ text });
    expect(made.text).to.include(`"payload":${payload}`);
    const again = await make({ text });
    expect(isReplay(again)).to.equal("true");
    expect(again.text).to.equal(made.text);
  });

  it("counts the digits of a payload that numbers cannot hold", async () => {
    const text = (digits: string) =>
      JSON.stringify({ ...daily, payload: 0 }).replace('"payload":0', `"payload":${digits}`);
    await make({ text: text("12345678901234567890") });
    expectReused(await make({ text: text("12345678901234567891") }));
  });

  const own = `whsec_${Buffer.alloc(32, 5).toString("base64")}`;
  for (const [title, body] of [
    ["one that was made", { url: URL_OF_RECEIVER }],
    ["one that was brought", { url: URL_OF_RECEIVER, secret: own }],
  ] as const) {
    it(`tells no secret again and keeps none: ${title}`, async () => {
      const made = await one.ask(operationOf("createDestination"), keyed({ body }));
      const secret = String(made.json.secret);
      expect(secret).to.match(/^whsec_.{32,}/);
      const again = await one.ask(operationOf("createDestination"), keyed({ body }));
      expect(isReplay(again)).to.equal("true");
      expect(again.json).not.to.have.property("secret");
      expect(again.text).not.to.include(secret);

      const { replies, destinations, audit } = one.tables;
      expect([...replies.values()].map(({ status }) => status)).to.deep.equal([201]);
      const kept = JSON.stringify([[...replies], [...destinations], audit]);
      expect(kept).to.include(idIn(made));
      expect(kept).not.to.include(secret.slice("whsec_".length));
      expect([...replies.values()][0]?.body).not.to.include("whsec_");
    });
  }
});
