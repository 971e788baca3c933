import { expect } from "chai";
import type { SendResult } from "@punctual/core";
import type { HttpSender } from "../src/http-sender.js";
import type { Resolve } from "../src/guard/resolve.js";
import { cleanUp } from "./support/clean-up.js";
import { type Script, ScriptedReceiver } from "./support/scripted-receiver.js";
import { answers, says, saysAnd, saysAndEnds } from "./support/scripts.js";
import { requestTo, testSender } from "./support/sender.js";

const METHODS = ["POST", "PUT", "PATCH", "GET", "DELETE"] as const;
const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

describe("HttpSender: connections", () => {
  const closeAfterwards = cleanUp();

  const setup = async (script: Script, options: Parameters<typeof testSender>[0] = {}) => {
    const receiver = closeAfterwards(await ScriptedReceiver.listen(script));
    const sender = closeAfterwards(testSender(options));
    return { receiver, sender };
  };
  const inTurn = async (sender: HttpSender, request: Parameters<HttpSender["send"]>[0], times: number) => {
    const results: SendResult[] = [];
    for (let time = 0; time < times; time++) results.push(await sender.send(request));
    return results;
  };

  for (const method of METHODS) {
    it(`makes one request of one ${method}, though the receiver closes after each answer, in whatever moment`, async () => {
      // With nothing in the headers to say so: whether it is noticed before the next request is written is a race.
      const { receiver, sender } = await setup({
        onRequest: async (wire, { nth }) => {
          wire.write(OK);
          if (nth % 4 === 1) await wire.pause(1);
          if (nth % 4 === 2) await Promise.resolve();
          if (nth % 4 === 3) wire.reset();
          else wire.end();
        },
      });
      const ids: string[] = [];
      const results: SendResult[] = [];
      for (let round = 0; round < 300; round++) {
        const id = `id-${round}`;
        ids.push(id);
        results.push(await sender.send(requestTo(receiver.url, { id, destination: { method } })));
      }

      const outcomes = new Set(results.map(({ status, error }) => status ?? error));
      expect([...outcomes].filter((outcome) => outcome !== 200 && outcome !== "reset")).to.deep.equal([]);
      const seen = receiver.requests.map(({ headers }) => headers["webhook-id"]);
      expect(new Set(seen).size, "requests that were seen twice").to.equal(seen.length);
      const answered = ids.filter((_, index) => results[index]?.status === 200);
      expect(seen).to.include.members(answered);
    });

    it(`makes one request of one ${method} on a connection that was kept, and dies of it`, async () => {
      const { receiver, sender } = await setup({
        onRequest: (wire, { nth }) => (nth % 2 === 1 ? wire.write(OK) : wire.reset()),
      });
      const results = await inTurn(sender, requestTo(receiver.url, { destination: { method } }), 20);
      const expected = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 200 : "reset"));
      expect(results.map(({ status, error }) => status ?? error)).to.deep.equal(expected);
      expect(receiver.requests).to.have.length(20);
    });
  }

  it("keeps a connection for the next request", async () => {
    const { receiver, sender } = await setup(says(OK), { maxConnections: 1 });
    await inTurn(sender, requestTo(receiver.url), 10);
    expect(receiver.connections).to.equal(1);
  });

  it("shares no connection between tenants", async () => {
    const { receiver, sender } = await setup(says(OK), { maxConnections: 1 });
    for (const tenant of ["one", "other", "one", "other"]) await sender.send(requestTo(receiver.url, { tenant }));
    expect(receiver.requests.map(({ connection }) => connection)).to.deep.equal([1, 2, 1, 2]);
  });

  it("tells what the connection took of the first request of it alone", async () => {
    const { receiver, sender } = await setup(says(OK), { maxConnections: 1 });
    const [first, second] = await inTurn(sender, requestTo(receiver.url), 2);
    expect(first?.timings?.dnsMs).to.be.a("number");
    expect(first?.timings?.connectMs).to.be.a("number");
    expect(first?.timings?.tlsMs).to.equal(null);
    expect(first?.timings?.firstByteMs).to.be.within(0, first?.durationMs ?? 0);
    expect(second?.timings).to.deep.include({ dnsMs: null, connectMs: null, tlsMs: null });
    expect(second?.timings?.firstByteMs).to.be.within(0, second?.durationMs ?? 0);
  });

  it("tells the first byte of the answer, not of what came before it", async () => {
    const early = "HTTP/1.1 103 Early\r\n\r\n";
    const late = saysAnd([early], async (wire) => (await wire.pause(100), wire.write(OK)));
    const { receiver, sender } = await setup(late, { maxConnections: 1 });
    expect((await sender.send(requestTo(receiver.url))).timings?.firstByteMs).to.be.at.least(95);
    receiver.follow(says(early));
    const never = await sender.send(requestTo(receiver.url, { destination: { timeoutMs: 150 } }));
    expect(never).to.deep.include({ error: "timeout", timings: null });
  });

  for (const [when, script] of [
    ["at once", { onRequest: (wire) => wire.write(`${OK}HTTP/1.1 500 Not asked\r\ncontent-length: 0\r\n\r\n`) }],
    [
      "a little later",
      saysAnd([OK], async (wire) => {
        await wire.pause(5);
        wire.write("HTTP/1.1 500 Not asked\r\ncontent-length: 0\r\n\r\n");
      }),
    ],
  ] as const satisfies readonly (readonly [string, Script])[]) {
    it(`takes an answer that nobody asked for, sent ${when}, for none`, async () => {
      const { receiver, sender } = await setup(script);
      for (let round = 0; round < 20; round++) {
        expect(await sender.send(requestTo(receiver.url))).to.include({ status: 200, error: null });
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      expect(receiver.requests).to.have.length(20);
      expect(receiver.connections).to.equal(20);
    });
  }

  it("takes the answer of a receiver that does not wait for the whole request", async () => {
    const { receiver, sender } = await setup({
      onHead: (wire) => wire.write("HTTP/1.1 413 Too much\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"),
    });
    const body = JSON.stringify("x".repeat(250_000));
    expect(await sender.send(requestTo(receiver.url, { body }))).to.include({ status: 413, error: null });
    expect(receiver.requests).to.have.length(1);
  });

  it("writes no request that was given up before there was a connection, and keeps that for the next", async () => {
    const slowly: Resolve = async () => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      return [{ address: "127.0.0.1", family: 4 }];
    };
    const { receiver, sender } = await setup(says(OK), { resolve: slowly, maxConnections: 1 });
    const request = (id: string, timeoutMs: number) =>
      requestTo(receiver.urlAt("receiver.test"), { id, destination: { timeoutMs } });
    const [late, next] = await Promise.all([
      sender.send(request("late", 100)),
      sender.send(request("next", 5_000)),
      new Promise((resolve) => setTimeout(resolve, 50)).then(() => sender.send(request("gone", 100))),
    ]);
    expect(late).to.include({ status: null, error: "timeout" });
    expect(next).to.include({ status: 200, error: null });
    expect(receiver.requests.map(({ headers }) => headers["webhook-id"])).to.deep.equal(["next"]);
    expect(receiver.connections).to.equal(1);
  });

  it("does not dial for those that gave up waiting", async () => {
    let dials = 0;
    const silent: Resolve = async () => {
      dials++;
      return new Promise(() => undefined);
    };
    const sender = closeAfterwards(testSender({ resolve: silent, maxConnections: 2, connectTimeoutMs: 250 }));
    const request = requestTo("http://receiver.test/", { destination: { timeoutMs: 100 } });
    const results = await Promise.all(Array.from({ length: 20 }, () => sender.send(request)));
    expect(new Set(results.map(({ error }) => error))).to.deep.equal(new Set(["timeout"]));
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(dials).to.equal(2);
  });

  it("opens as many connections as it may, and lets others wait", async () => {
    const { receiver, sender } = await setup(
      { onRequest: async (wire) => (await wire.pause(20), wire.write(OK)) },
      { maxConnections: 3 },
    );
    const results = await Promise.all(Array.from({ length: 12 }, () => sender.send(requestTo(receiver.url))));
    expect(results.map(({ status }) => status)).to.deep.equal(Array.from({ length: 12 }, () => 200));
    expect(receiver.connections).to.equal(3);
  });

  it("closes what it has not used for longest, once there are too many origins", async () => {
    const { receiver, sender } = await setup(says(OK), { maxOrigins: 2 });
    for (const tenant of ["a", "b", "c", "d"]) await sender.send(requestTo(receiver.url, { tenant }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(receiver.open).to.equal(2);
  });

  it("leaves a request in peace whose pool is let go", async () => {
    const { receiver, sender } = await setup(
      { onRequest: async (wire) => (await wire.pause(50), wire.write(OK)) },
      { maxOrigins: 1, maxConnections: 1 },
    );
    const tenants = ["a", "a", "b", "b", "a"];
    const results = await Promise.all(tenants.map((tenant) => sender.send(requestTo(receiver.url, { tenant }))));
    expect(results.map(({ status }) => status)).to.deep.equal([200, 200, 200, 200, 200]);
  });

  it("does not keep a connection for longer than it may, whatever the receiver promises", async () => {
    const { receiver, sender } = await setup(answers(200, "connection: keep-alive", "keep-alive: timeout=600"), {
      keepAliveMs: 50,
    });
    await sender.send(requestTo(receiver.url));
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(receiver.open).to.equal(0);
  });

  it("ends once what is under way has ended", async () => {
    const { receiver, sender } = await setup({ onRequest: async (wire) => (await wire.pause(50), wire.write(OK)) });
    const sending = sender.send(requestTo(receiver.url));
    await sender.close();
    expect(await sending).to.include({ status: 200 });
  });
});

