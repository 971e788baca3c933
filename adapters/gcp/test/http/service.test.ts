import { NOON, passOn, turn } from "@punctual/adapter-sdk/testing";
import { Conflict, InvalidInput, NotFound, Unavailable } from "@punctual/core";
import { MemoryClock, MemoryTelemetry } from "@punctual/core/memory";
import { expect } from "chai";
import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { CallerRefused, type WhyRefused } from "../../src/auth/caller-refused.js";
import {
  type Asked,
  type Handler,
  type Reply,
  serve,
  type Service,
  type ServiceOptions,
} from "../../src/http/service.js";

const EMAIL = "invoker@example-project.iam.gserviceaccount.com";
const MOST_BYTES = 1_000;
const TOKEN = { authorization: "Bearer good" };

describe("serve", () => {
  let clock: MemoryClock;
  let telemetry: MemoryTelemetry;
  let asked: Asked[];
  let service: Service | null = null;

  beforeEach(() => {
    clock = new MemoryClock(NOON);
    telemetry = new MemoryTelemetry();
    asked = [];
  });
  afterEach(async () => {
    const closing = service?.close(0);
    await passOn(clock)(1_000);
    await closing;
    service = null;
  });

  const authorize: ServiceOptions["authorize"] = async (authorization) => {
    if (authorization === TOKEN.authorization) return { email: EMAIL };
    if (authorization === "Bearer keys-are-away") throw new Unavailable("Google's keys cannot be had");
    throw new CallerRefused((authorization?.split(" ")[1] ?? "no_token") as WhyRefused);
  };
  const open = async (handler: Handler = async () => ({ status: 200 }), of: Partial<ServiceOptions> = {}) => {
    const keep: Handler = async (one) => {
      asked.push(one);
      return handler(one);
    };
    service = await serve({
      ...{ authorize, clock, telemetry, maxBodyBytes: MOST_BYTES, port: 0, host: "127.0.0.1" },
      routes: { "POST /push": keep, "POST /dead-letters": keep },
      ...of,
    });
    return service;
  };
  const url = (path: string) => `http://127.0.0.1:${service?.port}${path}`;
  const ask = (path: string, init: RequestInit = {}) => fetch(url(path), { method: "POST", headers: TOKEN, ...init });
  const troubles = () => telemetry.facts.flatMap((fact) => (fact.kind === "trouble" ? [String(fact.error)] : []));

  it("gives a handler what was asked, and by whom", async () => {
    await open(async () => ({ status: 202, body: { taken: 1 } }));
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const response = await ask("/push?x=1", { body: '{"message":"ü"}', headers: { ...TOKEN, traceparent } });
    expect(response.status).to.equal(202);
    expect(await response.json()).to.deep.equal({ taken: 1 });
    expect(response.headers.get("cache-control")).to.equal("no-store");
    const [one] = asked;
    expect(one).to.deep.include({ caller: { email: EMAIL }, body: '{"message":"ü"}', traceparent });
    expect(one?.json()).to.deep.equal({ message: "ü" });
  });

  it("answers with no body where the handler has none", async () => {
    await open(async () => ({ status: 204 }));
    const response = await ask("/push", { body: "x" });
    expect([response.status, await response.text()]).to.deep.equal([204, ""]);
  });

  describe("to machines", () => {
    it("says that it lives, without a token", async () => {
      await open();
      const response = await fetch(url("/health/live"));
      expect([response.status, await response.json()]).to.deep.equal([200, { status: "ok" }]);
      expect((await fetch(url("/health/live"), { method: "HEAD" })).status).to.equal(200);
      expect((await fetch(url("/health/live"), { method: "POST" })).status).to.equal(405);
      expect(asked).to.deep.equal([]);
    });
  });

  describe("before it looks at a body", () => {
    const refusals: readonly (readonly [WhyRefused, number])[] = [
      ["no_token", 401],
      ["malformed", 401],
      ["algorithm", 401],
      ["signature", 401],
      ["expired", 401],
      ["issuer", 401],
      ["audience", 401],
      ["account", 403],
      ["not_verified", 403],
    ];
    for (const [code, status] of refusals) {
      it(`answers ${status} to who is refused for ${code}`, async () => {
        await open();
        const headers = code === "no_token" ? {} : { authorization: `Bearer ${code}` };
        const response = await ask("/push", { headers, body: "{".repeat(10 * MOST_BYTES) });
        expect(response.status).to.equal(status);
        expect(await response.json()).to.deep.equal({ code });
        expect(response.headers.get("www-authenticate")).to.equal(status === 401 ? "Bearer" : null);
        expect(asked).to.deep.equal([]);
      });
    }

    it("answers who has sent none of it yet", async () => {
      await open();
      const head = "POST /push HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer expired\r\nContent-Length: 500\r\n\r\n";
      expect(await firstLine(service, head)).to.equal("HTTP/1.1 401 Unauthorized");
    });

    it("answers 503 where it cannot be known who asks", async () => {
      await open();
      const response = await ask("/push", { headers: { authorization: "Bearer keys-are-away" } });
      expect([response.status, response.headers.get("retry-after")]).to.deep.equal([503, "1"]);
      expect(troubles()).to.have.length(1);
    });

    it("answers 404 and 405 for what there is not", async () => {
      await open();
      for (const path of ["/", "/push/", "/PUSH", "/pus", "/constructor", "/__proto__", "/health", "//push"]) {
        expect((await ask(path)).status, path).to.equal(404);
      }
      for (const method of ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"]) {
        const response = await ask("/push", { method });
        expect([response.status, response.headers.get("allow")], method).to.deep.equal([405, "POST"]);
      }
      expect(asked).to.deep.equal([]);
    });

    it("tells of callers that it refuses, once a minute for each reason", async () => {
      await open();
      const refuse = async (code: WhyRefused) => ask("/push", { headers: { authorization: `Bearer ${code}` } });
      for (let round = 0; round < 3; round++) {
        await refuse("audience");
        await refuse("account");
      }
      expect(troubles()).to.have.length(2);
      clock.advance(60_000);
      await refuse("audience");
      expect(troubles()).to.have.length(3);
      expect(troubles().join()).to.contain("another service").and.not.to.contain("Bearer");
    });
  });

  describe("with a body", () => {
    it("takes one of just the size", async () => {
      await open();
      expect((await ask("/push", { body: "x".repeat(MOST_BYTES) })).status).to.equal(200);
      expect(asked[0]?.body).to.have.length(MOST_BYTES);
    });

    it("answers 413 to one that is larger, and goes on with the connection", async () => {
      await open();
      for (let round = 0; round < 3; round++) {
        expect((await ask("/push", { body: "x".repeat(MOST_BYTES + 1) })).status).to.equal(413);
        expect((await ask("/push", { body: "ü".repeat(MOST_BYTES / 2 + 1) })).status, "in bytes").to.equal(413);
        expect((await ask("/push", { body: chunks(2_000), duplex: "half" })).status, "in many chunks").to.equal(413);
      }
      expect(asked).to.deep.equal([]);
      expect((await ask("/push", { body: "x" })).status).to.equal(200);
      expect(troubles()).to.deep.equal([]);
    });

    it("answers 400 to one that is no JSON, and repeats nothing of it", async () => {
      await open(async ({ json }) => ({ status: 200, body: Object(json()) as object }));
      for (const body of ["", "{", '{"hunter2":', "hunter2", "[1]x"]) {
        const response = await ask("/push", { body });
        expect([response.status, await response.json()], body).to.deep.equal([400, { code: "invalid_input" }]);
      }
      expect(troubles()).to.deep.equal([]);
    });

    it("asks no handler about one that is cut off", async () => {
      await open();
      const socket = connect(service?.port ?? 0, "127.0.0.1");
      socket.write(
        `POST /push HTTP/1.1\r\nHost: x\r\nAuthorization: ${TOKEN.authorization}\r\nContent-Length: 500\r\n\r\nx`,
      );
      await once(socket, "connect");
      await new Promise((resolve) => setTimeout(resolve, 50));
      socket.destroy();
      expect((await ask("/push", { body: "next" })).status).to.equal(200);
      expect(asked.map(({ body }) => body)).to.deep.equal(["next"]);
      expect(troubles()).to.deep.equal([]);
    });
  });

  describe("where the handler fails", () => {
    const failures: readonly (readonly [number, string, () => Error])[] = [
      [400, "invalid_input", () => new InvalidInput([{ pointer: "/x", code: "x", message: "hunter2" }])],
      [404, "event_not_found", () => new NotFound("event", "hunter2")],
      [409, "in_flight", () => new Conflict("in_flight", "hunter2")],
      [503, "away", () => new Unavailable("hunter2")],
      [500, "internal", () => new TypeError("hunter2")],
    ];
    for (const [status, code, make] of failures) {
      it(`answers ${status} and ${code}, and repeats nothing of it`, async () => {
        await open(async () => {
          throw make();
        });
        const response = await ask("/push", { body: "{}" });
        expect([response.status, await response.json()]).to.deep.equal([status, { code }]);
        expect(troubles()).to.have.length(status >= 500 ? 1 : 0);
      });
    }
  });

  describe("when it ends", () => {
    const held = async () => {
      const answer = Promise.withResolvers<Reply>();
      await open(() => answer.promise);
      const response = ask("/push", { body: "{}" });
      while (asked.length === 0) await turn();
      return { response, answer };
    };

    it("has ended at once where nothing is under way", async () => {
      await open();
      await ask("/push", { body: "{}" });
      expect(await service?.close(8_000)).to.equal(true);
      expect(clock.nextWake, "a timer is left").to.equal(null);
    });

    it("waits for what is under way, tells it, and lets nobody else in", async () => {
      const { response, answer } = await held();
      expect(asked[0]?.stopping.aborted).to.equal(false);
      const closing = service?.close(8_000);
      expect(asked[0]?.stopping.aborted).to.equal(true);
      await passOn(clock)(7_999);
      expect(await ask("/push").catch(() => "refused")).to.equal("refused");
      answer.resolve({ status: 200, body: { done: true } });
      expect([(await response).status, (await response).headers.get("connection")]).to.deep.equal([200, "close"]);
      expect(await closing).to.equal(true);
      expect(clock.nextWake, "a timer is left").to.equal(null);
    });

    it("waits no longer than it may, and has what is not done come again", async () => {
      const { response, answer } = await held();
      const closing = service?.close(8_000);
      await passOn(clock)(8_000);
      expect((await response).status).to.equal(503);
      await passOn(clock)(500);
      expect(await closing).to.equal(false);
      answer.resolve({ status: 200 });
      await turn();
      expect(troubles()).to.deep.equal([]);
    });

    it("lets go of who only keeps a connection", async () => {
      await open();
      const socket = connect(service?.port ?? 0, "127.0.0.1");
      await once(socket, "connect");
      const gone = once(socket.resume(), "close");
      const closing = service?.close(8_000);
      // It is let go at the latest when the time is over.
      for (let step = 0; step < 20; step++) await passOn(clock)(500);
      await Promise.all([closing, gone]);
    });
  });

  it("refuses routes that are none", async () => {
    for (const route of ["/push", "POST push", "post /push", "POST"]) {
      const failure = await open(undefined, { routes: { [route]: async () => ({ status: 200 }) } }).catch(
        (error: unknown) => error,
      );
      expect(failure, route).to.be.instanceOf(TypeError);
    }
  });
});

function chunks(count: number): ReadableStream<Uint8Array> {
  let left = count;
  return new ReadableStream({
    pull: (controller) => (left-- > 0 ? controller.enqueue(Buffer.alloc(1_000, "x")) : controller.close()),
  });
}

async function firstLine(service: Service | null, sent: string): Promise<string | undefined> {
  const socket = connect(service?.port ?? 0, "127.0.0.1");
  socket.write(sent);
  socket.once("data", () => socket.end());
  return (await text(socket)).split("\r\n")[0];
}
