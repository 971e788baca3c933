import { Conflict, type ConflictCode, InvalidInput, NotFound, Unavailable, type UnitOfWork } from "@punctual/core";
import { expect } from "chai";
import { Unauthenticated } from "../src/index.js";
import { problemOf } from "../src/http/problem-of.js";
import { Refused } from "../src/http/refused.js";
import { type Desk, desk, operationOf } from "./support/desk.js";

const HIDDEN = "postgres://punctual:hunter2@10.0.0.7/main";

describe("what a caller is told of an error", () => {
  const told = (error: unknown) => {
    const { status, code, title } = problemOf(error);
    return [status, code, title];
  };

  it("invalid is 422, with all that is wrong", () => {
    const problems = [{ pointer: "/type", code: "required", message: "Is required" }];
    expect(told(new InvalidInput(problems))).to.deep.equal([422, "invalid_input", "Unprocessable Entity"]);
    expect(problemOf(new InvalidInput(problems)).errors).to.deep.equal(problems);
  });

  it("missing is 404, and says what", () => {
    for (const kind of ["schedule", "event", "destination", "user"] as const) {
      expect(told(new NotFound(kind, "7f3a"))).to.deep.equal([404, `${kind}_not_found`, "Not Found"]);
    }
    expect(problemOf(new NotFound("user", "7f3a")).detail).to.equal("No user has the id 7f3a");
    expect(problemOf(new NotFound("user", "x".repeat(8_000))).detail).to.equal(`No user has the id ${"x".repeat(64)}…`);
  });

  const conflicts: readonly ConflictCode[] = [
    ...(["key_taken", "series_moved", "in_flight", "wrong_state", "destination_in_use"] as const),
    ...(["belongs_to_user", "rotation_under_way", "not_awaited", "schema_behind", "schema_ahead"] as const),
  ];
  for (const code of conflicts) {
    it(`conflict is 409: ${code}`, () => {
      expect(told(new Conflict(code, "No"))).to.deep.equal([409, code, "Conflict"]);
    });
  }

  it("a revision that is stale is 412", () => {
    const answer = [412, "stale_revision", "Precondition Failed"];
    expect(told(new Conflict("stale_revision", "No"))).to.deep.equal(answer);
  });

  for (const code of ["unavailable", "secret_unreadable", "key_unreadable"] as const) {
    it(`unavailable is 503, to be asked again, and not why: ${code}`, () => {
      const problem = problemOf(new Unavailable(HIDDEN, { code, cause: new Error(HIDDEN) }));
      expect([problem.status, problem.code]).to.deep.equal([503, code]);
      expect(problem.headers).to.deep.equal({ "retry-after": "2" });
      expect(JSON.stringify(problem)).not.to.include(HIDDEN);
    });
  }

  it("a request that was refused says so itself", () => {
    const headers = { allow: "GET" };
    const problem = problemOf(new Refused(405, "method_not_allowed", "By GET", { headers, cause: new Error(HIDDEN) }));
    expect(problem).to.deep.equal({
      ...{ status: 405, code: "method_not_allowed", title: "Method Not Allowed", detail: "By GET", headers },
    });
  });

  it("one who is not known is 401, with how to say who one is", () => {
    const problem = problemOf(new Unauthenticated());
    expect([problem.status, problem.code]).to.deep.equal([401, "unauthenticated"]);
    expect(problem.headers).to.deep.equal({ "www-authenticate": "Bearer" });
  });

  const statusOf = (status: number) => Object.assign(new Error(HIDDEN), { status, code: HIDDEN, expose: true });
  for (const [title, bug] of [
    ["an error", new TypeError(HIDDEN)],
    ["text", HIDDEN],
    ["nothing", undefined],
    ["an object that looks like a refusal", { status: 404, code: HIDDEN, message: HIDDEN, headers: { a: HIDDEN } }],
    ["an error that asks to be told", statusOf(418)],
    ["an error that looks like one of a family", Object.assign(new Error(HIDDEN), { family: "invalid", code: HIDDEN })],
  ] as const) {
    it(`a bug is 500, and nothing of itself: ${title}`, () => {
      expect(problemOf(bug)).to.deep.equal({
        ...{ status: 500, code: "internal", title: "Internal Server Error", detail: "Something went wrong here" },
        headers: {},
      });
    });
  }
});