describe("HttpSender: the deadline", () => {
  const closeAfterwards = cleanUp();
  const TIMEOUT_MS = 600;
  const slow: readonly (readonly [what: string, Script])[] = [
    ["sends nothing", {}],
    ["drips its headers", saysAnd([], (wire) => wire.drip(`HTTP/1.1 200 OK\r\nx: ${"x".repeat(500)}`, 20))],
    ["drips its body", saysAnd(["HTTP/1.1 200 OK", "", ""], (wire) => wire.drip("x".repeat(500), 20))],
    ["drips answers that are none", saysAnd([], (wire) => wire.drip("HTTP/1.1 103 Early\r\n\r\n".repeat(30), 5))],
  ];
  for (const [what, script] of slow) {
    it(`ends a request to one that ${what}, and frees its place`, async () => {
      const receiver = closeAfterwards(await ScriptedReceiver.listen(script));
      const sender = closeAfterwards(testSender({ maxConnections: 1 }));
      const request = requestTo(receiver.url, { destination: { timeoutMs: TIMEOUT_MS } });

      const result = await sender.send(request);
      receiver.follow(saysAndEnds(OK));
      const next = await sender.send(request);

      expect(result).to.include({ status: null, error: "timeout", detail: null });
      expect(result.durationMs).to.be.within(TIMEOUT_MS, TIMEOUT_MS + 250);
      expect(next).to.include({ status: 200, error: null });
    });
  }

  it("includes the wait for a connection, and whoever gave up waiting is forgotten", async () => {
    const receiver = closeAfterwards(await ScriptedReceiver.listen());
    const sender = closeAfterwards(testSender({ maxConnections: 1 }));
    const within = (timeoutMs: number) => sender.send(requestTo(receiver.url, { destination: { timeoutMs } }));
    const first = within(600);

    const others = await Promise.all(Array.from({ length: 50 }, () => within(200)));
    expect(await first).to.include({ error: "timeout" });
    receiver.follow(says(OK));
    const next = await within(600);

    for (const { durationMs, error, timings } of others) {
      expect({ error, timings }).to.deep.equal({ error: "timeout", timings: null });
      expect(durationMs).to.be.within(200, 450);
    }
    expect(next).to.include({ status: 200, error: null });
    expect(receiver.requests).to.have.length(2);
  });
});
