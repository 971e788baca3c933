import { AsyncLocalStorage, createHook } from "node:async_hooks";
import { once } from "node:events";
import net, { type Socket } from "node:net";
import tls, { type TlsOptions } from "node:tls";
import { Worker } from "node:worker_threads";
import type { UrlRule } from "@punctual/core";
import { expect } from "chai";
import { Agent, Client, request } from "undici";
import { AddressRules } from "../../src/guard/address-rules.js";
import { type ConnectorOptions, guardedConnector, timingsOf } from "../../src/guard/connector.js";
import { DialError, type DialStage, Refused } from "../../src/guard/errors.js";
import { Guard } from "../../src/guard/guard.js";
import type { Resolve } from "../../src/guard/resolve.js";
import { EXPIRED, FOR_ANOTHER_NAME, type TestCertificate, VALID } from "../support/certificate.js";
import { type Listener, listen, listenRaw } from "../support/listener.js";
import { answering, failing, silent } from "../support/resolvers.js";

const CA = [VALID.cert, EXPIRED.cert, FOR_ANOTHER_NAME.cert];

interface Setup {
  readonly listener: Listener;
  readonly resolve?: Resolve;
  readonly allowed?: readonly string[];
  readonly guard?: ConnectorOptions["guard"];
  readonly connectTimeoutMs?: number;
  readonly tls?: ConnectorOptions["tls"];
}

