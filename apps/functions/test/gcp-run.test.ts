import { claimsOf, startIssuer } from "@punctual/adapter-gcp/testing";
import { expect } from "chai";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { namesIn } from "./support/configuration.js";
import { startEntry } from "./support/entry.js";
import { sleep } from "./support/sleep.js";

const ACCOUNT = "pusher@punctual-test.iam.gserviceaccount.com";
const AUDIENCE = "https://punctual.test";
const PROJECT = "punctual-test";
/** Cloud Run kills what has not ended by then. */
const KILLED_MS = 10_000;

const SERVICE = {
  PORT: "0",
  PUNCTUAL_GCP_PROJECT: PROJECT,
  PUNCTUAL_DATABASE_URL: "postgres://punctual@127.0.0.1:1/punctual",
  PUNCTUAL_TRANSPORT_PROJECT: PROJECT,
  PUNCTUAL_TRANSPORT_TOPIC: "events",
  PUNCTUAL_TRANSPORT_SUBSCRIPTION: "events-worker",
  PUNCTUAL_TRANSPORT_DEAD_LETTER_TOPIC: "dead-letters",
  PUNCTUAL_TRANSPORT_DEAD_LETTER_SUBSCRIPTION: "dead-letters-service",
  PUNCTUAL_SECRET_KEYS: Buffer.alloc(32, 1).toString("base64"),
  PUNCTUAL_CALLERS: ACCOUNT,
  PUNCTUAL_CALLERS_AUDIENCE: AUDIENCE,
};

describe("a program on Cloud Run", function () {
  this.timeout(60_000);
  const started: ReturnType<typeof startEntry>[] = [];
  let issuer: Awaited<ReturnType<typeof startIssuer>>;
  before(async () => (issuer = await startIssuer()));
  after(() => issuer.stop());
  afterEach(async () => {
    for (const one of started.splice(0)) {
      one.signal("SIGKILL");
      await one.ended;
    }
  });

  const start = (name: string, env: Readonly<Record<string, string>>) => {
    const entry = startEntry(name, env);
    started.push(entry);
    return entry;
  };
  const push = async (port: number, body: string) => {
    const token = await issuer.sign(claimsOf(AUDIENCE, ACCOUNT, new Date()));
    const headers = { authorization: `Bearer ${token}`, "content-length": Buffer.byteLength(body) };
    return request({ host: "127.0.0.1", port, method: "POST", path: "/push", headers, agent: false });
  };

  for (const [name, kind, needs] of [
    ["dead-letters", "service", Object.keys(SERVICE).filter((key) => key !== "PORT")],
    ["migrate", "job", ["PUNCTUAL_GCP_PROJECT", "PUNCTUAL_DATABASE_URL"]],
  ] as const) {
    it(`ends with 2 and tells all that is wrong in one line, as a ${kind}`, async () => {
      const { code, errors } = await start(name, { PUNCTUAL_X: "hunter2", PUNCTUAL_DATABASE_POOL: "hunter2" }).ended;
      expect(code).to.equal(2);
      expect(errors.trim().split("\n"), errors).to.have.length(1);
      const line = JSON.parse(errors) as { readonly severity: string; readonly message: string };
      expect(line.severity).to.equal("ERROR");
      expect(namesIn(line.message.split("\n"))).to.have.members([...needs, "PUNCTUAL_X", "PUNCTUAL_DATABASE_POOL"]);
      expect(errors).not.to.contain("hunter2");
    });
  }

  it("ends a job with 1 where it fails, and tells why", async () => {
    const { PUNCTUAL_GCP_PROJECT, PUNCTUAL_DATABASE_URL } = SERVICE;
    const { code, errors } = await start("migrate", { PUNCTUAL_GCP_PROJECT, PUNCTUAL_DATABASE_URL }).ended;
    expect(code).to.equal(1);
    const last = JSON.parse(errors.trim().split("\n").at(-1) ?? "") as { readonly severity: string };
    expect(last.severity).to.equal("ERROR");
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`answers what is under way when it is told to end by ${signal}, and ends with 0`, async () => {
      const entry = start("dead-letters", { ...SERVICE, PUNCTUAL_CALLERS_JWKS_URL: issuer.jwksUrl });
      const port = await entry.port;
      // No push at all, so that nobody asks the database for it.
      const body = JSON.stringify({ no: "push" });
      const asked = await push(port, body);
      const answered = once(asked, "response") as Promise<[IncomingMessage]>;
      answered.catch(() => undefined); // looked at below
      asked.write(body.slice(0, 5));
      await untilUnderWay(port, issuer.state);

      entry.signal(signal);
      const told = performance.now();
      await untilClosed(port);
      asked.end(body.slice(5));

      const [answer] = await answered;
      expect(answer.resume().statusCode).to.equal(400);
      expect(await entry.ended).to.deep.include({ code: 0 });
      expect(performance.now() - told).to.be.lessThan(KILLED_MS);
    });
  }
});

/** It has looked at the token, so it waits for the rest. */
async function untilUnderWay(port: number, issuer: { readonly asked: number }): Promise<void> {
  const before = issuer.asked;
  while (issuer.asked === before) await sleep(20);
  expect(await isOpen(port)).to.equal(true);
}

async function untilClosed(port: number): Promise<void> {
  while (await isOpen(port)) await sleep(20);
}

async function isOpen(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/health/live`, { headers: { connection: "close" } }).then(
    ({ ok }) => ok,
    () => false,
  );
}
