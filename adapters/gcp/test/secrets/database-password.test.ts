import { failureOf } from "@punctual/adapter-sdk/testing";
import { Unavailable } from "@punctual/core";
import { MemoryClock } from "@punctual/core/memory";
import { expect } from "chai";
import { Compute } from "google-auth-library";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { databasePassword, LOGIN_SCOPE } from "../../src/secrets/database-password.js";
import { startMetadataServer } from "../support/metadata-server.js";

describe("databasePassword", () => {
  const before = process.env["GCE_METADATA_HOST"];
  let metadata: Awaited<ReturnType<typeof startMetadataServer>>;
  let clock: MemoryClock;
  let password: () => Promise<string>;

  beforeEach(async () => {
    metadata = await startMetadataServer();
    process.env["GCE_METADATA_HOST"] = metadata.host;
    clock = new MemoryClock(new Date());
    const client = new Compute({ scopes: LOGIN_SCOPE });
    password = databasePassword({ clock, client: async () => client });
  });
  afterEach(async () => {
    if (before === undefined) delete process.env["GCE_METADATA_HOST"];
    else process.env["GCE_METADATA_HOST"] = before;
    await metadata.stop();
  });

  it("is a token of the account that is good for logging in alone", async () => {
    expect(await password()).to.equal("token-1");
    expect(metadata.state.scopes).to.equal("https://www.googleapis.com/auth/sqlservice.login");
  });

  it("is asked for once while it is young, however many ask", async () => {
    expect(new Set(await Promise.all(Array.from({ length: 20 }, () => password())))).to.deep.equal(
      new Set(["token-1"]),
    );
    expect(await password()).to.equal("token-1");
    expect(metadata.state.asked).to.equal(1);
  });

  it("is another one shortly before it expires", async () => {
    metadata.state.lastsSeconds = 299;
    expect(await password()).to.equal("token-1");
    expect(await password()).to.equal("token-2");
  });

  it("stays in use where there is no other, until it expires", async () => {
    metadata.state.lastsSeconds = 299;
    await password();
    metadata.state.away = true;
    clock.advance(280_000);
    expect(await password()).to.equal("token-1");
    clock.advance(15_000);
    expect(await failureOf(password())).to.be.instanceOf(Unavailable);
    metadata.state.away = false;
    expect(await password()).to.match(/^token-/);
  });

  it("is unavailable where there is none, and tells no token", async () => {
    metadata.state.away = true;
    const failure = await failureOf(password());
    expect(failure).to.be.instanceOf(Unavailable);
    expect(failure.cause).to.be.instanceOf(Error);
    expect(String(failure.cause)).not.to.contain("token-");
  });

  it("is unavailable where an answer has no token", async () => {
    const client = { getAccessToken: async () => ({ token: null }), credentials: {} };
    expect(await failureOf(databasePassword({ clock, client: async () => client })())).to.be.instanceOf(Unavailable);
  });

  const PROGRAMS = [
    ["is that of whoever runs the process", "print-password", "token-1,token-1,token-1"],
    ["is what the login of a program that runs on gives", "print-login", "token-1"],
  ] as const;
  for (const [title, name, expected] of PROGRAMS)
    it(title, async () => {
      const home = await mkdtemp(join(tmpdir(), "home-"));
      try {
        const program = fileURLToPath(new URL(`../support/${name}.js`, import.meta.url));
        const env = { PATH: process.env["PATH"], HOME: home, CLOUDSDK_CONFIG: home, GCE_METADATA_HOST: metadata.host };
        const { stdout } = await promisify(execFile)(process.execPath, [program], { env });
        expect(stdout).to.equal(expected);
        expect(metadata.state.scopes).to.equal(LOGIN_SCOPE);
      } finally {
        await rm(home, { recursive: true, force: true });
      }
    }).timeout(60_000);
});
