import { failureOf } from "@punctual/adapter-sdk/testing";
import { MemoryTelemetry } from "@punctual/core/memory";
import { expect } from "chai";
import type { APIGatewayProxyResult, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { once } from "node:events";
import { createServer, type IncomingMessage, request as ask, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { apiHandler, type ApiHandlerOptions, type RequestCallback } from "../../src/http/api-handler.js";
import type { GatewayEvent } from "../../src/http/gateway-request.js";
import { CONTEXT, v1, v2 } from "./events.js";

/** Tells what it was asked, as a server of node:http would see it. */
const mirror: RequestCallback = async (request: IncomingMessage, response: ServerResponse) => {
  await Promise.resolve(); // a body that is read late is there all the same
  const { method, url, headers } = request;
  const body = (await buffer(request)).toString("base64");
  const address = request.socket.remoteAddress;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ method, url, headers, body, address }));
};

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly address: string;
}

async function seen(event: GatewayEvent, options?: ApiHandlerOptions): Promise<Seen> {
  const { statusCode, body } = await resultFrom(mirror, event, options);
  expect(statusCode).to.equal(200);
  return JSON.parse(body) as Seen;
}

type Result = APIGatewayProxyResult & Partial<APIGatewayProxyStructuredResultV2>;

async function resultFrom(
  callback: RequestCallback,
  event: GatewayEvent,
  options?: ApiHandlerOptions,
): Promise<Result> {
  return (await apiHandler(callback, options)(event, CONTEXT)) as Result;
}

