import { expect } from "chai";
import { daily, type Desk, desk } from "./support/desk.js";

const OURS = "https://console.example.org";

describe("CORS", () => {
  let one: Desk;
  const ask = (method: string, origin: string, headers: Readonly<Record<string, string>> = {}) =>
    one.raw(method, "/v1/schedules", { headers: { origin, ...headers } });
  const preflight = { "access-control-request-method": "POST", "access-control-request-headers": "authorization" };
  afterEach(() => one.close());

  it("lets the pages of a configured origin ask", async () => {
    one = await desk({ api: { origins: [OURS] } });
    const before = await ask("OPTIONS", OURS, preflight);
    expect(before.status).to.equal(204);
    expect(before.headers.get("access-control-allow-origin")).to.equal(OURS);
    expect(before.headers.get("access-control-allow-methods")).to.contain("PATCH");
    const { status, headers } = await ask("GET", OURS);
    expect(status).to.equal(200);
    expect(headers.get("access-control-allow-origin")).to.equal(OURS);
    expect(headers.get("access-control-expose-headers")).to.contain("etag");
    expect(headers.get("access-control-allow-credentials")).to.equal(null);
    expect(headers.get("vary")?.toLowerCase()).to.contain("origin");
  });

  it("shows refusals to those pages, too", async () => {
    one = await desk({ api: { origins: [OURS] } });
    const { status, headers } = await one.raw("POST", "/v1/schedules", {
      body: { ...daily, timeZone: "Nowhere" },
      headers: { origin: OURS },
    });
    expect(status).to.equal(422);
    expect(headers.get("access-control-allow-origin")).to.equal(OURS);
  });

  it("says nothing to the pages of others, whatever they call themselves", async () => {
    one = await desk({ api: { origins: [OURS] } });
    for (const origin of ["https://evil.test", "null", `${OURS}.evil.test`, "http://console.example.org"]) {
      for (const method of ["OPTIONS", "GET"]) {
        const { headers } = await ask(method, origin, method === "OPTIONS" ? preflight : {});
        expect(headers.get("access-control-allow-origin"), `${method} ${origin}`).to.equal(null);
      }
    }
  });

  it("lets anybody's pages ask where it is told `*`, and asks them for no cookies", async () => {
    one = await desk({ api: { origins: ["*"] } });
    for (const origin of [OURS, "https://other.test", "null"]) {
      const before = await ask("OPTIONS", origin, preflight);
      expect(before.status, origin).to.equal(204);
      expect(before.headers.get("access-control-allow-headers")).to.contain("authorization");
      for (const { headers } of [before, await ask("GET", origin)]) {
        expect(headers.get("access-control-allow-origin"), origin).to.equal("*");
        expect(headers.get("access-control-allow-credentials"), origin).to.equal(null);
      }
    }
  });

  it("is off where no origin is configured", async () => {
    one = await desk();
    const { status, headers } = await ask("OPTIONS", OURS, preflight);
    expect(status).to.equal(405);
    expect(headers.get("access-control-allow-origin")).to.equal(null);
  });
});
