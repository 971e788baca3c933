import { expect } from "chai";
import type { RequestListener } from "node:http";
import { run, runHere } from "./support/cli.js";
import { type FakeApi, fakeApi, problem } from "./support/fake-api.js";

const html: RequestListener = (_, response) => void response.end("<html>");

describe("punctual, where the API refuses", () => {
  let api: FakeApi | undefined;
  afterEach(() => api?.close());
  const ask = async (answer: RequestListener, args: readonly string[], env = {}, input = "") => {
    api = await fakeApi(answer);
    return runHere(args, { env: { PUNCTUAL_URL: api.url, ...env }, input });
  };

  const answers: readonly { name: string; answer: RequestListener; code: number; err: RegExp }[] = [
    { name: "401", answer: problem(401, "unauthenticated"), code: 5, err: /\(unauthenticated\)\n {2}PUNCTUAL_TOKEN/ },
    { name: "403", answer: problem(403, "forbidden"), code: 5, err: /^punctual: forbidden \(forbidden\)\n$/ },
    { name: "409", answer: problem(409, "in_flight"), code: 4, err: /\(in_flight\)/ },
    { name: "429", answer: problem(429, "too_many"), code: 6, err: /\(too_many\)/ },
    { name: "500", answer: problem(500, "internal"), code: 1, err: /\(internal\)\n {2}request r-1\n$/ },
    { name: "503", answer: problem(503, "unavailable"), code: 6, err: /\(unavailable\)/ },
    {
      name: "422 with errors",
      answer: problem(422, "invalid_input", {
        detail: "no\u001b[31mgood",
        errors: [
          { pointer: "/a", code: "x", message: "Is a" },
          { pointer: "/b/0", code: "y", message: "Is b" },
        ],
      }),
      code: 2,
      err: /^punctual: nogood \(invalid_input\)\n {2}\/a: Is a \(x\)\n {2}\/b\/0: Is b \(y\)\n$/,
    },
    { name: "200 of something else", answer: html, code: 1, err: /the answer is no JSON: is this the address/ },
    {
      name: "502 of something else",
      answer: (_, response) => void response.writeHead(502).end("<html>"),
      code: 6,
      err: /answers 502, and not as the API does/,
    },
    {
      name: "a broken connection",
      answer: (request) => void request.socket.destroy(),
      code: 6,
      err: /cannot be reached/,
    },
    {
      name: "JSON of something else",
      answer: (_, response) => void response.end('{"items":[{"id":1}]}'),
      code: 1,
      err: /not one that this program knows \(\/items\/0\//,
    },
  ];
  for (const { name, answer, code, err } of answers) {
    it(`ends with ${code} for ${name}`, async () => {
      api = await fakeApi(answer);
      const ended = await run(["schedule", "list"], { env: { PUNCTUAL_URL: api.url } });
      expect(ended).to.include({ code, out: "" });
      expect(ended.err).to.match(err);
      expect(ended.err).not.to.match(/^ +at /m);
    });
  }

  it("waits no longer than it is told", async () => {
    const { code, err } = await ask(() => undefined, ["schedule", "list", "--timeout", "1"]);
    expect(code).to.equal(6);
    expect(err).to.match(/did not answer within 1 s\n {2}--timeout gives it longer\n$/);
  });

  it("waits no longer for an answer that stops in its middle", async () => {
    const stalls: RequestListener = (_, response) => void response.writeHead(200).write('{"items":');
    const { code, err } = await ask(stalls, ["schedule", "list", "--timeout", "1"]);
    expect(code).to.equal(6);
    expect(err).to.include("did not answer within 1 s");
  });

  it("prints nothing as JSON that is none", async () => {
    for (const args of [
      ["schedule", "list"],
      ["schedule", "list", "--all"],
      ["events", "get", "x"],
      ["schedule", "run", "x"],
    ]) {
      const { code, out, err } = await ask(html, [...args, "--json"]);
      expect({ code, out }).to.deep.equal({ code: 1, out: "" });
      expect(err).to.include("the answer is no JSON");
      api?.close();
    }
  });

  it("waits no longer for an import that does not move", async () => {
    const { code, err } = await ask(() => undefined, ["import", "-", "--timeout", "1"], {}, "{}\n");
    expect(code).to.equal(6);
    expect(err).to.include("did not answer within 1 s");
  });

  it("ends with 6 where nobody listens, and says how to make a schedule once all the same", async () => {
    const args = ["schedule", "create", "--type", "x", "--api", "http://127.0.0.1:1"];
    const { code, err } = await run(args);
    expect(code).to.equal(6);
    expect(err).to.match(/^punctual: the API at http:\/\/127.0.0.1:1 cannot be reached \(ECONNREFUSED\)\n/);
    expect(err).to.match(/--idempotency-key [0-9a-f-]{36}\n$/);
  });

  it("sends the revision that it has seen, and ends with 4 where another came first", async () => {
    const { code, err } = await ask(
      (request, response) => {
        if (request.method !== "GET") return problem(412, "stale_revision")(request, response);
        return void response.writeHead(200, { etag: '"7"' }).end("{}");
      },
      ["schedule", "delete", "a/b"],
    );
    expect(code).to.equal(4);
    expect(err).to.match(/\(stale_revision\)\n {2}.*--force\n$/);
    expect(api?.requests.map(({ method, url, headers }) => [method, url, headers["if-match"]])).to.deep.equal([
      ["GET", "/v1/schedules/a%2Fb", undefined],
      ["DELETE", "/v1/schedules/a%2Fb", '"7"'],
    ]);
  });

  it("sends any revision with --force, without looking", async () => {
    const { code } = await ask(
      (_, response) => void response.writeHead(204).end(),
      ["schedule", "delete", "x", "--force"],
    );
    expect(code).to.equal(0);
    expect(api?.requests.map(({ method, headers }) => [method, headers["if-match"]])).to.deep.equal([["DELETE", "*"]]);
  });

  it("sends the token of the environment, to an address below a path as well", async () => {
    api = await fakeApi((_, response) => void response.end('{"items":[]}'));
    const { code } = await run(["schedule", "list", "--url", `${api.url}/below/`, "--label", "a:b", "--label", "c:d"], {
      env: { PUNCTUAL_TOKEN: "token-1" },
    });
    expect(code).to.equal(0);
    const [request] = api.requests;
    expect([request?.url, request?.headers.authorization]).to.deep.equal([
      "/below/v1/schedules?label=a%3Ab&label=c%3Ad",
      "Bearer token-1",
    ]);
  });

  it("ends with 1 where what happened differs from what should have", async () => {
    const report = { expected: 2, delivered: 1, failed: 0, cancelled: 0, skipped: { missed: 3 }, open: 0 };
    const body = JSON.stringify({ ...report, missing: ["m-1"], unexpected: [], difference: 1 });
    const answer: RequestListener = (_, response) => void response.end(body);
    const args = ["reconcile", "--from", "2027-01-01", "--to", "2027-02-01"];
    const [text, json] = [await ask(answer, args), await run([...args, "--json"], { env: { PUNCTUAL_URL: api?.url } })];
    expect([text.code, text.err, json.code, json.err]).to.deep.equal([1, "", 1, ""]);
    expect(text.out)
      .to.match(/^skipped +3 missed$/m)
      .and.match(/^missing +m-1$/m);
    expect(JSON.parse(json.out)).to.deep.equal(JSON.parse(body));
  });

  it("adds up the parts of a reconciliation", async () => {
    const part = { expected: 2, delivered: 1, failed: 0, cancelled: 0, skipped: { missed: 1 }, open: 0 };
    const parts = [
      { ...part, missing: ["m-1"], unexpected: [], difference: 1, nextCursor: "c-1" },
      { ...part, skipped: { missed: 1, paused: 2 }, missing: [], unexpected: ["u-1"], difference: 1 },
    ];
    const answer: RequestListener = ({ url = "" }, response) =>
      void response.end(JSON.stringify(parts[url.includes("cursor=c-1") ? 1 : 0]));
    const { code, out } = await ask(answer, ["reconcile", "--from", "2027-01-01", "--to", "2027-02-01", "--json"]);
    expect(code).to.equal(1);
    expect(JSON.parse(out)).to.deep.equal({
      ...{ expected: 4, delivered: 2, failed: 0, cancelled: 0, skipped: { missed: 2, paused: 2 }, open: 0 },
      ...{ missing: ["m-1"], unexpected: ["u-1"], difference: 2 },
    });
  });

  const ndjson =
    (lines: readonly object[], how: "end" | "destroy"): RequestListener =>
    (request, response) => {
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      for (const line of lines) response.write(`${JSON.stringify(line)}\n`);
      request.resume();
      if (how === "end") response.end();
      else setTimeout(() => request.socket.destroy(), 50);
    };
  const refused = { kind: "refused", line: 7, errors: [] };
  const stops = [
    {
      name: "says that it stopped",
      answer: ndjson([{ kind: "stopped", code: "unavailable", lines: 500, requestId: "r-9" }], "end"),
      err: /at line 500 or later \(unavailable, request r-9\)/,
    },
    { name: "breaks off", answer: ndjson([refused], "destroy"), err: /cannot be reached|at line 7 or later/ },
    { name: "ends too early", answer: ndjson([refused], "end"), err: /at line 7 or later/ },
    { name: "refuses at once", answer: problem(503, "unavailable"), err: /\(unavailable\)/ },
  ];
  for (const { name, answer, err } of stops) {
    it(`ends an import with 6 where the API ${name}`, async () => {
      const ended = await ask(answer, ["import", "-"], {}, '{"a":1}\n'.repeat(50_000));
      expect(ended).to.include({ code: 6, out: "" });
      expect(ended.err).to.match(err);
    });
  }
});
