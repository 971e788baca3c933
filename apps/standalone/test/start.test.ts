import { expect } from "chai";
import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../src/main.js", import.meta.url));

interface Request {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The program as a user starts it, a receiver beside it, and nothing else. */
describe("npm start", function () {
  this.timeout(60_000);
  let folder: string;
  let receiver: Server;
  let received: Request[];
  const started: ChildProcess[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "punctual-start-"));
    await chmod(folder, 0o711); // as root the database runs as another user
    received = [];
    receiver = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      request.on("end", () => {
        received.push({ headers: request.headers, body });
        response.writeHead(204).end();
      });
    });
    receiver.listen(0, "127.0.0.1");
    await once(receiver, "listening");
  });
  after(async () => {
    for (const child of started) child.kill("SIGKILL");
    receiver.closeAllConnections();
    receiver.close();
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      env: { PUNCTUAL_DATA: join(folder, "data"), PUNCTUAL_PORT: "0", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    started.push(child);
    const ended = once(child, "exit").then(([code]) => code as number | null);
    let said = "";
    const url = new Promise<string>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          said += text;
          const found = /is ready after .*?: (http:\S+)/.exec(said)?.[1];
          if (found !== undefined) resolve(found);
        });
      }
    });
    const first = await Promise.race([url, ended]);
    return { url: String(first), ended, said: () => said, end: () => child.kill("SIGTERM") && ended };
  };
  const post = async (url: string, body: object) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    const json = (await response.json()) as Readonly<Record<string, string>>;
    expect(response.status, JSON.stringify(json)).to.be.within(200, 299);
    return json;
  };
  const until = async (holds: () => boolean | Promise<boolean>) => {
    for (const end = performance.now() + 20_000; performance.now() < end && !(await holds());) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await holds()).to.equal(true);
  };

  it("sends one signed request at its time; stopped and started again it sends nothing twice", async () => {
    const one = await start();
    const { port } = receiver.address() as AddressInfo;
    const destination = await post(`${one.url}/v1/destinations`, { url: `http://127.0.0.1:${port}/hook` });
    const dueAt = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 1_000).toISOString();
    const schedule = await post(`${one.url}/v1/schedules`, {
      ...{ type: "hello", timeZone: "Etc/UTC", when: { at: dueAt }, destinationId: destination.id },
      payload: { text: "It is time" },
    });
    await until(() => received.length > 0);
    const [request] = received;
    const { headers, body } = request as Request;

    expect(Date.now()).to.be.at.least(Date.parse(dueAt));
    expect(JSON.parse(body)).to.deep.include({ type: "hello", data: { text: "It is time" } });
    const [id, timestamp] = [headers["webhook-id"], headers["webhook-timestamp"]].map(String);
    const key = Buffer.from(destination.secret?.replace("whsec_", "") ?? "", "base64");
    const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
    expect(headers["webhook-signature"]).to.equal(`v1,${signature}`);

    const ended = async (url: string) => {
      const response = await fetch(`${url}/v1/schedules/${schedule.id}`);
      return ((await response.json()) as { readonly state: string }).state === "ended";
    };
    await until(() => ended(one.url));
    expect(await one.end()).to.equal(0);

    const two = await start();
    const later = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 1_000).toISOString();
    await post(`${two.url}/v1/schedules`, {
      ...{ type: "again", timeZone: "Etc/UTC", when: { at: later }, destinationId: destination.id },
    });
    await until(() => received.length > 1);
    expect(await ended(two.url)).to.equal(true);
    expect(await two.end()).to.equal(0);

    expect(received.map(({ body }) => (JSON.parse(body) as { readonly type: string }).type)).to.deep.equal([
      "hello",
      "again",
    ]);
    expect(received[1]?.headers["webhook-signature"]).to.match(/^v1,/);
  });

  it("with --memory shows what arrives at its own receiver, and writes nothing", async () => {
    const empty = join(folder, "nothing");
    const one = await start(["--memory"], { PUNCTUAL_DATA: empty });
    const at = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 1_000).toISOString();
    await post(`${one.url}/v1/schedules`, {
      ...{ type: "hello", timeZone: "Etc/UTC", when: { at }, destination: { url: `${one.url}/inbox` } },
    });
    await until(() => one.said().includes("arrived  hello"));
    const health = (await (await fetch(`${one.url}/health`)).json()) as Readonly<Record<string, unknown>>;
    expect(health).to.deep.include({ status: "ok", parts: { database: { status: "ok" }, worker: { status: "ok" } } });
    const metrics = await (await fetch(`${one.url}/metrics`)).text();
    expect(metrics).to.match(/^punctual_events_finished_total{state="completed",reason="none"} 1$/m);
    expect(metrics).to.contain('http_route="/v1/schedules"');
    expect(await one.end()).to.equal(0);
    expect(await rm(empty, { recursive: true }).catch((error: NodeJS.ErrnoException) => error.code)).to.equal("ENOENT");
  });

  it("does not start where others could reach it without a token", async () => {
    const one = await start([], { PUNCTUAL_HOST: "0.0.0.0" });
    expect(await one.ended).to.equal(1);
    expect(one.said()).to.include("not on 0.0.0.0");
  });

  it("tells all that is wrong with what it is told", async () => {
    const one = await start(["--colour"], { PUNCTUAL_PORT: "99999999" });
    expect(await one.ended).to.equal(2);
    expect(one.said()).to.include("--colour").and.include("PUNCTUAL_PORT");
  });
});
