import { Unavailable } from "@punctual/core";
import { expect } from "chai";
import { Cursors, routesOf } from "../src/index.js";
import { daily, type Desk, desk, operationOf } from "./support/desk.js";

describe("the page of the API", () => {
  let one: Desk;
  beforeEach(async () => (one = await desk()));
  afterEach(() => one.close());

  it("needs nothing from elsewhere, and all that it asks for is there", async () => {
    const page = await one.ask(operationOf("docs"), { as: null });
    const files = [...page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => String(path));
    expect(files).to.have.length(3);
    expect(page.text).not.to.match(/https?:/);
    expect(page.headers.get("content-security-policy")).to.match(/default-src 'none'; script-src 'self';/);
    for (const path of files) {
      const { status, text, headers } = await one.raw("GET", path, { as: null });
      expect(status, path).to.equal(200);
      expect(text.length, path).to.be.greaterThan(50);
      expect(headers.get("content-type"), path).to.match(/^text\/(css|javascript); charset=utf-8$/);
    }
    expect((await one.raw("GET", "/docs/start.js", { as: null })).text).to.contain("/openapi.json");
  });

  it("is made of its own files alone", async () => {
    for (const file of ["package.json", "..%2f..%2fpackage.json", "index.html", "swagger-ui.css%00", "__proto__"]) {
      expect((await one.raw("GET", `/docs/${file}`, { as: null })).status, file).to.equal(404);
    }
  });
});

describe("GET /health", () => {
  it("says how each part is, and why to nobody", async () => {
    const cursors = new Cursors(Buffer.alloc(32));
    const fails = async () => {
      throw new Error("password refused");
    };
    const one = await desk({
      api: {
        routes: routesOf({
          cursors,
          version: "1.2.3",
          ready: fails,
          parts: { database: fails, worker: async () => undefined },
        }),
      },
    });
    try {
      const { json, text } = await one.ask(operationOf("health"));
      expect(json).to.deep.include({ status: "away", version: "1.2.3" });
      expect(json.parts).to.deep.equal({ database: { status: "away" }, worker: { status: "ok" } });
      expect(json.zoneData).to.match(/^20\d\d[a-z]$/);
      expect(text).not.to.contain("password");
      expect((await one.ask(operationOf("health"), { as: "user:main:ada" })).status).to.equal(403);
      expect((await one.ask(operationOf("health"), { as: null })).status).to.equal(401);
    } finally {
      await one.close();
    }
  });
});

describe("GET /health/live", () => {
  it("is 503 where starting anew is the only help", async () => {
    const live = () => {
      throw new Unavailable("The loop stands still");
    };
    const ready = async () => undefined;
    const one = await desk({
      api: { routes: routesOf({ cursors: new Cursors(Buffer.alloc(32)), version: "0.0.0", live, ready }) },
    });
    try {
      const { status, text } = await one.ask(operationOf("live"), { as: null });
      expect(status).to.equal(503);
      expect(text).not.to.contain("stands still");
      expect((await one.ask(operationOf("ready"), { as: null })).status).to.equal(200);
    } finally {
      await one.close();
    }
  });
});

describe("what is told of requests", () => {
  let one: Desk;
  beforeEach(async () => (one = await desk()));
  afterEach(() => one.close());

  it("names the route and never what was asked of it", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await one.raw("GET", "/v1/schedules/0198c0de-0000-7000-8000-000000000001?marker=1", { headers: { traceparent } });
    await one.raw("POST", "/v1/schedules", { body: daily });
    await one.raw("GET", "/nowhere/marker", { as: null });
    await one.raw("BREW", "/v1/schedules").catch(() => undefined);
    const told = one.answered.map(({ method, route, status, tenant, role }) => [method, route, status, tenant, role]);
    expect(told.slice(0, 3)).to.deep.equal([
      ["GET", "/v1/schedules/{id}", 422, "main", "admin"],
      ["POST", "/v1/schedules", 201, "main", "admin"],
      ["GET", null, 404, null, null],
    ]);
    expect(one.answered[0]?.traceparent).to.equal(traceparent);
    expect(one.answered[1]?.traceparent).to.equal(null);
    expect(JSON.stringify(one.answered)).not.to.contain("marker");
    for (const { durationMs } of one.answered) expect(durationMs).to.be.greaterThan(0);
  });
});
