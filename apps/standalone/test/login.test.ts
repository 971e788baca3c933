import { makePool } from "@punctual/adapter-postgres";
import { POSTGRES_DEFAULTS } from "@punctual/adapter-postgres/config";
import { migrateUp } from "@punctual/adapter-postgres/migrate";
import { databaseOn, findServer, type PostgresServer } from "@punctual/adapter-postgres/server";
import { expect } from "chai";
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ask, Program, until } from "./support/program.js";
import { Receiver } from "./support/receiver.js";

const OWN = fileURLToPath(new URL("./support/own-login.js", import.meta.url));
const KEY = randomBytes(32).toString("base64");

/** The URL says whom to log in as, and a package gives the password. */
describe("npm start with a login", function () {
  this.timeout(60_000);
  let server: PostgresServer;
  let program: Program;
  let database: URL;
  let password: string;
  let file: string;
  let env: Readonly<Record<string, string>>;

  before(async () => {
    const { TEST_POSTGRES_URL: url, DOCKER_HOST: dockerHost } = process.env;
    server = await findServer({
      durable: false,
      ...(url !== undefined && { url }),
      ...(dockerHost !== undefined && { dockerHost }),
    });
  });
  after(() => server.stop());
  beforeEach(async () => {
    program = await Program.make();
    const url = await databaseOn(server, `punctual_login_${randomBytes(6).toString("hex")}`);
    await migrateUp({ ...POSTGRES_DEFAULTS, url });
    database = new URL(url);
    password = decodeURIComponent(database.password);
    const bare = new URL(url);
    bare.password = "";
    file = join(program.folder, "password");
    await writeFile(file, password);
    env = {
      PUNCTUAL_DATABASE_URL: bare.href,
      PUNCTUAL_DATABASE_LOGIN: OWN,
      PUNCTUAL_SECRET_KEYS: KEY,
      OWN_LOGIN_FILE: file,
    };
  });
  afterEach(() => program.close());

  const asked = async () => (await readFile(`${file}.asked`, "utf8")).length;
  const sessions = async (): Promise<readonly string[]> => {
    const pool = makePool({ ...POSTGRES_DEFAULTS, url: database.href, applicationName: "test" });
    try {
      const text =
        "select query from pg_stat_activity where application_name = 'punctual' and datname = current_database()";
      return (await pool.query<{ query: string }>(text)).rows.map(({ query }) => query);
    } finally {
      await pool.end();
    }
  };

  it("asks it for each connection, the one that listens among them", async () => {
    const one = await program.start([], env);
    expect((await ask("GET", `${one.url}/health`))["status"], one.said()).to.equal("ok");
    await until(async () => (await sessions()).includes("listen punctual_wake"));
    expect(await asked()).to.be.at.least((await sessions()).length);
    expect(await one.end()).to.equal(0);
  });

  it("goes on with another password when that has changed", async () => {
    const one = await program.start([], env);
    await until(async () => (await sessions()).includes("listen punctual_wake"));
    const pool = makePool({ ...POSTGRES_DEFAULTS, url: database.href, applicationName: "test" });
    const user = decodeURIComponent(database.username);
    try {
      await pool.query(`alter role "${user}" password 'another'`);
      await writeFile(file, "another");
      await pool.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'punctual' and datname = current_database()",
      );
      await until(async () => (await fetch(`${one.url}/health/ready`)).status === 200);
    } finally {
      // The server is everybody's, and this connection was made before.
      await pool.query(`alter role "${user}" password '${password}'`);
      await pool.end();
    }
    expect(await one.end()).to.equal(0);
  });

  it("runs as a worker alone wherever it listens, and delivers", async () => {
    const receiver = await Receiver.open();
    try {
      const api = await program.start([], { ...env, PUNCTUAL_ROLES: "api" });
      const worker = await program.start([], {
        ...env,
        ...{ PUNCTUAL_ROLES: "worker", PUNCTUAL_HOST: "0.0.0.0", PUNCTUAL_ALLOW: "127.0.0.1" },
      });
      await ask("POST", `${api.url}/v1/schedules`, {
        ...{ type: "hello", timeZone: "Etc/UTC", when: { at: new Date(Date.now() + 500).toISOString() } },
        destination: { url: receiver.url },
      });
      await until(() => receiver.received.length === 1);
      expect((await fetch(`${worker.url}/health/live`)).status).to.equal(200);
      expect((await fetch(`${worker.url}/v1/schedules`)).status).to.equal(404);
      expect((await fetch(`${worker.url}/inbox`)).status).to.equal(404);
      expect(worker.said()).not.to.include("No token is asked for");
      expect(await Promise.all([api.end(), worker.end()])).to.deep.equal([0, 0]);
    } finally {
      await receiver.close();
    }
  });

  const WRONG: readonly (readonly [string, () => Readonly<Record<string, string>>, string])[] = [
    ["a login that is not there", () => ({ PUNCTUAL_DATABASE_LOGIN: "no-such-login" }), "no-such-login"],
    [
      "a module that is none",
      () => ({ PUNCTUAL_DATABASE_LOGIN: fileURLToPath(import.meta.resolve("chai")) }),
      "no function named `openLogin`",
    ],
    ["a password in the URL besides", () => ({ PUNCTUAL_DATABASE_URL: database.href }), "holds a password"],
  ];
  for (const [name, wrong, expected] of WRONG) {
    it(`does not start with ${name}`, async () => {
      const one = await program.start([], { ...env, ...wrong() });
      expect(await one.ended).to.equal(2);
      expect(one.said()).to.include(expected).and.not.include(password);
    });
  }
});
