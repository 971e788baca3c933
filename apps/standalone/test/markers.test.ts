import { databaseOn, startEmbedded } from "@punctual/adapter-postgres/server";
import { expect } from "chai";
import { SignJWT } from "jose";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { Program, type Started, until } from "./support/program.js";

/** One text for each kind of thing that is somebody's business; where else each is found afterwards is a leak. */
const marker = (what: string) => `MARK${what}${randomBytes(9).toString("hex")}`;
const MARK = {
  authSecret: marker("auth"),
  forged: marker("forged"),
  header: marker("header"),
  query: marker("query"),
  payload: marker("payload"),
  answer: marker("answer"),
  name: marker("name"),
  label: marker("label"),
  note: marker("note"),
  idempotencyKey: marker("key"),
  garbage: marker("garbage"),
};
type Kind = keyof typeof MARK | "secret" | "token" | "database";

/** The columns that are there to hold it. A kept reply is what the caller was told, and is told the caller again. */
const AT_HOME: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  header: ["destinations.headers", "destinations.inline_key"],
  query: ["destinations.url", "destinations.inline_key"],
  payload: [
    "schedules.payload",
    "events.payload",
    "event_history.payload",
    "attempts.sent_payload",
    "idempotency_keys.response",
  ],
  answer: ["attempts.response_excerpt"],
  name: ["users.first_name", "events.subject", "event_history.subject"],
  label: ["schedules.labels", "idempotency_keys.response"],
  note: ["audit_log.note"],
  idempotencyKey: ["idempotency_keys.key"],
};

