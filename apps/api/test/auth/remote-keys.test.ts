import { generateKeyPairSync } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { Unavailable } from "@punctual/core";
import { MemoryClock } from "@punctual/core/memory";
import { expect } from "chai";
import { RemoteKeys } from "../../src/index.js";
import { KeySource } from "./support/key-source.js";
import { jwk, KEYS_URL, NOW } from "./support/tokens.js";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Lets what is under way come to where it waits. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

const key = (kid: string) => jwk(generateKeyPairSync("ed25519").publicKey, kid);
const [first, second] = [key("first"), key("second")];

function setup(...published: unknown[]) {
  const source = new KeySource(published);
  const clock = new MemoryClock(NOW);
  const keys = new RemoteKeys(KEYS_URL, { clock, fetch: source.fetch });
  /** Whether the key is found, or what is thrown. */
  const ask = (kid: string): Promise<unknown> =>
    keys.find("EdDSA", kid).then(
      () => "found",
      (error: unknown) => (error instanceof Unavailable ? "unavailable" : "unknown"),
    );
  return { source, clock, keys, ask };
}

describe("RemoteKeys", () => {
  it("asks once for keys that it then has for ten minutes", async () => {
    const { ask, clock, source } = setup(first);

    for (let minute = 0; minute < 10; minute++) {
      expect(await ask("first")).to.equal("found");
      clock.advance(MINUTE - 1);
    }
    expect(source.asked).to.have.length(1);
    clock.advance(10);
    await ask("first");
    expect(source.asked).to.deep.equal([KEYS_URL, KEYS_URL]);
  });

  it("counts by a clock that nobody sets", async () => {
    const { ask, clock, source } = setup(first);

    await ask("first");
    clock.step(-HOUR);
    await ask("first");
    clock.advance(10 * MINUTE);
    await ask("first");

    expect(source.asked).to.have.length(2);
  });

  it("asks once however many ask at the same time (R2)", async () => {
    const { ask, source } = setup(first);

    const answers = await Promise.all(Array.from({ length: 1_000 }, () => ask("first")));

    expect(new Set(answers)).to.deep.equal(new Set(["found"]));
    expect(source.asked).to.have.length(1);
  });

  it("asks once in 30 s for a thousand ids that nobody knows (R2)", async () => {
    const { ask, clock, source } = setup(first);
    const random = () => Promise.all(Array.from({ length: 500 }, () => ask(crypto.randomUUID())));

    for (let asked = 1; asked <= 4; asked++) {
      await random();
      clock.advance(30 * SECOND - 1);
      expect(new Set(await random())).to.deep.equal(new Set(["unknown"]));
      expect(source.asked).to.have.length(asked);
      clock.advance(1);
    }
  });

  it("keeps no known key waiting while it looks for an unknown one", async () => {
    const { ask, clock, source } = setup(first);
    await ask("first");
    clock.advance(30 * SECOND);
    const { promise: answer, resolve } = Promise.withResolvers<Response>();
    source.answer = () => answer;

    const unknown = ask("second");
    expect(await ask("first")).to.equal("found");
    resolve(Response.json({ keys: [first, second] }));

    expect(await unknown).to.equal("found");
  });

  it("finds a new key as soon as the pause is over", async () => {
    const { ask, clock, source } = setup(first);
    await ask("first");
    source.publish(first, second);

    clock.advance(30 * SECOND - 1);
    expect(await ask("second")).to.equal("unknown");
    clock.advance(1);
    expect(await ask("second")).to.equal("found");
    expect(source.asked).to.have.length(2);
  });

  it("trusts a withdrawn key for the ten minutes and no longer (R1)", async () => {
    const { ask, clock, source } = setup(first);
    await ask("first");
    source.publish(second);

    clock.advance(10 * MINUTE - 1);
    expect(await ask("first")).to.equal("found");
    clock.advance(1);
    expect(await ask("first")).to.equal("unknown");
    expect(await ask("second")).to.equal("found");
  });

  it("forgets a withdrawn key as soon as it hears of it", async () => {
    const { ask, clock, source } = setup(first);
    await ask("first");
    source.publish(second);
    clock.advance(30 * SECOND);

    await ask("second");

    expect(await ask("first")).to.equal("unknown");
  });

  it("goes on for a day while the source is away, and not longer (R1)", async () => {
    const { ask, clock, source } = setup(first);
    await ask("first");
    source.goAway();

    for (let hour = 0; hour < 24; hour++) {
      expect(await ask("first")).to.equal("found");
      expect(await ask("second")).to.equal("unknown");
      clock.advance(HOUR - 1);
    }
    expect(await ask("first")).to.equal("found");
    clock.advance(24);
    expect(await ask("first")).to.equal("unavailable");

    source.publish(first);
    clock.advance(SECOND);
    expect(await ask("first")).to.equal("found");
  });

  it("asks a source that is away once in 30 s, and keeps nobody waiting in between (R2)", async () => {
    const { ask, clock, source } = setup(first);
    await ask("first");
    source.goAway();
    clock.advance(10 * MINUTE);

    for (let times = 0; times < 100; times++) await ask("first");
    expect(source.asked).to.have.length(2);
    clock.advance(30 * SECOND);
    await ask("first");
    expect(source.asked).to.have.length(3);
  });

  it("asks each second while it has no keys at all", async () => {
    const { ask, clock, source } = setup();
    source.goAway();

    for (let times = 0; times < 100; times++) expect(await ask("first")).to.equal("unavailable");
    expect(source.asked).to.have.length(1);

    source.publish(first);
    clock.advance(SECOND);
    expect(await ask("first")).to.equal("found");
  });

  it("leaves out what is no public key for signatures, and keeps the rest", async () => {
    const odd = [null, 7, "key", [], {}, { kty: "oct", k: "AAAA", kid: "oct" }, { ...key("enc"), use: "enc" }];
    const { ask, clock, source } = setup(...odd, first, { ...second, use: "sig" });

    expect(await ask("first")).to.equal("found");
    expect(await ask("second")).to.equal("found");
    // As with any unknown id: there may be a good key of that name by now.
    for (const [kid, asked] of Object.entries({ oct: 2, enc: 3 })) {
      clock.advance(30 * SECOND);
      expect(await ask(kid)).to.equal("unknown");
      expect(source.asked).to.have.length(asked);
    }
  });

  describe("takes no keys from an answer that", () => {
    const stream = (chunk: Uint8Array, count: number) =>
      new Response(ReadableStream.from(Array.from({ length: count }, () => chunk)));
    const padded = (bytes: number) => {
      const text = JSON.stringify({ keys: [second], padding: "" });
      return text.replace('""', `"${"x".repeat(bytes - text.length)}"`);
    };
    const answers: Readonly<Record<string, () => Response>> = {
      "is not JSON": () => new Response("<html>"),
      "is empty": () => new Response(null),
      "is no object": () => Response.json([second]),
      "has no keys": () => Response.json({ key: second }),
      "has keys that are no list": () => Response.json({ keys: { second } }),
      "is not UTF-8": () => new Response(Buffer.from('{"keys":[],"x":"\xff"}', "latin1")),
      "is an error": () => Response.json({ keys: [second] }, { status: 500 }),
      "is another success": () => Response.json({ keys: [second] }, { status: 203 }),
      "sends elsewhere": () => Response.json({ keys: [second] }, { status: 302, headers: { location: KEYS_URL } }),
      "has one byte more than 64 KiB": () => new Response(padded(64 * 1024 + 1)),
      "never ends": () => stream(new Uint8Array(4096), 1_000_000),
    };
    for (const [name, answer] of Object.entries(answers)) {
      it(name, async () => {
        const { ask, clock, source } = setup(first);
        source.answer = answer;
        expect(await ask("second")).to.equal("unavailable");

        source.publish(first);
        clock.advance(SECOND);
        await ask("first");
        source.answer = answer;
        clock.advance(30 * SECOND);

        expect(await ask("second")).to.equal("unknown");
        expect(await ask("first")).to.equal("found"); // what it had before stays
      });
    }

    it("and takes them from one of 64 KiB", async () => {
      const { ask, source } = setup();
      source.answer = () => new Response(padded(64 * 1024));

      expect(await ask("second")).to.equal("found");
    });

    const slow: Readonly<Record<string, (signal: AbortSignal) => Response | Promise<Response>>> = {
      "does not come": () => new Promise<Response>(() => {}),
      "begins and does not end": () =>
        new Response(new ReadableStream({ start: (out) => out.enqueue(Buffer.from("{")) })),
    };
    for (const [name, answer] of Object.entries(slow)) {
      it(`${name} within 3 s`, async () => {
        const { ask, clock, source } = setup();
        let aborted = false;
        source.answer = (signal) => {
          signal?.addEventListener("abort", () => (aborted = true));
          return answer(signal as AbortSignal);
        };
        let told: unknown = null;
        const asking = ask("first").then((answered) => (told = answered));
        await turn();

        clock.advance(3 * SECOND - 1);
        await turn();
        expect(told).to.equal(null);
        clock.advance(1);
        await asking;
        expect(told).to.equal("unavailable");
        expect(aborted).to.equal(true);
      });
    }

    it("and lets no late answer in by the back door", async () => {
      const { ask, clock, source } = setup();
      const { promise, resolve } = Promise.withResolvers<Response>();
      source.answer = () => promise;
      const asking = ask("first");
      await turn();
      clock.advance(3 * SECOND);
      await asking;

      resolve(Response.json({ keys: [first] }));
      await turn();
      source.goAway();

      expect(await ask("first")).to.equal("unavailable");
    });
  });

  describe("on a real server", () => {
    let close: () => void = () => {};
    afterEach(() => close());

    async function serve(listener: RequestListener) {
      const asked: string[] = [];
      const server = createServer((request, response) => {
        asked.push(request.url ?? "");
        listener(request, response);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      close = () => {
        server.closeAllConnections();
        server.close();
      };
      const clock = new MemoryClock(NOW);
      const { port } = server.address() as AddressInfo;
      return { asked, clock, keys: new RemoteKeys(`http://127.0.0.1:${port}/jwks`, { clock }) };
    }
    const failure = (asking: Promise<unknown>) =>
      asking.then(
        () => null,
        (error: unknown) => error as Error,
      );

    it("takes its keys", async () => {
      const { keys, asked } = await serve((_request, response) => response.end(JSON.stringify({ keys: [first] })));

      expect(await keys.find("EdDSA", "first")).to.have.property("type", "public");
      expect(asked).to.deep.equal(["/jwks"]);
    });

    it("does not go where it is sent (R3)", async () => {
      const { keys, asked } = await serve((_request, response) => {
        response.writeHead(302, { location: "/elsewhere" }).end(JSON.stringify({ keys: [first] }));
      });

      expect(await failure(keys.find("EdDSA", "first"))).to.be.instanceOf(Unavailable);
      expect(asked).to.deep.equal(["/jwks"]);
    });

    it("hangs up on an answer that does not end (R3)", async () => {
      const hungUp = Promise.withResolvers<void>();
      const { keys } = await serve((_request, response) => {
        const more = () => {
          while (response.write("x".repeat(16 * 1024)));
        };
        response.on("drain", more).on("close", () => hungUp.resolve());
        more();
      });

      const error = await failure(keys.find("EdDSA", "first"));

      expect(error?.cause).to.have.property("message", "Answered with more than 65536 bytes");
      await hungUp.promise;
    });

    it("hangs up on a server that does not answer (R3)", async () => {
      const asked = Promise.withResolvers<void>();
      const hungUp = Promise.withResolvers<void>();
      const { keys, clock } = await serve((_request, response) => {
        response.on("close", () => hungUp.resolve());
        asked.resolve();
      });
      const asking = failure(keys.find("EdDSA", "first"));
      await asked.promise;

      clock.advance(3 * SECOND);

      expect((await asking)?.cause).to.have.property("message", "No whole answer within 3000 ms");
      await hungUp.promise;
    });
  });
});
