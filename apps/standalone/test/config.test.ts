import { expect } from "chai";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BadConfig, loadConfig, VARIABLES } from "../src/config.js";
import { withFiles } from "../src/read-files.js";

const KEY = Buffer.alloc(32, 1).toString("base64");
const DATABASE = { PUNCTUAL_DATABASE_URL: "postgres://u:hunter2@db/x", PUNCTUAL_SECRET_KEYS: KEY };
const SECRET = "s".repeat(32);
const RULES = { PUNCTUAL_AUTH_ISSUER: "https://issuer.test", PUNCTUAL_AUTH_AUDIENCE: "punctual" };

const wrong = (env: Readonly<Record<string, string | undefined>>, args: readonly string[] = []): readonly string[] => {
  try {
    loadConfig(env, args);
  } catch (error) {
    if (error instanceof BadConfig) return error.message.split("\n");
    throw error;
  }
  return [];
};

describe("loadConfig", () => {
  it("needs nothing on a laptop", () => {
    const config = loadConfig({}, []);
    expect(config).to.deep.include({
      ...{ host: "127.0.0.1", port: 7_700, opsPort: null, secretKeys: null, ratePerMinute: null, logLevel: "warn" },
      stores: { kind: "embedded", dataDir: ".punctual" },
      auth: { kind: "off" },
      allow: ["127.0.0.0/8", "::1", "localhost"],
    });
    expect(config.roles).to.deep.equal(["api", "worker"]);
    expect(loadConfig({}, ["--memory"]).stores).to.deep.equal({ kind: "memory" });
  });

  it("is strict on a server: nothing on the inside may be called, and requests are limited", () => {
    const env = {
      ...DATABASE,
      ...RULES,
      PUNCTUAL_HOST: "0.0.0.0",
      PUNCTUAL_AUTH: "secret",
      PUNCTUAL_AUTH_SECRET: SECRET,
    };
    const config = loadConfig(env, []);
    expect(config).to.deep.include({ allow: [], ratePerMinute: 6_000, logLevel: "info", drainMs: 25_000 });
    expect(config.auth).to.include({ kind: "secret", secret: SECRET, issuer: "https://issuer.test" });
    expect(config.stores).to.deep.include({ kind: "given", migrate: false, poolSize: 10 });
  });

  it("reads lists, and takes an empty variable for none", () => {
    const config = loadConfig(
      {
        PUNCTUAL_ALLOW: " 10.0.0.0/8 , hooks.internal ",
        PUNCTUAL_CORS_ORIGINS: "https://a.test/",
        PUNCTUAL_OTLP_URL: "",
      },
      [],
    );
    expect(config.allow).to.deep.equal(["10.0.0.0/8", "hooks.internal"]);
    expect(config.origins).to.deep.equal(["https://a.test"]);
    expect(config.otlpUrl).to.equal(null);
  });

  it("lets everybody's pages ask where it is told `*`", () => {
    expect(loadConfig({ PUNCTUAL_CORS_ORIGINS: "*" }, []).origins).to.deep.equal(["*"]);
  });

  const CASES: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
    ["a database without keys", { PUNCTUAL_DATABASE_URL: "postgres://db/x" }, /^PUNCTUAL_SECRET_KEYS is needed/],
    ["everybody's pages and one besides", { PUNCTUAL_CORS_ORIGINS: "*,https://a.test" }, /^PUNCTUAL_CORS_ORIGINS: \*/],
    ["a database that is none", { ...DATABASE, PUNCTUAL_DATABASE_URL: "mysql://db/x" }, /^PUNCTUAL_DATABASE_URL: /],
    ["a login without a database", { PUNCTUAL_DATABASE_LOGIN: "my-login" }, /^PUNCTUAL_DATABASE_URL is needed/],
    [
      "a login beside a password",
      { ...DATABASE, PUNCTUAL_DATABASE_LOGIN: "my-login" },
      /^PUNCTUAL_DATABASE_URL holds a password/,
    ],
    ["a worker alone without a database", { PUNCTUAL_ROLES: "worker" }, /^PUNCTUAL_DATABASE_URL is needed/],
    ["a role that there is not", { ...DATABASE, PUNCTUAL_ROLES: "api,console" }, /^PUNCTUAL_ROLES/],
    ["no role", { PUNCTUAL_ROLES: "," }, /^PUNCTUAL_ROLES/],
    [
      "a secret that is too short",
      { ...RULES, PUNCTUAL_AUTH: "secret", PUNCTUAL_AUTH_SECRET: "short" },
      /^PUNCTUAL_AUTH_SECRET/,
    ],
    ["tokens without a secret", { ...RULES, PUNCTUAL_AUTH: "secret" }, /^PUNCTUAL_AUTH_SECRET is needed/],
    [
      "tokens without an audience",
      { PUNCTUAL_AUTH: "jwks", PUNCTUAL_AUTH_ISSUER: "i", PUNCTUAL_AUTH_JWKS_URL: "https://i.test" },
      /^PUNCTUAL_AUTH_AUDIENCE is needed/,
    ],
    ["an algorithm that is not trusted", { PUNCTUAL_AUTH_ALGORITHMS: "none" }, /^PUNCTUAL_AUTH_ALGORITHMS/],
    ["a time that is none", { PUNCTUAL_GREETINGS_TIME: "24:00" }, /^PUNCTUAL_GREETINGS_TIME/],
    ["a slip in a name", { PUNCTUAL_PROT: "1" }, /^PUNCTUAL_PROT is no variable/],
    [
      "a variable of a transport where there is none",
      { PUNCTUAL_TRANSPORT: "", PUNCTUAL_TRANSPORT_QUEUE_URL: "http://q" },
      /^PUNCTUAL_TRANSPORT_QUEUE_URL is no variable/,
    ],
    [
      "to look ahead without a transport",
      { PUNCTUAL_SCHEDULER_LOOK_AHEAD_SECONDS: "5" },
      /^PUNCTUAL_TRANSPORT is needed/,
    ],
    ["a port that is none", { PUNCTUAL_PORT: "70000" }, /^PUNCTUAL_PORT/],
  ];
  for (const [name, env, expected] of CASES) {
    it(`refuses ${name}`, () => {
      expect(
        wrong(env).some((line) => expected.test(line)),
        wrong(env).join("\n"),
      ).to.equal(true);
    });
  }

  it("takes a worker that others can reach for a server, though it asks for no token", () => {
    const worker = { ...DATABASE, PUNCTUAL_ROLES: "worker", PUNCTUAL_HOST: "0.0.0.0" };
    expect(loadConfig(worker, [])).to.deep.include({ local: false, allow: [], logLevel: "info" });
    expect(loadConfig({ ...worker, PUNCTUAL_HOST: "::1" }, [])).to.deep.include({ local: true, logLevel: "warn" });
  });

  it("tells a login all that it was told", () => {
    const env = {
      ...DATABASE,
      PUNCTUAL_DATABASE_URL: "postgres://me@db/x",
      PUNCTUAL_DATABASE_LOGIN: "my-login",
      AWS_REGION: "eu-west-1",
    };
    expect(loadConfig(env, []).stores).to.deep.include({ login: { specifier: "my-login", environment: env } });
    expect(loadConfig(DATABASE, []).stores).to.deep.include({ login: null });
  });

  it("leaves the variables of a transport to it", () => {
    const own = { PUNCTUAL_TRANSPORT_QUEUE_URL: "http://q", PUNCTUAL_TRANSPORT_X: "1" };
    const env = { ...own, PUNCTUAL_TRANSPORT: "my-queue", PUNCTUAL_TRANSPORT_Y: "", PUNCTUAL_PORT: "1" };
    expect(loadConfig(env, []).transport).to.deep.equal({
      specifier: "my-queue",
      variables: own,
      lookAheadMs: 60_000,
    });
    const ahead = { ...env, PUNCTUAL_SCHEDULER_LOOK_AHEAD_SECONDS: "5" };
    expect(loadConfig(ahead, []).transport).to.include({ lookAheadMs: 5_000 });
    expect(loadConfig({}, []).transport).to.equal(null);
  });

  it("tells all that is wrong at once, and repeats nothing of it", () => {
    const env = {
      PUNCTUAL_PORT: "hunter2",
      PUNCTUAL_DATABASE_URL: "hunter2",
      PUNCTUAL_AUTH: "hunter2",
      PUNCTUAL_X: "hunter2",
    };
    const lines = wrong(env, ["--colour"]);
    expect(lines).to.have.length(5);
    expect(lines.join()).not.to.contain("hunter2");
  });

  it("refuses --memory with a database", () => {
    expect(wrong(DATABASE, ["--memory"])).to.deep.equal(["--memory needs no PUNCTUAL_DATABASE_URL"]);
  });

  it("is described in docs/configuration.md, variable by variable", async () => {
    const text = await readFile(new URL("../../../../docs/configuration.md", import.meta.url), "utf8");
    const told = new Set([...text.matchAll(/^\| `(PUNCTUAL_\w+)`/gm)].map(([, name]) => name));
    expect([...told].sort()).to.deep.equal(Object.keys(VARIABLES.shape).sort());
  });
});

describe("withFiles", () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "punctual-config-"))));
  afterEach(() => rm(folder, { recursive: true }));

  it("reads a variable from the file that another names", async () => {
    const path = join(folder, "secret");
    await writeFile(path, `${SECRET}\n`);
    const env = await withFiles({ PUNCTUAL_AUTH_SECRET_FILE: path, OTHER_FILE: "left alone" });
    expect(env).to.include({ PUNCTUAL_AUTH_SECRET: SECRET, OTHER_FILE: "left alone" });
    expect(wrong({ ...RULES, PUNCTUAL_AUTH: "secret", ...env })).to.deep.equal([]);
  });

  it("refuses a file that is not there, and one beside its variable", async () => {
    for (const env of [
      { PUNCTUAL_AUTH_SECRET_FILE: join(folder, "gone") },
      { PUNCTUAL_AUTH_SECRET_FILE: folder, PUNCTUAL_AUTH_SECRET: SECRET },
    ]) {
      const error: unknown = await withFiles(env).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(BadConfig);
    }
  });
});