describe("what is secret or somebody's own", function () {
  this.timeout(120_000);
  let program: Program;
  let receiver: Server;
  let collector: Server;
  let collected = "";
  const told: string[] = [];
  const refusals: string[] = [];
  const sent: string[] = [];
  const found: Record<Kind, string[]> = Object.fromEntries(
    [...Object.keys(MARK), "secret", "token", "database"].map((kind) => [kind, []]),
  ) as never;
  const secrets: Partial<Record<Kind, string>> = { ...MARK };

  before(async () => {
    program = await Program.make();
    receiver = await serve((path, text) => {
      sent.push(text);
      return [path.startsWith("/fails") ? 500 : 200, JSON.stringify({ said: MARK.answer })];
    });
    collector = await serve((_, text) => {
      collected += text;
      return [200, "{}"];
    });
    await live();
    await searchDatabase();
  });
  after(async () => {
    for (const server of [receiver, collector]) server.closeAllConnections();
    for (const server of [receiver, collector]) await new Promise((resolve) => server.close(resolve));
    await program.close();
  });

  /** A life with everything in it: good requests and bad ones, deliveries that succeed, fail, and never arrive. */
  async function live(): Promise<void> {
    const one = await program.start([], {
      PUNCTUAL_AUTH: "secret",
      PUNCTUAL_AUTH_SECRET: MARK.authSecret.padEnd(40, "x"),
      PUNCTUAL_AUTH_ISSUER: "https://issuer.test",
      PUNCTUAL_AUTH_AUDIENCE: "punctual",
      PUNCTUAL_ALLOW: "127.0.0.1",
      PUNCTUAL_LOG_LEVEL: "debug",
      PUNCTUAL_OTLP_URL: urlOf(collector),
      PUNCTUAL_GREETINGS_URL: `${urlOf(receiver)}/greetings?k=${MARK.query}`,
    });
    const token = await new SignJWT({ tenant: "main", roles: ["admin"] })
      .setProtectedHeader({ alg: "HS256" })
      .setIssuer("https://issuer.test")
      .setAudience("punctual")
      .setSubject("ada")
      .setExpirationTime("1h")
      .sign(Buffer.from(MARK.authSecret.padEnd(40, "x")));
    secrets.token = token.split(".")[2] ?? "";
    const ask = asker(one, token);

    const made = await ask("POST", "/v1/destinations", {
      url: `${urlOf(receiver)}/takes?key=${MARK.query}`,
      headers: { "x-api-key": MARK.header },
    });
    secrets.secret = String(made["secret"]).replace("whsec_", "");
    const soon = () => new Date(Date.now() + 300).toISOString();
    const schedule = { type: "t", timeZone: "Etc/UTC", payload: { own: MARK.payload }, labels: { own: MARK.label } };
    const failing = { url: `${urlOf(receiver)}/fails`, headers: { "x-api-key": MARK.header } };
    const dead = { url: `http://127.0.0.1:65535/${MARK.query}?${MARK.query}` };
    const retry = { maxAttempts: 1 };
    const ways = [{ destinationId: made["id"] }, { destination: failing, retry }, { destination: dead, retry }];
    for (const [index, to] of ways.entries()) {
      const headers = { "idempotency-key": `${MARK.idempotencyKey}-${index}` };
      await ask("POST", "/v1/schedules", { ...schedule, ...to, when: { at: soon() } }, headers);
    }
    const user = await ask("POST", "/v1/users", {
      firstName: MARK.name,
      lastName: "L",
      dateOfBirth: "1990-03-14",
      timezone: "Etc/UTC",
    });
    const { items } = (await ask("GET", `/v1/events?scheduleId=${String(user["scheduleId"])}`)) as never as {
      items: readonly [{ id: string }];
    };
    await ask("POST", `/v1/events/${items[0].id}/reschedule`, { at: soon(), note: MARK.note });

    // What is refused, and must not be said again.
    const bad = { ...schedule, destination: failing };
    await ask("POST", "/v1/schedules", { ...bad, timeZone: "Nowhere", when: { cron: "never" } });
    await ask("POST", "/v1/schedules", { ...bad, when: { at: soon() }, type: MARK.garbage.repeat(20) });
    await ask("POST", "/v1/destinations", {
      url: `http://10.0.0.1/?${MARK.query}`,
      headers: { host: MARK.header },
    });
    await ask("POST", "/v1/destinations", { url: `http://u:${MARK.query}@127.0.0.1/` });
    await ask("POST", `/v1/destinations/${String(made["id"])}/rotate-secret`, { secret: MARK.garbage });
    await ask("GET", `/v1/events?cursor=${MARK.garbage}&state=${MARK.garbage}`);
    await ask("POST", "/v1/schedules", `{"payload":"${MARK.payload}`);
    for (const authorization of [`Bearer ${MARK.forged}`, `Bearer ${token}${MARK.forged}`, MARK.forged]) {
      await ask("GET", "/v1/schedules", undefined, { authorization });
    }

    const finished = async () => (await fetch(`${one.url}/metrics`)).text();
    await until(async () => {
      const page = await finished();
      const ends = [...page.matchAll(/^punctual_events_finished_total.* (\d+)$/gm)].map(([, count]) => Number(count));
      return ends.reduce((sum, count) => sum + count, 0) === 4;
    });
    told.push(await finished());
    expect(await one.end()).to.equal(0);
    told.push(one.said());
  }

  function asker(one: Started, token: string) {
    return async (
      method: string,
      path: string,
      body?: object | string,
      headers: Readonly<Record<string, string>> = {},
    ) => {
      const response = await fetch(one.url + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      if (response.status >= 400) refusals.push(text);
      return (text === "" ? {} : JSON.parse(text)) as Readonly<Record<string, unknown>>;
    };
  }

  /** Every value of every table, as text. */
  async function searchDatabase(): Promise<void> {
    const server = await startEmbedded({ durable: true, dataDir: join(program.folder, "data", "postgres") });
    const client = new pg.Client({ connectionString: await databaseOn(server, "punctual") });
    await client.connect();
    try {
      const tables = await client.query<{ name: string }>(
        `select relname as name from pg_class where relkind in ('r', 'p') and not relispartition
           and relnamespace = 'public'::regnamespace`,
      );
      expect(tables.rows.length).to.be.greaterThan(8);
      for (const { name } of tables.rows) {
        const { rows } = await client.query<{ row: Readonly<Record<string, unknown>> }>(
          `select to_json(t) as row from ${name} t`,
        );
        for (const { row } of rows) {
          for (const [column, value] of Object.entries(row)) note(JSON.stringify(value), `${name}.${column}`);
        }
      }
    } finally {
      await client.end();
      await server.stop();
    }
  }

  function note(text: string, where: string): void {
    for (const [kind, secret] of Object.entries(secrets)) {
      const places = found[kind as Kind];
      if (text.includes(secret) && !places.includes(where)) places.push(where);
    }
  }

  it("was there to be found: receivers were sent it, and a collector and a log had something to say", () => {
    expect(sent.join("")).to.contain(MARK.payload).and.contain(MARK.name);
    expect(collected).to.contain("punctual.event.id").and.contain("punctual_lateness_seconds");
    expect(
      told
        .join("")
        .split("\n")
        .filter((line) => line.startsWith("{")).length,
    ).to.be.greaterThan(20);
    expect(refusals.length).to.be.greaterThan(9);
    expect(secrets.secret).to.have.length.above(30);
  });

  for (const kind of [...Object.keys(MARK), "secret", "token"] as Kind[]) {
    it(`is not found in logs, metrics, traces or refusals: ${kind}`, () => {
      const secret = secrets[kind] ?? "missing";
      for (const text of [...told, collected, ...refusals]) {
        const at = text.indexOf(secret);
        expect(at, text.slice(Math.max(0, at - 200), at + 80)).to.equal(-1);
      }
    });

    it(`is found in no column where it does not belong: ${kind}`, () => {
      const known = AT_HOME[kind] ?? [];
      expect(found[kind].filter((place) => !known.includes(place))).to.deep.equal([]);
      if (known.length > 0) expect(found[kind], "nowhere at all").not.to.deep.equal([]);
    });
  }
});

async function serve(answer: (path: string, text: string) => readonly [number, string]): Promise<Server> {
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    request.on("end", () => {
      const [status, said] = answer(request.url ?? "", text);
      response.writeHead(status, { "content-type": "application/json" }).end(said);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
