import { BadTransport, Conflict, loadTransport, NO_TELEMETRY, Unavailable } from "@punctual/adapter-sdk";
import { failureOf } from "@punctual/adapter-sdk/testing";
import { expect } from "chai";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { adminOf } from "./support/admin.js";
import { NO_SERVER, startRedis } from "./support/redis-server.js";
import { clock, messages, openAt, sendAll } from "./support/scene.js";

const PACKAGE = new URL("../src/index.js", import.meta.url).href;

async function load(variables: Readonly<Record<string, string>>) {
  return loadTransport(PACKAGE, variables, { clock, telemetry: NO_TELEMETRY, keys: [], from: process.cwd() });
}

describe("the variables", () => {
  it("are told all at once where they are wrong, without the password", async () => {
    const error = await failureOf(
      load({
        PUNCTUAL_TRANSPORT_REDIS_URL: "http://user:s3cret@host",
        PUNCTUAL_TRANSPORT_QUEUE: "{a}",
        PUNCTUAL_TRANSPORT_VISIBILITY_SECONDS: "0",
        PUNCTUAL_TRANSPORT_MAX_RECEIVES: "many",
        PUNCTUAL_TRANSPORT_WAIT_SECONDS: "1.5",
        PUNCTUAL_TRANSPORT_QUEUE_URL: "x",
      }),
    );
    expect(error).to.be.instanceOf(BadTransport);
    for (const name of ["REDIS_URL", "QUEUE", "VISIBILITY_SECONDS", "MAX_RECEIVES", "WAIT_SECONDS"]) {
      expect(error.message).to.include(`PUNCTUAL_TRANSPORT_${name}: `);
    }
    expect(error.message).to.include("PUNCTUAL_TRANSPORT_QUEUE_URL").and.not.include("s3cret");
  });

  for (const url of ["redis://", "redis", "redis://host/db", "redis://user:p%zz@host", "unix:///tmp/redis", ""]) {
    it(`do not take ${JSON.stringify(url)} for a place of Redis`, async () => {
      const error = await failureOf(load({ PUNCTUAL_TRANSPORT_REDIS_URL: url }));
      expect(error).to.be.instanceOf(BadTransport);
      expect(error.message).to.include("PUNCTUAL_TRANSPORT_REDIS_URL: ");
    });
  }

  it("need no more than where Redis is, which is not asked yet", async () => {
    for (const url of ["redis://127.0.0.1:1", "rediss://user:p%25@redis.example:6380/3", "redis://[::1]:7000/"]) {
      const opened = await load({ PUNCTUAL_TRANSPORT_REDIS_URL: url });
      await opened.close();
    }
  });
});

describe("a server that is none", () => {
  const withServer = async (serve: (socket: Socket) => void, act: (url: string) => Promise<void>) => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket.on("error", () => undefined));
      serve(socket);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      await act(`redis://:s3cret@127.0.0.1:${(server.address() as AddressInfo).port}`);
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  };

  it("has nothing repeated of what it says when it is told a password", () => {
    const refuse = (socket: Socket) =>
      void socket.on("data", (asked) => void socket.write(`-ERR unknown command ${named(asked)}\r\n`));
    return withServer(refuse, async (url) => {
      const opened = await openAt(url);
      const error = await failureOf(opened.check());
      expect(error).to.be.instanceOf(Unavailable);
      expect([error.message, error.stack, String(error.cause)].join())
        .to.include("(ERR)")
        .and.not.include("s3cret");
      await opened.close();
    });
  });

  it("is given up where it says nothing, and asked over another connection", async () => {
    let connections = 0;
    await withServer(
      () => connections++,
      async (url) => {
        const opened = await openAt(url);
        for (let times = 0; times < 2; times++) {
          expect(await failureOf(opened.transport.send(messages(1)))).to.be.instanceOf(Unavailable);
        }
        expect(connections).to.equal(2);
        await opened.close();
      },
    );
  }).timeout(30_000);
});

function named(asked: Buffer): string {
  return asked.toString().replaceAll("\r\n", " ");
}

if (NO_SERVER !== null) it(`the check (skipped: ${NO_SERVER})`);
else {
  describe("the check", () => {
    const on = async (settings: readonly string[], act: (url: string) => Promise<void>) => {
      const redis = await startRedis(...settings);
      try {
        await act(redis.url);
      } finally {
        await redis.stop();
      }
    };
    const checked = async (url: string, queue = "checked"): Promise<Error | null> => {
      const opened = await openAt(url, { queue });
      try {
        return await opened.check().then(
          () => null,
          (error: unknown) => error as Error,
        );
      } finally {
        await opened.close();
      }
    };

    it("finds a key of another type, and says which", () =>
      on([], async (url) => {
        const admin = await adminOf(url);
        expect(await checked(url)).to.equal(null);
        await admin.set("{checked}:dead:delayed", "x");
        const error = await checked(url);
        expect(error).to.be.instanceOf(Conflict);
        expect(error?.message).to.include("{checked}:dead:delayed is of type string, not zset");
        await admin.set("{other}", "x");
        const opened = await openAt(url, { queue: "other" });
        expect(await failureOf(opened.transport.send([]).then(() => opened.check()))).to.be.instanceOf(Conflict);
        await opened.close();
        admin.destroy();
      }));

    it("finds a Redis that would drop messages, and lets one be that drops only what expires", () =>
      on([], async (url) => {
        const admin = await adminOf(url);
        for (const [policy, fit] of [
          ["allkeys-lru", false],
          ["volatile-lru", true],
          ["noeviction", true],
        ] as const) {
          await admin.configSet("maxmemory-policy", policy);
          const error = await checked(url);
          expect(error === null, policy).to.equal(fit);
          if (!fit) expect(error).to.be.instanceOf(Conflict).with.property("message").that.includes("noeviction");
        }
        admin.destroy();
      }));

    it("says that it is not let in, without the password", () =>
      on(["--requirepass", "right"], async (url) => {
        const wrong = url.replace("//", "//:s3cret-wr0ng@");
        for (const at of [url, wrong]) {
          const error = await checked(at);
          expect(error).to.be.instanceOf(Unavailable);
          expect(error?.message).to.match(/does not let us in \((NOAUTH|WRONGPASS)\)/);
          expect(JSON.stringify([error?.message, error?.stack, String(error?.cause)])).to.not.include("s3cret");
        }
        expect(await checked(url.replace("//", "//:right@"))).to.equal(null);
        expect(await checked(url.replace("//", "//default:right@"))).to.equal(null);
      }));

    it("says that a replica takes no messages", () =>
      on(["--replicaof", "127.0.0.1 1"], async (url) => {
        expect(await checked(url)).to.be.instanceOf(Unavailable);
      }));

    it("looks for the primary again where the one that was there is a replica now", () =>
      on([], async (url) => {
        const admin = await adminOf(url);
        const received = async () => Number(/total_connections_received:(\d+)/.exec(await admin.info("stats"))?.[1]);
        const opened = await openAt(url);
        await sendAll(opened, messages(1));
        const before = await received();
        await admin.sendCommand(["REPLICAOF", "127.0.0.1", "1"]);
        for (let times = 0; times < 2; times++) {
          const error = await failureOf(opened.transport.send(messages(1)));
          expect(error).to.be.instanceOf(Unavailable).with.property("message").that.includes("READONLY");
        }
        await admin.sendCommand(["REPLICAOF", "NO", "ONE"]);
        await sendAll(opened, messages(1));
        expect(await received()).to.equal(before + 2);
        await opened.close();
        admin.destroy();
      }));
  });
}
