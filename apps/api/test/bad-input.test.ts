import { expect } from "chai";
import { contract } from "../src/contract/index.js";
import { daily, type Desk, desk, idIn, operationOf } from "./support/desk.js";

describe("bad input", () => {
  let one: Desk;
  beforeEach(async () => (one = await desk()));
  afterEach(async () => {
    await one.close();
    expect(one.troubles).to.deep.equal([]);
  });

  const create = operationOf("createSchedule");
  const problemsOf = (json: Readonly<Record<string, unknown>>) =>
    ((json.errors ?? []) as readonly { readonly pointer: string; readonly code: string }[]).map(
      ({ pointer, code }) => `${pointer} ${code}`,
    );

  const utf8 = (text: string) => new TextEncoder().encode(text);
  const JSON_OF = JSON.stringify(daily);

  const envelopes: readonly (readonly [string, string | Uint8Array, number, string])[] = [
    ["nothing", "", 400, "malformed_json"],
    ["truncated JSON", JSON_OF.slice(0, -1), 400, "malformed_json"],
    ["two values", `${JSON_OF}${JSON_OF}`, 400, "malformed_json"],
    ["a byte order mark", `\uFEFF${JSON_OF}`, 400, "malformed_json"],
    ["single quotes", "{'type':'x'}", 400, "malformed_json"],
    ["a trailing comma", "{},", 400, "malformed_json"],
    ["NaN", '{"type":NaN}', 400, "malformed_json"],
    ["a raw NUL", '{"type":"a\u0000b"}', 400, "malformed_json"],
    ["invalid UTF-8", new Uint8Array([...utf8('{"type":"'), 0xff, 0xfe, ...utf8('"}')]), 400, "not_utf8"],
    ["an overlong encoding", new Uint8Array([...utf8('{"type":"'), 0xc0, 0xaf, ...utf8('"}')]), 400, "not_utf8"],
    [
      "half a surrogate in UTF-8",
      new Uint8Array([...utf8('{"type":"'), 0xed, 0xa0, 0x80, ...utf8('"}')]),
      400,
      "not_utf8",
    ],
    ["UTF-16", new Uint8Array(Buffer.from(JSON_OF, "utf16le")), 400, "malformed_json"],
    ["an array", "[]", 422, "invalid_input"],
    ["null", "null", 422, "invalid_input"],
    ["a string", '"x"', 422, "invalid_input"],
    ["a megabyte and a byte", `"${"x".repeat(1_048_575)}"`, 413, "too_large"],
    ["20,000 arrays in each other", `{"type":${"[".repeat(20_000)}${"]".repeat(20_000)}}`, 422, "invalid_input"],
  ];

  for (const [title, text, status, code] of envelopes) {
    it(`refuses ${title}: ${status} ${code}`, async () => {
      const answer = await one.ask(create, { text });
      expect([answer.status, answer.json.code]).to.deep.equal([status, code]);
    });
  }

  for (const type of ["text/plain", "application/xml", "application/json; charset=latin1", "multipart/form-data", ""]) {
    it(`refuses the media type ${JSON.stringify(type)}: 415`, async () => {
      const { status, json } = await one.ask(create, { text: JSON_OF, headers: { "content-type": type } });
      expect([status, json.code]).to.deep.equal([415, "unsupported_media_type"]);
    });
  }

  it("refuses what is compressed: 415", async () => {
    const { json } = await one.ask(create, { text: JSON_OF, headers: { "content-encoding": "gzip" } });
    expect(json.code).to.equal("unsupported_encoding");
  });

  it("takes JSON with a charset that is UTF-8", async () => {
    const headers = { "content-type": 'application/json; charset="UTF-8"' };
    expect((await one.ask(create, { text: JSON_OF, headers })).status).to.equal(201);
  });

  it("tells all that is wrong in one answer, what the schemas find and what only the rules know", async () => {
    const { status, json } = await one.ask(create, {
      body: {
        timeZone: "Mars/Olympus",
        when: { cron: "61 * * * *" },
        gap: "jump",
        destination: { url: "https://a:b@example.com/", headers: { host: "x" } },
        colour: "red",
        retry: { maxAttempts: 1_000 },
      },
    });
    expect(status).to.equal(422);
    expect(problemsOf(json)).to.include.members([
      "/type required",
      "/timeZone unknown_zone",
      "/gap not_a_choice",
      "/destination/url credentials_in_url",
      "/destination/headers/host header_not_settable",
      "/colour unknown_field",
      "/retry/maxAttempts out_of_range",
    ]);
    expect(problemsOf(json).some((one) => one.startsWith("/when/cron "))).to.equal(true);
    expect(new Set(problemsOf(json).map((one) => one.split(" ")[0])).size).to.equal(problemsOf(json).length);
  });

  for (const operation of contract.filter(({ body, lines }) => body !== undefined && !lines)) {
    it(`refuses a body that is no object: ${operation.id}`, async () => {
      for (const text of ["null", "[]", '"x"', "1"]) {
        const params = { id: "00000000-0000-7000-8000-00000000dead", key: "k", tenant: "main" };
        const { status } = await one.ask(operation, { params, text, headers: { "if-match": "*" } });
        expect(status, text).to.be.oneOf([404, 422]);
      }
    });
  }

  it("tells all that is wrong with a change, too", async () => {
    const ada = { firstName: "Ada", lastName: "L", dateOfBirth: "1990-12-10", timezone: "Europe/London" };
    const user = idIn(await one.ask(operationOf("createUser"), { body: ada }));
    const there = idIn(await one.ask(operationOf("createDestination"), { body: { url: "https://receiver.test/" } }));
    const changes: readonly (readonly [string, string, object, readonly string[]])[] = [
      [
        "changeUser",
        user,
        { firstName: 1, timezone: "Mars/Olympus" },
        ["/timezone unknown_zone", "/firstName not_text"],
      ],
      ["putUser", user, { dateOfBirth: "1990-02-30", age: 3 }, ["/dateOfBirth not_a_date", "/age unknown_field"]],
      ["changeDestination", there, { url: "ftp://x/", timeoutMs: 1 }, ["/url not_a_url", "/timeoutMs out_of_range"]],
      [
        "changeDestination",
        there,
        { headers: { host: "x" }, kind: 5 },
        ["/headers/host header_not_settable", "/kind not_text"],
      ],
    ];
    for (const [id, of, body, problems] of changes) {
      const { status, json } = await one.ask(operationOf(id), {
        params: { id: of },
        body,
        headers: { "if-match": "*" },
      });
      expect([status, problemsOf(json).toSorted()], id).to.deep.equal([422, problems.toSorted()]);
    }
  });

  const fields: readonly (readonly [string, string, string])[] = [
    ["1e400", '{"type":"x","count":1e400}', "/count out_of_range"],
    ["a fraction", '{"type":"x","count":1.5}', "/count out_of_range"],
    ["a lone surrogate", '{"type":"\\ud800"}', "/type control_characters"],
    ["an escaped NUL", '{"type":"a\\u0000"}', "/type control_characters"],
    ["__proto__", '{"type":"x","__proto__":{"admin":true}}', "/__proto__ unknown_field"],
    ["constructor", '{"type":"x","constructor":{}}', "/constructor unknown_field"],
    [
      "30 February",
      '{"type":"x","when":{"yearly":{"month":2,"day":30,"time":"09:00"}}}',
      "/when/yearly/day no_such_day",
    ],
    ["two forms", '{"type":"x","when":{"cron":"* * * * *","every":"PT1H"}}', "/when not_one_form"],
  ];

  for (const [title, text, problem] of fields) {
    it(`refuses ${title}: ${problem}`, async () => {
      const { status, json } = await one.ask(create, { text });
      expect(status).to.equal(422);
      expect(problemsOf(json)).to.include(problem);
      expect({}).not.to.have.property("admin");
    });
  }

  it("keeps the digits of long numbers in payloads, and doubled keys, exactly", async () => {
    const payload = '{"id":12345678901234567890,"x":1.0,"big":1e400,"id":2}';
    const text = JSON_OF.replace(/"payload":\{.*?\}/, `"payload":${payload}`);
    const made = await one.ask(create, { text });
    expect(made.status, made.text).to.equal(201);
    expect(made.text).to.include(`"payload":${payload}`);
    const read = await one.raw("get", `/v1/schedules/${idIn(made)}`);
    expect(read.text).to.include(`"payload":${payload}`);
  });

  it("knows no path that it does not have: 404", async () => {
    for (const path of [
      "/",
      "/v1",
      "/v2/schedules",
      "/v1/schedules/",
      "/v1/schedules/%00",
      "/v1/schedules/..%2f..",
      "/V1/schedules",
    ]) {
      const { status, json, headers } = await one.raw("get", path);
      expect([path, status, headers.get("content-type")]).to.deep.equal([path, 404, "application/problem+json"]);
      expect(json).to.include.keys("type", "title", "status", "code", "requestId");
    }
  });

  for (const path of ["/v1/schedules/by-key/%zz", "/v1/schedules/%", "/v1/schedules/%e0%a4", "/v1/acks/%ff/x"]) {
    it(`refuses ${path}, which is no text: 400`, async () => {
      for (const method of ["get", "put", "post"]) {
        const { status, json } = await one.raw(method, path, { ...(method !== "get" && { body: daily }) });
        expect([status, json.code]).to.deep.equal([400, "malformed_path"]);
      }
    });
  }

  it("tells what is an escape from what only looks like one", async () => {
    const made = await one.raw("put", "/v1/schedules/by-key/%25zz", { body: daily });
    expect([made.status, made.json.key]).to.deep.equal([201, "%zz"]);
  });

  for (const [path, text] of [
    ["/v1/events?minLatenessMs=1e3", "/minLatenessMs not_a_number"],
    ["/v1/events?minLatenessMs=-0", "/minLatenessMs not_a_number"],
    ["/v1/schedules/00000000-0000-7000-8000-000000000001/occurrences?count=+5", "/count not_a_number"],
  ] as const) {
    it(`takes whole numbers in digits only: ${path}`, async () => {
      const { status, json } = await one.raw("get", path);
      expect([status, ...problemsOf(json)]).to.deep.equal([422, text]);
    });
  }

  it("tells by which methods a path can be asked: 405", async () => {
    const { status, headers, json } = await one.raw("put", "/v1/schedules", { body: {} });
    expect([status, json.code]).to.deep.equal([405, "method_not_allowed"]);
    expect(headers.get("allow")?.split(", ").sort()).to.include.members(["GET", "POST"]);
  });

  const queries: readonly (readonly [string, string])[] = [
    ["limit=0", "/limit out_of_range"],
    ["limit=1000000000", "/limit out_of_range"],
    ["limit=ten", "/limit not_a_number"],
    ["limit=1&limit=2", "/limit not_a_number"],
    ["limit=%205", "/limit not_a_number"],
    ["limit=0x10", "/limit not_a_number"],
    ["limit=1e1", "/limit not_a_number"],
    ["limit=5.0", "/limit not_a_number"],
    ["limit=", "/limit not_a_number"],
    ["limit=true", "/limit not_a_number"],
    ["colour=red", "/colour unknown_field"],
    ["status=deleted", "/status not_a_choice"],
    ["cursor=abc", "/cursor bad_cursor"],
    ["cursor=", "/cursor empty"],
    ["label=noColon", "/label bad_format"],
    ["destinationId=42", "/destinationId bad_format"],
  ];

  for (const [query, problem] of queries) {
    it(`refuses ?${query}: ${problem}`, async () => {
      const { status, json } = await one.raw("get", `/v1/schedules?${query}`);
      expect([status, ...problemsOf(json)]).to.deep.equal([422, problem]);
    });
  }

  it("echoes no more than a little of what was sent", async () => {
    const long = "x".repeat(5_000);
    const { text } = await one.raw("post", `/v1/schedules`, { body: { [long]: 1, timeZone: long } });
    expect(text).not.to.include("x".repeat(101));
  });
});
