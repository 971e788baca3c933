/*
 * What is built here are small entries in checkouts of their own: what the real ones need is tested with them.
 */
import { Buffer } from "node:buffer";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { unzipSync } from "fflate";
import { z } from "zod";
import { archive, buildLambda, NAMES } from "../build-lambda.mjs";
import { checkout as checkoutOf, placesIn } from "./support/checkout.mjs";

const root = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

/** One takes a workspace package, and one a package in CommonJS that wants modules of Node, and others that are not there. */
const entries = {
  "zones.ts": `
    import { IntlZoneRules } from "@punctual/core";
    const rules: IntlZoneRules = new IntlZoneRules({ version: "1" });
    export const handler = async (event: { zone: string }) => ({ zone: event.zone, known: rules.find(event.zone) });`,
  "database.ts": `
    import pg from "pg";
    export const handler = async () => ({ escaped: pg.escapeIdentifier("a b") });`,
};

/** Node names its own modules that were loaded. */
const LOADED = `await import("./index.mjs"); console.log(process.moduleLoadList.join("\\n"));`;

/** Each takes a package of which bundles have less than there is, and shows that it works as if it were whole. */
const lean = {
  "http.ts": `
    import { once } from "node:events";
    import { createServer } from "node:http";
    import { Client, errors, Pool } from "undici";
    export const handler = async () => {
      const server = createServer((request, response) => void response.end(request.method)).listen(0, "127.0.0.1");
      await once(server, "listening");
      const origin = "http://127.0.0.1:" + server.address().port;
      const pool = new Pool(origin, { factory: (origin, options) => new Client(origin, options) });
      const ask = () => new Promise((answered, failed) => pool.dispatch({ path: "/", method: "PUT" }, {
        onRequestStart() {},
        onResponseStart() {},
        onResponseEnd() {},
        onResponseData: (_, chunk) => answered(chunk.toString()),
        onResponseError: (_, error) => failed(error),
      }));
      const answer = await ask();
      await pool.close();
      server.close();
      return { answer, closed: await ask().catch((error) => error instanceof errors.ClientDestroyedError || error.message) };
    };`,
  "messages.ts": `
import { z } from "zod";
export const handler = async (event: unknown) => z.strictObject({ a: z.uuid(), b: z.int().min(1) }).safeParse(event).error?.message;`,
  "types.ts": `
    import Koa from "koa";
    export const handler = async (types: string[]) => {
      const app = new Koa();
      return types.map((type) => {
        const context = app.createContext({ headers: {} }, { headersSent: false, headers: {}, setHeader(name, value) {
          this.headers[name] = value;
        } });
        context.type = type;
        return context.res.headers["Content-Type"] ?? null;
      });
    };`,
  "credentials.ts": `
    import { SQSClient } from "@aws-sdk/client-sqs";
    export const handler = async (variables: Record<string, string>) => {
      Object.assign(process.env, variables);
      const { credentials } = new SQSClient({ region: "eu-central-1" }).config;
      return credentials().then(({ accessKeyId }) => accessKeyId, ({ message }) => message);
    };`,
};

