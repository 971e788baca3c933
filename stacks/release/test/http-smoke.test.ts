import { expect } from "chai";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { HttpSmoke, type SmokeOptions } from "../src/smoke/http-smoke.js";

describe("HttpSmoke", () => {
  const servers: Server[] = [];
  let asked: string[];
  let bodies: unknown[];
  let now: number;
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  /** An API that answers by method and path; what is not told of is 404. */
  async function smoke(
    answers: Readonly<Record<string, () => readonly [number, object?]>>,
    given: Partial<SmokeOptions>,
  ) {
    [asked, bodies, now] = [[], [], 0];
    const server = createServer((request, response) => {
      void (async () => {
        const { pathname } = new URL(request.url ?? "", "http://127.0.0.1");
        asked.push(`${request.method ?? ""} ${pathname} ${request.headers.authorization ?? "-"}`);
        const body = await text(request);
        if (body !== "") bodies.push(JSON.parse(body));
        const [status, answer = {}] = answers[`${request.method ?? ""} ${pathname}`]?.() ?? [404];
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
      })();
    });
    servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const pace = { now: () => now, wait: async (ms: number) => void (now += ms) };
    return new HttpSmoke({ pace, ...given }).run(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  }
  const ready = { "GET /health/ready": () => [200] as const };
  const open = { ...ready, "GET /v1/schedules": () => [200, { items: [] }] as const };
  const url = "https://hooks.example.com/smoke";

  it("asks whether the API is ready, and waits a little for it", async () => {
    const states = [503, 503, 200];
    const answers = { "GET /health/ready": () => [states.shift() ?? 500] as const };
    expect(await smoke(answers, {})).to.deep.equal({ ok: true });
    const verdict = await smoke({ "GET /health/ready": () => [503] }, {});
    expect(verdict)
      .to.have.property("because")
      .that.matches(/\/health\/ready answers 503/);
    expect(asked).to.have.length(5);
  });

  it("reads with a token, and makes nothing without a URL", async () => {
    expect(await smoke(open, { token: "t" })).to.deep.equal({ ok: true });
    expect(asked).to.deep.equal(["GET /health/ready Bearer t", "GET /v1/schedules Bearer t"]);
    const verdict = await smoke({ ...ready, "GET /v1/schedules": () => [401] }, { token: "t", url });
    expect(verdict)
      .to.have.property("because")
      .that.matches(/\/v1\/schedules answers 401/);
  });

  it("sends an event through, and leaves nothing behind", async () => {
    const states = ["PENDING", "PROCESSING", "COMPLETED"];
    const answers = {
      ...open,
      "POST /v1/schedules": () => [201, { id: "s-1" }] as const,
      "GET /v1/events": () => [200, { items: [{ state: states.shift() }] }] as const,
      "DELETE /v1/schedules/s-1": () => [204] as const,
    };
    expect(await smoke(answers, { token: "t", url })).to.deep.equal({ ok: true });
    expect(bodies[0]).to.deep.include({ type: "punctual.smoke", timeZone: "UTC", destination: { url } });
    expect(asked.at(-1)).to.equal("DELETE /v1/schedules/s-1 Bearer t");
  });

  for (const [name, items, because] of [
    ["fails", [{ state: "FAILED", reason: "rejected" }], /ended FAILED \(rejected\)/],
    ["does not come", [], /was not delivered within 180 s/],
  ] as const) {
    it(`finds it bad where the event ${name}, and leaves nothing behind either`, async () => {
      const answers = {
        ...open,
        "POST /v1/schedules": () => [201, { id: "s-1" }] as const,
        "GET /v1/events": () => [200, { items }] as const,
        "DELETE /v1/schedules/s-1": () => [204] as const,
      };
      expect(await smoke(answers, { token: "t", url }))
        .to.have.property("because")
        .that.matches(because);
      expect(asked.at(-1)).to.match(/^DELETE/);
    });
  }
});
