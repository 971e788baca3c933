import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Unavailable } from "@punctual/core";
import { expect } from "chai";
import { hasEngine } from "../../src/server/container-server.js";
import { findServer, startContainer } from "../../src/server/index.js";
import { sharedServer } from "../support/database.js";
import { ask } from "./child.js";

const NO_ENGINE = "unix:///nowhere/docker.sock";

async function refusal(url: string) {
  const error: unknown = await findServer({ url, durable: false }).catch((reason: unknown) => reason);
  expect(error).to.be.instanceOf(Unavailable);
  return (error as Unavailable).message;
}

describe("findServer", () => {
  it("takes the given server, which it does not stop", async () => {
    const { url } = await sharedServer();
    const found = await findServer({ url, dockerHost: NO_ENGINE, durable: false });
    expect(found).to.include({ url, origin: "given" });
    await found.stop();
    expect(await ask(url, "SELECT 1")).to.equal(1);
  });

  it("takes the embedded one when nothing is given and no engine answers", async () => {
    const found = await findServer({ url: "", dockerHost: NO_ENGINE, durable: false, settings: { work_mem: "7MB" } });
    expect(found.origin).to.equal("embedded");
    expect(await ask(found.url, "SHOW work_mem")).to.equal("7MB");
    await found.stop();
  });

  it("says where a given server does not answer, and no password", async () => {
    const message = await refusal("postgres://someone:hush@127.0.0.1:1/postgres");
    expect(message).to.equal("The given PostgreSQL at 127.0.0.1:1 does not let us in");
  });

  it("refuses a role that may not create databases", async () => {
    const url = new URL((await sharedServer()).url);
    const role = `punctual_test_${process.pid}`;
    await ask(url.href, `CREATE ROLE ${role} LOGIN PASSWORD 'hush'`);
    const limited = new URL(url);
    [limited.username, limited.password] = [role, "hush"];
    expect(await refusal(limited.href)).to.match(/may not create databases$/);
    await ask(url.href, `DROP ROLE ${role}`);
  });
});

describe("hasEngine", () => {
  it("believes a socket that accepts, and no path alone", async () => {
    const folder = await mkdtemp(join(tmpdir(), "engine-"));
    const path = join(folder, "docker.sock");
    const engine = createServer().listen(path);
    await once(engine, "listening");
    expect(await hasEngine(`unix://${path}`)).to.equal(true);
    await new Promise((resolve) => engine.close(resolve));
    expect(await hasEngine(`unix://${path}`)).to.equal(false);
    await rm(folder, { recursive: true });
  });

  it("believes an address that is no socket", async () => {
    expect(await hasEngine("tcp://127.0.0.1:2375")).to.equal(true);
  });
});

describe("startContainer", () => {
  it("starts a server in a container, or says that it cannot", async function () {
    this.timeout(180_000); // an image may have to be pulled
    if (!(await hasEngine(process.env.DOCKER_HOST))) {
      const error: unknown = await startContainer({ durable: false }).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(Unavailable);
      return;
    }
    const server = await startContainer({ durable: false });
    expect(await ask(server.url, "SHOW fsync")).to.equal("off");
    await server.stop();
  });
});