describe("build-lambda", () => {
  let folder;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "punctual-lambda-build-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const checkout = (name, files = entries) => checkoutOf(join(folder, name), files);

  const builtIn = async (home, env = {}) => {
    const { entries: sources, out } = placesIn(home);
    const script = join(home, "scripts/build-lambda.mjs");
    await run(process.execPath, [script, "--entries", sources, "--out", out], { cwd: "/", env });
    return out;
  };

  it("makes the same bytes in any checkout, at any time and in any zone", async () => {
    const one = await builtIn(await checkout("one"), { TZ: "Pacific/Auckland" });
    const other = await builtIn(await checkout("in/another/folder"), { TZ: "America/St_Johns" });
    const files = (await readdir(one, { recursive: true, withFileTypes: true }))
      .filter((file) => file.isFile())
      .map((file) => join(file.parentPath, file.name).slice(one.length + 1));
    expect(files).to.have.members([
      "artifacts.json",
      ...["database", "zones"].flatMap((name) => [join(name, "index.mjs"), `${name}.mjs.map`, `${name}.zip`]),
    ]);
    for (const file of files) {
      expect((await readFile(join(one, file))).equals(await readFile(join(other, file))), file).to.equal(true);
    }
  });

  /** What a bundle answers in a folder with no packages in it or above it. */
  async function answerOf(out, name, event) {
    const task = await mkdtemp(join(tmpdir(), "punctual-lambda-task-"));
    try {
      for (let above = task; ; above = dirname(above)) {
        expect(existsSync(join(above, "node_modules")), above).to.equal(false);
        if (above === dirname(above)) break;
      }
      await writeFile(join(task, "index.mjs"), unzipSync(await readFile(join(out, `${name}.zip`)))["index.mjs"]);
      const ask = `import { handler } from "./index.mjs"; console.log(JSON.stringify(await handler(${JSON.stringify(event)})));`;
      const { stdout } = await run(process.execPath, ["--input-type=module", "-e", ask], { cwd: task, env: {} });
      return JSON.parse(stdout);
    } finally {
      await rm(task, { recursive: true, force: true });
    }
  }

  it("makes bundles that run where there are no packages", async () => {
    const out = await builtIn(await checkout("one"));
    expect(await answerOf(out, "zones", { zone: "asia/kolkata" })).to.deep.equal({
      zone: "asia/kolkata",
      known: "Asia/Kolkata",
    });
    expect(await answerOf(out, "database", {})).to.deep.equal({ escaped: '"a b"' });
  });

  describe("leaves out what no function uses, and", () => {
    /** By their names: the packages stand outside of this checkout. */
    const sourcesOf = async (out, name) => JSON.parse(await readFile(join(out, `${name}.mjs.map`), "utf8")).sources;
    const only = async (file) => builtIn(await checkout("lean", { [file]: lean[file] }));

    it("undici still asks, by HTTP/1.1", async () => {
      const out = await only("http.ts");
      expect(await answerOf(out, "http", {})).to.deep.equal({ answer: "PUT", closed: true });
      const sources = await sourcesOf(out, "http");
      expect(sources).to.include("client-h1.js");
      expect(sources).not.to.include("websocket.js");
      expect(sources).not.to.include("mock-agent.js");
    });

    it("Node loads neither an undici of its own nor HTTP/2", async () => {
      const out = await only("http.ts");
      const { stdout } = await run(process.execPath, ["--input-type=module", "-e", LOADED], {
        cwd: join(out, "http"),
        env: {},
      });
      expect(stdout).to.include("NativeModule _http_server");
      expect(stdout).not.to.include("NativeModule internal/deps/undici/undici");
      expect(stdout).not.to.include("NativeModule http2");
    });

    it("zod says what it always says", async () => {
      const out = await only("messages.ts");
      const whole = z.strictObject({ a: z.uuid(), b: z.int().min(1) });
      for (const event of [null, {}, { a: "?", b: 0.5, c: 1 }, { a: "?", b: -1 }]) {
        expect(await answerOf(out, "messages", event)).to.equal(whole.safeParse(event).error.message);
      }
      const sources = await sourcesOf(out, "messages");
      expect(sources).to.include("en.js");
      expect(sources).not.to.include("fr.js");
    });

    it("Koa knows the types that it answers with", async () => {
      const out = await only("types.ts");
      const types = [
        "json",
        "html",
        "text",
        "bin",
        "application/json",
        "application/problem+json",
        "text/event-stream",
        "application/manifest+json",
      ];
      expect(await answerOf(out, "types", types)).to.deep.equal([
        "application/json; charset=utf-8",
        "text/html; charset=utf-8",
        "text/plain; charset=utf-8",
        "application/octet-stream",
        "application/json; charset=utf-8",
        "application/problem+json",
        "text/event-stream; charset=utf-8",
        "application/manifest+json; charset=utf-8",
      ]);
      expect((await readFile(join(out, "types/index.mjs"), "utf8")).includes("video/")).to.equal(false);
    });

    it("the clients of AWS take credentials as Lambda gives them", async () => {
      const out = await only("credentials.ts");
      const keys = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "secret" };
      expect(await answerOf(out, "credentials", keys)).to.equal("AKID");
      expect(await answerOf(out, "credentials", { AWS_EC2_METADATA_DISABLED: "true" })).to.equal(
        "Could not load credentials from any providers",
      );
      expect(await sourcesOf(out, "credentials")).not.to.include("STSClient.js");
    });
  });

  it("leaves nothing of the machine in bundles and source maps", async () => {
    const out = await builtIn(await checkout("one"));
    for (const name of ["zones", "database"]) {
      const map = JSON.parse(await readFile(join(out, `${name}.mjs.map`), "utf8"));
      expect(map.sources).to.include(`apps/functions/src/aws/entries/${name}.ts`);
      expect(map.sources.filter((source) => source.startsWith("/") || source.includes(".."))).to.deep.equal([]);
      for (const text of [JSON.stringify(map), await readFile(join(out, name, "index.mjs"), "utf8")]) {
        for (const place of [folder, root, homedir()])
          expect(text.includes(`${place}/`), `${name}: ${place}`).to.equal(false);
      }
    }
  });

  it("states what it made by size and hash", async () => {
    const out = await builtIn(await checkout("one"));
    const artifacts = JSON.parse(await readFile(join(out, "artifacts.json"), "utf8"));
    expect(artifacts.map(({ name }) => name)).to.deep.equal(["database", "zones"]);
    for (const { name, sha256, sha256Base64, bytes, zipBytes } of artifacts) {
      const zip = await readFile(join(out, `${name}.zip`));
      const content = unzipSync(zip);
      expect(Object.keys(content)).to.deep.equal(["index.mjs"]);
      expect(Buffer.from(content["index.mjs"]).equals(await readFile(join(out, name, "index.mjs")))).to.equal(true);
      const digest = createHash("sha256").update(zip).digest();
      expect({ sha256, sha256Base64, bytes, zipBytes }).to.deep.equal({
        sha256: digest.toString("hex"),
        sha256Base64: digest.toString("base64"),
        bytes: content["index.mjs"].length,
        zipBytes: zip.length,
      });
    }
  });

  it("lets everyone read what is in the archive, and only its owner write it", () => {
    const zip = Buffer.from(archive(Buffer.from("export const handler = async () => ({});")));
    const entry = zip.indexOf("PK\u0001\u0002", "latin1");
    expect(zip.readUInt32LE(entry + 38) >>> 16).to.equal(0o100644);
  });

  it("says which functions are missing, too large, or no functions", async () => {
    const home = await checkout("one", { "zones.ts": entries["zones.ts"], "plain.ts": "export const handle = 1;" });
    const { artifacts, problems } = await buildLambda({ ...placesIn(home), names: ["api", "zones"], mostBytes: 1_000 });
    const [plain, zones] = artifacts;
    expect(plain.name).to.equal("plain");
    expect(problems).to.deep.equal([
      "api is missing",
      "plain exports no handler",
      `zones has ${zones.bytes} bytes, more than 1000`,
    ]);
  });

  it("fails where a function that is deployed is missing", async () => {
    const home = await checkout("one");
    const ended = await run(process.execPath, [join(home, "scripts/build-lambda.mjs")], { env: {} }).catch(
      (error) => error,
    );
    expect(ended.code).to.equal(1);
    expect(ended.stderr.trim().split("\n")).to.deep.equal(NAMES.map((name) => `${name} is missing`));
  });
});