describe("apiHandler", () => {
  const both = { "format 1.0": v1(), "format 2.0": v2() };

  describe("as a request", () => {
    it("tells method, path and whence it came", async () => {
      for (const event of [v1({ httpMethod: "DELETE" }), v2({ method: "DELETE" })]) {
        expect(await seen(event)).to.include({ method: "DELETE", url: "/v1/schedules", address: "203.0.113.7" });
      }
    });

    const text = "Grüße, 密码 🔑";
    for (const [what, body, isBase64Encoded] of [
      ["text", text, false],
      ["Base64", Buffer.from(text).toString("base64"), true],
    ] as const) {
      it(`reads a body that comes as ${what}, and counts its bytes`, async () => {
        const headers = { "Content-Type": "text/plain", "Content-Length": "3", "transfer-encoding": "chunked" };
        for (const event of [
          v1({ httpMethod: "POST", body, isBase64Encoded, multiValueHeaders: null as never, headers }),
          v2({ method: "POST", body, isBase64Encoded, headers }),
        ]) {
          const request = await seen(event);
          expect(Buffer.from(request.body, "base64").toString()).to.equal(text);
          expect(request.headers["content-length"]).to.equal(String(Buffer.byteLength(text)));
          expect(request.headers).not.to.have.property("transfer-encoding");
        }
      });
    }

    it("reads bytes as they are", async () => {
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      const body = bytes.toString("base64");
      const request = await seen(v1({ httpMethod: "POST", body, isBase64Encoded: true }));
      expect(Buffer.from(request.body, "base64")).to.deep.equal(bytes);
    });

    it("has no body and no length where there is none", async () => {
      const headers = { "content-length": "17" };
      for (const event of [v1({ multiValueHeaders: null as never, headers }), v1({ body: "" }), v2({ headers })]) {
        const request = await seen(event);
        expect(request.body).to.equal("");
        expect(request.headers).not.to.have.property("content-length");
      }
    });

    it("has each header once, by the rules of a server", async () => {
      const given = {
        Accept: ["text/html", "application/json"],
        accept: ["*/*"],
        Authorization: ["Bearer one", "Bearer two"],
        Cookie: ["a=1", "b=2"],
        "X-Forwarded-For": ["198.51.100.9, 203.0.113.7"],
        "X-Forwarded-Proto": ["https"],
        "X-Forwarded-Port": ["443"],
      };
      const { headers } = await seen(v1({ multiValueHeaders: given }));
      expect(headers).to.include({
        accept: "text/html, application/json, */*",
        authorization: "Bearer one",
        cookie: "a=1; b=2",
        "x-forwarded-for": "198.51.100.9, 203.0.113.7",
        "x-forwarded-proto": "https",
        "x-forwarded-port": "443",
      });
      expect(headers).to.deep.equal(await headersOnServer(given), "as node:http has them");
    });

    it("has cookies where there are any", async () => {
      expect((await seen(v2({ cookies: ["a=1", "b=2"] }))).headers).to.include({ cookie: "a=1; b=2" });
      for (const event of Object.values(both)) expect((await seen(event)).headers).not.to.have.property("cookie");
    });

    it("reads single headers where there are no others", async () => {
      const event = v1({ multiValueHeaders: null as never, headers: { Accept: "text/html", None: undefined } });
      expect((await seen(event)).headers).to.deep.equal({ accept: "text/html" });
    });

    it("encodes again what the gateway has decoded of a query", async () => {
      const multiValueQueryStringParameters = {
        state: ["FAILED", "SKIPPED"],
        "a b": ["1+1=2&x", "größer"],
        empty: [""],
      };
      const { url } = await seen(v1({ multiValueQueryStringParameters }));
      const query = new URLSearchParams(url.split("?")[1]);
      for (const [name, values] of Object.entries(multiValueQueryStringParameters)) {
        expect(query.getAll(name), name).to.deep.equal(values);
      }
    });

    it("reads a single query where there is no other", async () => {
      expect((await seen(v1({ queryStringParameters: { count: "3" } }))).url).to.equal("/v1/schedules?count=3");
    });

    it("takes a raw query as it is", async () => {
      const rawQueryString = "state=FAILED&state=SKIPPED&q=a%20b+c";
      expect((await seen(v2({ rawQueryString }))).url).to.equal(`/v1/schedules?${rawQueryString}`);
    });

    for (const [what, path, url] of [
      ["leaves an encoded path as it came", "/a%2Fb/%C3%BC%25", "/a%2Fb/%C3%BC%25"],
      ["encodes what was decoded", '/a b/ü/"x"', "/a%20b/%C3%BC/%22x%22"],
      ["makes no query of a decoded question mark", "/me?admin=true", "/me%3Fadmin=true"],
      ["makes no fragment of a decoded hash", "/orders#1", "/orders%231"],
      ["encodes line breaks", "/a\r\nx: y", "/a%0D%0Ax:%20y"],
      ["bears half a letter", "/\ud800", "/%EF%BF%BD"],
      ["puts a slash before", "v1", "/v1"],
      ["takes nothing for the root", "", "/"],
    ] as const) {
      it(`${what} of ${JSON.stringify(path)}`, async () => {
        expect((await seen(v1({ path }))).url).to.equal(url);
        expect((await seen(v2({ rawPath: path }))).url).to.equal(url);
      });
    }

    it("encodes a percent sign that begins nothing where the gateway decodes paths, and only there", async () => {
      const path = "/100%/50%2/%zz/%41";
      expect((await seen(v2({ rawPath: path }))).url).to.equal("/100%25/50%252/%25zz/%41");
      expect((await seen({ ...v1({ path }), version: "1.0" })).url).to.equal("/100%25/50%252/%25zz/%41");
      expect((await seen(v1({ path }))).url, "of a REST API, so that it is refused").to.equal(path);
    });

    it("leaves the stage out, once, where it stands in a path", async () => {
      for (const [rawPath, url] of [
        ["/v1/v1/schedules", "/v1/schedules"],
        ["/v1", "/"],
        ["/v10/schedules", "/v10/schedules"],
        ["/schedules/v1", "/schedules/v1"],
      ] as const) {
        expect((await seen(v2({ rawPath, stage: "v1" }))).url, rawPath).to.equal(url);
      }
      // A REST API leaves it out by itself.
      expect((await seen(v1({ path: "/v1/schedules", stage: "v1" }))).url).to.equal("/v1/schedules");
    });

    it("leaves out the base path of a domain of one's own", async () => {
      const options = { basePath: "/punctual" };
      for (const [path, url] of [
        ["/punctual/v1/schedules", "/v1/schedules"],
        ["/punctual", "/"],
        ["/punctually/x", "/punctually/x"],
        ["/v1/schedules", "/v1/schedules"],
      ] as const) {
        expect((await seen(v1({ path }), options)).url, path).to.equal(url);
        expect((await seen(v2({ rawPath: path }), options)).url, path).to.equal(url);
      }
    });

    it("does not change the event", async () => {
      for (const event of [v1({ body: "x", httpMethod: "POST" }), v2({ body: "x", method: "POST" })]) {
        const before = structuredClone(event);
        await seen(event);
        expect(event).to.deep.equal(before);
      }
    });
  });

  describe("as an answer", () => {
    const replying =
      (status: number, headers: Readonly<Record<string, string | string[]>>, body?: string | Buffer): RequestCallback =>
      (_request, response) => {
        response.statusCode = status;
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
        response.end(body);
      };

    for (const type of [
      ...[
        "application/json",
        "application/json; charset=utf-8",
        "application/problem+json",
        "text/html; charset=UTF-8",
      ],
      ...["application/x-ndjson", "text/event-stream", "application/openapi+yaml", 'text/plain; x=1; charset="utf-8"'],
    ]) {
      it(`gives ${type} as text`, async () => {
        for (const event of Object.values(both)) {
          const { body, isBase64Encoded } = await resultFrom(
            replying(200, { "content-type": type }, '"größer 🔑"'),
            event,
          );
          expect({ body, isBase64Encoded }).to.deep.equal({ body: '"größer 🔑"', isBase64Encoded: false });
        }
      });
    }

    const bytes = Buffer.from([0, 1, 0xff, 0xfe, 0x80]);
    const ofBytes: readonly Readonly<Record<string, string>>[] = [
      { "content-type": "image/png" },
      { "content-type": "application/octet-stream" },
      { "content-type": "application/json", "content-encoding": "gzip" },
      { "content-type": "text/plain; charset=iso-8859-1" },
      { "content-type": "text/html; charset=utf-16le" },
    ];
    for (const headers of ofBytes) {
      it(`gives ${Object.values(headers).join(" in ")} in Base64`, async () => {
        for (const event of Object.values(both)) {
          const { body, isBase64Encoded } = await resultFrom(replying(200, headers, bytes), event);
          expect({ body, isBase64Encoded }).to.deep.equal({ body: bytes.toString("base64"), isBase64Encoded: true });
        }
      });
    }

    it("gives each of several headers of one name", async () => {
      const callback = replying(201, {
        "set-cookie": ["a=1", "b=2"],
        vary: ["origin", "accept"],
        location: "/x",
        etag: '"3"',
      });
      const one = await resultFrom(callback, v1());
      expect(one.statusCode).to.equal(201);
      expect(one.multiValueHeaders).to.deep.include({
        "set-cookie": ["a=1", "b=2"],
        vary: ["origin", "accept"],
        location: ["/x"],
        etag: ['"3"'],
      });
      const two = await resultFrom(callback, v2());
      expect(two.cookies).to.deep.equal(["a=1", "b=2"]);
      expect(two.headers).to.deep.equal({ vary: "origin, accept", location: "/x", etag: '"3"' });
    });

    for (const status of [204, 304]) {
      it(`gives ${status} without a body`, async () => {
        for (const event of Object.values(both)) {
          const result = await resultFrom(replying(status, { etag: '"3"', "content-length": "0" }), event);
          expect(result).to.include({ statusCode: status, body: "", isBase64Encoded: false });
          const names = Object.keys(result.multiValueHeaders ?? result.headers ?? {});
          expect(names).to.deep.equal(["etag"]);
        }
      });
    }

    it("gives an answer to HEAD without a body", async () => {
      for (const event of [v1({ httpMethod: "HEAD" }), v2({ method: "HEAD" })]) {
        const { statusCode, body } = await resultFrom(
          replying(200, { "content-type": "application/json" }, "{}"),
          event,
        );
        expect({ statusCode, body }).to.deep.equal({ statusCode: 200, body: "" });
      }
    });

    it("gives headers that are written with the status", async () => {
      const callback: RequestCallback = (_, response) => {
        response.writeHead(202, { "content-type": "text/plain", "x-one": "1", "x-two": "2" });
        response.end("later");
      };
      const result = await resultFrom(callback, v2());
      expect(result).to.deep.include({ statusCode: 202, body: "later" });
      expect(result.headers).to.include({ "content-type": "text/plain", "x-one": "1", "x-two": "2" });
    });

    it("leaves out what is said between two machines only", async () => {
      const callback = replying(
        200,
        { connection: "close", "keep-alive": "timeout=5", "content-type": "text/plain" },
        "x",
      );
      expect((await resultFrom(callback, v1())).multiValueHeaders).to.deep.equal({ "content-type": ["text/plain"] });
    });

    it("gives a streamed answer as a whole, with letters that lie across chunks", async () => {
      const whole = Buffer.from("größer 🔑 ".repeat(1_000));
      const chunks = Array.from({ length: Math.ceil(whole.length / 7) }, (_, at) => whole.subarray(7 * at, 7 * at + 7));
      const callback: RequestCallback = async (_, response) => {
        response.setHeader("content-type", "application/x-ndjson");
        await pipeline(Readable.from(chunks), response);
      };
      expect((await resultFrom(callback, v1())).body).to.equal(whole.toString());
    });

    it("waits for an answer that is given after the callback has returned", async () => {
      const callback: RequestCallback = (_, response) => void setImmediate(() => response.end("late"));
      expect((await resultFrom(callback, v1())).body).to.equal("late");
    });

    it("tells those who wait for its end", async () => {
      let closed = false;
      const callback: RequestCallback = (_, response) => {
        response.once("close", () => (closed = true));
        response.end("x");
      };
      await resultFrom(callback, v1());
      expect(closed).to.equal(true);
    });

    it("keeps many requests at one time apart", async () => {
      const handle = apiHandler(mirror);
      const results = await Promise.all(
        Array.from({ length: 50 }, (_, index) => handle(v1({ path: `/v1/${index}`, body: `body ${index}` }), CONTEXT)),
      );
      for (const [index, result] of results.entries()) {
        const { url, body } = JSON.parse((result as Result).body) as Seen;
        expect([url, Buffer.from(body, "base64").toString()]).to.deep.equal([`/v1/${index}`, `body ${index}`]);
      }
    });
  });

  describe("where something goes wrong", () => {
    const bug = new Error("hunter2 was not accepted");
    const wrong: Readonly<Record<string, RequestCallback>> = {
      "the callback throws": () => {
        throw bug;
      },
      "the callback rejects": async () => {
        await Promise.resolve();
        throw bug;
      },
      "the callback throws in the midst of an answer": (_, response) => {
        response.setHeader("content-type", "text/plain");
        response.write("half of ");
        throw bug;
      },
      "the answer is given up": (_, response) => void response.destroy(bug),
      "the answer is given up later, without a reason": (_, response) => void setImmediate(() => response.destroy()),
      "a stream breaks off": async (_, response) => {
        response.setHeader("content-type", "text/plain");
        const broken = async function* () {
          yield "half of ";
          throw bug;
        };
        await pipeline(Readable.from(broken()), response);
      },
      "a stream breaks off, and nobody says so": (_, response) => {
        const source = new Readable({ read: () => undefined });
        pipeline(source, response).catch(() => undefined);
        source.destroy(bug);
      },
    };
    for (const [what, callback] of Object.entries(wrong)) {
      it(`answers 500 as a problem where ${what}`, async () => {
        for (const event of Object.values(both)) {
          const telemetry = new MemoryTelemetry();
          const result = await resultFrom(callback, event, { telemetry });
          expect(result).to.include({ statusCode: 500, isBase64Encoded: false });
          const headers = result.multiValueHeaders ?? result.headers ?? {};
          expect([headers["content-type"]].flat()).to.deep.equal(["application/problem+json"]);
          expect(JSON.parse(result.body)).to.deep.equal({
            ...{ type: "about:blank#internal", title: "Internal Server Error", status: 500, code: "internal" },
            ...{ detail: "Something went wrong here", requestId: "request-1" },
          });
          expect(telemetry.facts).to.have.length(1);
          expect(telemetry.facts[0]).to.include({ kind: "trouble", where: "api", requestId: "request-1" });
        }
      });
    }

    it("answers 500 as a problem for an event that is damaged", async () => {
      for (const event of [v1({ path: undefined as never }), v2({ rawPath: undefined as never })]) {
        expect(await resultFrom(mirror, event)).to.include({ statusCode: 500 });
      }
    });

    it("fails for what is no request, so that whoever invoked it knows", async () => {
      for (const event of [{}, { Records: [] }, { "detail-type": "Scheduled Event" }]) {
        expect(await failureOf(resultFrom(mirror, event as never))).to.be.instanceOf(TypeError);
      }
    });

    it("goes on after an error", async () => {
      let asked = 0;
      const handle = apiHandler((_, response) => {
        if (asked++ === 0) throw bug;
        response.end("well");
      });
      expect(await handle(v1(), CONTEXT)).to.include({ statusCode: 500 });
      expect(await handle(v1(), CONTEXT)).to.include({ statusCode: 200, body: "well" });
    });
  });
});

/** What a server of node:http makes of the headers. */
async function headersOnServer(given: Readonly<Record<string, readonly string[]>>): Promise<unknown> {
  const server = createServer((request, response) => {
    const { host: _, connection: __, ...headers } = request.headers;
    response.end(JSON.stringify(headers));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const raw = Object.entries(given).flatMap(([name, values]) => values.flatMap((value) => [name, value]));
  const asked = ask({ port, host: "127.0.0.1", headers: ["host", "x", ...raw], agent: false }).end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  const headers: unknown = JSON.parse(await text(answer));
  server.close();
  return headers;
}