describe("trouble, over HTTP", () => {
  let one: Desk | undefined;
  afterEach(() => one?.close());

  /** An API whose stores are away, or broken. */
  const broken = async (error: Error) => {
    const unitOfWork: UnitOfWork = { run: () => Promise.reject(error), read: () => Promise.reject(error) };
    one = await desk({ unitOfWork: () => unitOfWork });
    return one;
  };

  it("tells nothing of a bug but that there is one; the log hears of it, with the request's id", async () => {
    const bug = new TypeError(HIDDEN);
    const { raw, told } = await broken(bug);
    const { status, json, text, headers } = await raw("get", "/v1/users?limit=3", {
      headers: { "x-request-id": "r-7" },
    });
    expect(status).to.equal(500);
    expect(json).to.deep.equal({
      ...{ type: "about:blank#internal", title: "Internal Server Error", status: 500, code: "internal" },
      ...{ detail: "Something went wrong here", instance: "/v1/users", requestId: "r-7" },
    });
    expect(headers.get("content-type")).to.equal("application/problem+json");
    for (const hidden of [HIDDEN, "hunter2", "TypeError", "problem-of.test", "    at "]) {
      expect(text).not.to.include(hidden);
      expect(JSON.stringify([...headers])).not.to.include(hidden);
    }
    expect(told).to.deep.equal([{ error: bug, requestId: "r-7" }]);
    expect(told[0]?.error).to.equal(bug);
  });

  it("asks to come again where the stores are away, and the log hears why", async () => {
    const error = new Unavailable(HIDDEN);
    const { ask, told } = await broken(error);
    for (const operation of ["listUsers", "listEvents", "listDestinations", "listSchedules"]) {
      const { status, json, headers, text } = await ask(operationOf(operation));
      expect([status, json.code, headers.get("retry-after")]).to.deep.equal([503, "unavailable", "2"]);
      expect(text).not.to.include("hunter2");
    }
    expect(told.map((one) => one.error)).to.deep.equal([error, error, error, error]);
    expect(new Set(told.map(({ requestId }) => requestId)).size).to.equal(4);
  });

  it("does not trouble the log with what is the caller's own mistake", async () => {
    one = await desk();
    await one.raw("get", "/nowhere");
    await one.raw("get", "/v1/users?limit=0");
    await one.raw("get", "/v1/users", { as: null });
    await one.raw("post", "/v1/users", { text: "{" });
    expect(one.told).to.deep.equal([]);
  });

  for (const path of ["/v1/events/%E0%A4%A", "/v1/users/%", "/%ff", "/v1/events/%00"]) {
    it(`takes ${path} for nothing that there is`, async () => {
      one = await desk();
      const { status } = await one.raw("get", path);
      expect(status).to.be.oneOf([400, 404]);
      expect(one.told).to.deep.equal([]);
    });
  }
});

describe("the id of a request", () => {
  let one: Desk;
  before(async () => (one = await desk()));
  after(() => one.close());

  const MADE = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  const idOf = async (path: string, given?: string) => {
    const { headers, json } = await one.raw("get", path, { headers: { "x-request-id": given } });
    return { header: headers.get("x-request-id"), requestId: json.requestId };
  };

  for (const given of ["7", "order-7f3a_1.2:3", "x".repeat(128)]) {
    it(`is the caller's own, where it is well formed: ${given.slice(0, 20)}`, async () => {
      expect(await idOf("/v1/users", given)).to.deep.equal({ header: given, requestId: undefined });
      expect(await idOf("/nowhere", given)).to.deep.equal({ header: given, requestId: given });
    });
  }

  for (const given of [undefined, "", "a b", "x".repeat(129), "<script>", '{"a":1}', "a,b", "é"]) {
    it(`is made, where there is none or another form: ${given?.slice(0, 20)}`, async () => {
      expect((await idOf("/v1/users", given)).header).to.match(MADE);
      const { header, requestId } = await idOf("/nowhere", given);
      expect(header).to.match(MADE);
      expect(requestId).to.equal(header);
    });
  }

  it("is another one for each request", async () => {
    const ids = await Promise.all([idOf("/nowhere"), idOf("/nowhere")]);
    expect(new Set(ids.map(({ header }) => header)).size).to.equal(2);
  });
});