describe("guardedConnector", () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function opened(listener: Promise<Listener>): Promise<Listener> {
    const open = await listener;
    closing.push(() => open.close());
    return open;
  }

  function setup({ listener, resolve = failing("ENOTFOUND"), allowed, connectTimeoutMs = 2_000, ...rest }: Setup) {
    const guard = new Guard({ rules: new AddressRules(allowed), resolve });
    const connect = guardedConnector({ guard, connectTimeoutMs, tls: { ca: CA }, ...rest });
    const agent = new Agent({ connect, connections: 1 });
    closing.unshift(() => agent.destroy());
    const url = (scheme: string, host: string) => `${scheme}://${host}:${listener.port}/`;
    return {
      guard,
      connect,
      url,
      call: async (scheme: string, host = "receiver.test", headers = {}) => {
        const { statusCode, body } = await request(url(scheme, host), {
          dispatcher: agent,
          method: "POST",
          body: "{}",
          headers,
        });
        await body.dump();
        return statusCode;
      },
      dial: (scheme: string, hostname = "receiver.test") =>
        new Promise<Socket>((resolve, reject) => {
          const target = { hostname, protocol: `${scheme}:`, port: String(listener.port) };
          connect(target, (error, socket) => {
            if (error !== null) return reject(error);
            closing.unshift(async () => socket.destroy());
            resolve(socket);
          });
        }),
    };
  }

  const SCHEMES: readonly (readonly [scheme: string, tls?: TlsOptions])[] = [["http"], ["https", VALID]];
  for (const [scheme, tlsOptions] of SCHEMES) {
    describe(`over ${scheme}`, () => {
      it("reaches what is allowed: the control for all that follows", async () => {
        const listener = await opened(listen(tlsOptions));
        const { resolve, asked } = answering(["127.0.0.1"]);
        const { call } = setup({ listener, resolve, allowed: ["127.0.0.0/8"] });

        expect(await call(scheme)).to.equal(204);
        expect(await call(scheme)).to.equal(204);

        expect(listener.sockets).to.have.length(1);
        expect(asked).to.deep.equal(["receiver.test"]);
      });

      it("reaches a literal address that is allowed, and a host that is allowed by its name", async () => {
        const listener = await opened(listen(tlsOptions));
        const literal = setup({ listener, allowed: ["127.0.0.1"] });
        const named = setup({ listener, resolve: answering(["127.0.0.1"]).resolve, allowed: ["receiver.test"] });

        expect(await literal.call(scheme, "127.1")).to.equal(204);
        expect(await named.call(scheme, "receiver.test.")).to.equal(204);
      });

      it("sends nothing to a name that was outside when looked at and is inside when dialled", async () => {
        const listener = await opened(listen(tlsOptions));
        const { resolve } = answering(["8.8.8.8"], ["127.0.0.1"]);
        const { guard, url, call } = setup({ listener, resolve });

        expect(await guard.objection(url(scheme, "receiver.test"))).to.be.null;
        await refused(call(scheme), "address_loopback");

        expect(listener.sockets).to.be.empty;
      });

      it("dials what it has judged, and asks no second time", async () => {
        const listener = await opened(listen(tlsOptions));
        const { resolve, asked } = answering(["127.0.0.2"], ["127.0.0.1"]);
        const { call } = setup({ listener, resolve, allowed: ["127.0.0.2"] });

        await failed(call(scheme), "connect");

        expect(asked).to.have.length(1);
        expect(listener.sockets).to.be.empty;
      });

      it("sends nothing where one of several addresses is inside", async () => {
        const listener = await opened(listen(tlsOptions));
        const { resolve } = answering(["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"]);
        const { call } = setup({ listener, resolve });

        await refused(call(scheme), "addresses_mixed");
        await refused(call(scheme), "addresses_mixed");

        expect(listener.sockets).to.be.empty;
      });

      it("sends nothing to any spelling of an inside address", async () => {
        const listener = await opened(listen(tlsOptions));
        const { call } = setup({ listener });
        const names = ["localhost", "LOCALHOST.", "a.localhost"];
        const ipv4 = ["127.0.0.1", "127.0.0.1.", "127.1", "2130706433", "0x7f000001", "0177.0.0.01", "017700000001"];
        const ipv6 = ["[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"];

        for (const host of [...names, ...ipv4, ...ipv6]) await refused(call(scheme, host), "address_loopback");
        for (const host of ["0", "[::]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[::ffff:0:127.0.0.1]"]) {
          await refused(call(scheme, host), "address_reserved");
        }

        expect(listener.sockets).to.be.empty;
      });

      it("sends no byte to where it got although nothing of the kind was judged", async () => {
        const received: unknown[] = [];
        const listener = await opened(listenRaw((socket) => void socket.on("data", (data) => received.push(data))));
        const { guard } = setup({ listener });
        const lying: ConnectorOptions["guard"] = {
          addressesFor: async () => [{ address: "127.0.0.1", family: 4 }],
          ruleAgainst: (host, address) => guard.ruleAgainst(host, address),
        };

        await refused(setup({ listener, guard: lying }).call(scheme), "address_loopback");

        await allClosed(listener, 1);
        expect(received).to.be.empty;
      });

      it("takes another address where one does not answer", async () => {
        const listener = await opened(listen(tlsOptions));
        const { resolve } = answering(["127.0.0.2", "127.0.0.1"]);
        const { call } = setup({ listener, resolve, allowed: ["127.0.0.0/8"] });

        expect(await call(scheme)).to.equal(204);
      });

      it("tells what the connection took", async () => {
        const listener = await opened(listen(tlsOptions));
        const { resolve } = answering(["127.0.0.1"]);
        const { dial } = setup({ listener, resolve, allowed: ["127.0.0.0/8"] });

        const timings = timingsOf(await dial(scheme));

        expect(timings?.dnsMs).to.be.at.least(0);
        expect(timings?.connectMs).to.be.above(0);
        if (scheme === "http") expect(timings?.tlsMs).to.be.null;
        else expect(timings?.tlsMs).to.be.above(0);
        expect(timingsOf(new net.Socket())).to.be.undefined;
      });

      it("lives through an error that comes before anybody listens for it", async () => {
        const listener = await opened(listen(tlsOptions));
        const { dial } = setup({ listener, resolve: async () => loopback, allowed: ["127.0.0.0/8"] });

        const socket = await dial(scheme);
        listener.sockets[0]?.resetAndDestroy();
        await new Promise((resolve) => socket.resume().on("close", resolve));

        expect(socket.destroyed).to.be.true;
      });

      it("says that nobody listens, for one address as for several", async () => {
        const listener = await listen(tlsOptions);
        await listener.close();
        const { resolve } = answering(["127.0.0.1"], ["127.0.0.1", "127.0.0.1"]);
        const { call } = setup({ listener, resolve, allowed: ["127.0.0.0/8"] });

        await failed(call(scheme), "connect", "ECONNREFUSED");
        await failed(call(scheme), "connect", "ECONNREFUSED");
      });

      it("closes a connection that came about after its client was destroyed", async () => {
        const listener = await opened(listen(tlsOptions));
        const answer = Promise.withResolvers<Awaited<ReturnType<Resolve>>>();
        const { connect, url } = setup({ listener, resolve: () => answer.promise, allowed: ["127.0.0.0/8"] });
        const made = Promise.withResolvers<Socket>();
        const client = new Client(new URL(url(scheme, "receiver.test")).origin, {
          connect: (target, callback) =>
            connect(target, (...result) => {
              if (result[1] !== null) made.resolve(result[1]);
              callback(...result);
            }),
        });
        const response = client.request({ path: "/", method: "GET" }).catch((error: unknown) => error);

        await client.destroy();
        answer.resolve([{ address: "127.0.0.1", family: 4 }]);

        expect(await response).to.include({ code: "UND_ERR_DESTROYED" });
        expect((await made.promise).destroyed).to.be.true;
        await allClosed(listener, 1);
        expect(listener.requests).to.be.empty;
      });
    });
  }

  describe("when it fails", () => {
    it("says that the name is not there, and gives the original as the cause", async () => {
      const listener = await opened(listen());
      const { call } = setup({ listener });

      const error = await failed(call("http"), "dns", "ENOTFOUND");

      expect(error.message).to.equal("The name could not be looked up: ENOTFOUND");
      expect(error.cause).to.include({ message: "getaddrinfo ENOTFOUND receiver.test" });
    });

    it("names no address but to the log", async () => {
      const listener = await listen();
      await listener.close();
      const { resolve } = answering(["127.0.0.1"]);
      const { call } = setup({ listener, resolve, allowed: ["127.0.0.0/8"] });

      const error = await failed(call("http"), "connect");

      expect(error.message).not.to.contain("127.0.0.1");
      expect(String(error.cause)).to.contain("127.0.0.1");
    });

    it("lets a bug up as it is", async () => {
      const listener = await opened(listen());
      const bug = new TypeError("undefined is not a function");
      const { call } = setup({ listener, resolve: () => Promise.reject(bug) });

      expect(await thrownBy(call("http"))).to.equal(bug);
    });

    it("takes a connection that is reset at once, so that its address is gone, for broken and not for inside", async () => {
      const listener = await opened(listen());
      const { dial } = setup({ listener, resolve: async () => loopback, allowed: ["127.0.0.0/8"] });
      const { connect } = net;
      closing.push(async () => void Object.assign(net, { connect }));
      const addressless = (options: net.NetConnectOpts) =>
        Object.defineProperty(connect(options), "remoteAddress", { value: undefined });
      Object.assign(net, { connect: addressless });

      await failed(dial("http"), "connect", "ECONNRESET");
      await allClosed(listener, 1);
    });

    it("gives up on a look-up that does not end", async () => {
      const listener = await opened(listen());
      const { call } = setup({ listener, resolve: silent, connectTimeoutMs: 5 });

      await failed(call("http"), "dns", "ETIMEDOUT");
    });

    it("gives up on a connection that is not accepted", async () => {
      const port = await neverAccepting();
      const { resolve } = answering(["127.0.0.1"], ["127.0.0.1", "127.0.0.1"]);
      const { call } = setup({
        listener: { port } as Listener,
        resolve,
        allowed: ["127.0.0.0/8"],
        connectTimeoutMs: 50,
      });

      await failed(call("http"), "connect", "ETIMEDOUT");
      await failed(call("http"), "connect", "ETIMEDOUT");
    });

    it("gives up on a handshake that does not end, and leaves neither socket nor timer", async () => {
      const listener = await opened(listenRaw());
      const { resolve } = answering(["127.0.0.1"]);
      const { dial } = setup({ listener, resolve, allowed: ["127.0.0.0/8"], connectTimeoutMs: 50 });
      const timers = new Set<number>();
      const dialling = new AsyncLocalStorage<true>();
      const watch = createHook({
        init: (id, type) => void (type === "Timeout" && dialling.getStore() === true && timers.add(id)),
        destroy: (id) => void timers.delete(id),
      }).enable();
      closing.push(async () => void watch.disable());

      await dialling.run(true, () => failed(dial("https"), "tls", "ETIMEDOUT"));

      await allClosed(listener, 1);
      await new Promise(setImmediate);
      expect(timers.size).to.equal(0);
    });

    /** Linux drops who knocks when a few wait already and the program, here a thread that sleeps, lets none of them in. */
    async function neverAccepting(): Promise<number> {
      const thread = new Worker(
        `const server = require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
           require("node:worker_threads").parentPort.postMessage(server.address().port);
           Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
         });`,
        { eval: true },
      );
      closing.push(() => thread.terminate());
      const [port] = (await once(thread, "message")) as [number];
      const waiting = Array.from({ length: 8 }, () => net.connect(port, "127.0.0.1").on("error", () => undefined));
      await Promise.race(waiting.map((socket) => once(socket, "connect"))); // By then all have knocked.
      closing.unshift(async () => waiting.forEach((socket) => socket.destroy()));
      return port;
    }
  });

  describe("over https", () => {
    const BAD: readonly (readonly [title: string, certificate: TestCertificate, ca: string[], code: string])[] = [
      ["has expired", EXPIRED, CA, "CERT_HAS_EXPIRED"],
      ["is for another name", FOR_ANOTHER_NAME, CA, "ERR_TLS_CERT_ALTNAME_INVALID"],
      ["nobody vouches for", VALID, [], "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ];
    for (const [title, certificate, ca, code] of BAD) {
      it(`refuses a certificate that ${title}, each time and whatever the environment says`, async () => {
        const listener = await opened(listen(certificate));
        const { call } = setup({ listener, resolve: async () => loopback, allowed: ["127.0.0.0/8"], tls: { ca } });

        await failed(call("https"), "tls", code);
        await unverifying(() => failed(call("https"), "tls", code));

        await allClosed(listener, 2);
        expect(listener.requests).to.be.empty;
      });
    }

    it("asks for the host of the URL, whatever the Host header says, and for HTTP/1.1", async () => {
      const listener = await opened(listen({ ...VALID, ALPNProtocols: ["h2", "http/1.1"] }));
      const { call } = setup({ listener, resolve: async () => loopback, allowed: ["127.0.0.0/8"] });

      await call("https", "receiver.test.", { host: "other.test" });

      expect(listener.requests).to.deep.equal([{ sni: "receiver.test", alpn: "http/1.1", host: "other.test" }]);
    });

    it("checks a literal address against the certificate, and sends no name", async () => {
      const listener = await opened(listen(VALID));
      const other = await opened(listen(FOR_ANOTHER_NAME));
      const allowed = ["127.0.0.0/8"];

      await setup({ listener, allowed }).call("https", "127.0.0.1");
      await failed(
        setup({ listener: other, allowed }).call("https", "127.0.0.1"),
        "tls",
        "ERR_TLS_CERT_ALTNAME_INVALID",
      );

      expect(listener.requests[0]?.sni).to.be.false;
    });

    it("trusts what Node trusts besides its own authorities", async () => {
      const authorities = tls.getCACertificates();
      tls.setDefaultCACertificates([...authorities, FOR_ANOTHER_NAME.cert]);
      closing.push(async () => tls.setDefaultCACertificates(authorities));
      const listener = await opened(listen(FOR_ANOTHER_NAME));
      const options = { listener, resolve: async () => loopback, allowed: ["127.0.0.0/8"] };

      expect(await setup({ ...options, tls: { ca: VALID.cert } }).call("https", "other.test")).to.equal(204);
      expect(await setup({ ...options, tls: {} }).call("https", "other.test")).to.equal(204);
    });

    it("talks TLS 1.2 and 1.3, nothing older", async () => {
      const old = { ...VALID, ciphers: "DEFAULT@SECLEVEL=0", minVersion: "TLSv1", maxVersion: "TLSv1.1" } as const;
      const options = { resolve: async () => loopback, allowed: ["127.0.0.0/8"] };
      const callTo = async (server: TlsOptions) =>
        setup({ ...options, listener: await opened(listen(server)) }).call("https");

      expect(await callTo({ ...VALID, maxVersion: "TLSv1.2" })).to.equal(204);
      expect(await callTo({ ...VALID, minVersion: "TLSv1.3" })).to.equal(204);
      await failed(callTo(old), "tls", "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
    });

    it("says that it was not TLS, or that it broke off", async () => {
      const options = { resolve: async () => loopback, allowed: ["127.0.0.0/8"] };
      const plain = await opened(listen());
      const reset = await opened(listenRaw((socket) => void socket.once("data", () => socket.resetAndDestroy())));
      const short = await opened(listenRaw((socket) => void socket.once("data", () => socket.end())));

      await failed(setup({ ...options, listener: plain }).call("https"), "tls", /^ERR_SSL_|^EPROTO/);
      await failed(setup({ ...options, listener: short }).call("https"), "tls", "ECONNRESET");
      await failed(setup({ ...options, listener: reset }).call("https"), "tls", "ECONNRESET");
    });
  });
});

const loopback = [{ address: "127.0.0.1", family: 4 }] as const;

async function thrownBy(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => expect.fail("Nothing was thrown"),
    (error: unknown) => error,
  );
}

async function refused(promise: Promise<unknown>, rule: UrlRule): Promise<void> {
  const error = await thrownBy(promise);
  expect(error).to.be.instanceOf(Refused);
  expect(error).to.include({ rule });
}

async function failed(promise: Promise<unknown>, stage: DialStage, code?: string | RegExp): Promise<DialError> {
  const error = await thrownBy(promise);
  if (!(error instanceof DialError)) throw error;
  expect(error.stage).to.equal(stage);
  if (code !== undefined) expect(error.code).to.match(typeof code === "string" ? new RegExp(`^${code}$`) : code);
  return error;
}

/** Waits until the other side has closed all connections, of which there have been so many. */
async function allClosed({ sockets }: Listener, count: number): Promise<void> {
  expect(sockets).to.have.length(count);
  for (const socket of sockets) if (!socket.closed) await once(socket.resume(), "close");
}

/** As with the switch by which an operator turns off verification for all of a Node program. */
async function unverifying(act: () => Promise<unknown>): Promise<void> {
  process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  try {
    await act();
  } finally {
    delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
  }
}
