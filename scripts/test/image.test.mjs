/* What is handed to Docker, to a registry and to a stack's file. Whether an image comes of it only an engine can tell. */
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { expect } from "chai";
import { parse } from "yaml";

const root = resolve(import.meta.dirname, "../..");
const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const TO = "europe-west1-docker.pkg.dev/acme-artifacts/punctual/punctual";
const DIGEST = `${TO}@sha256:${"ab".repeat(32)}`;
const context = "what an image is made of\n".repeat(10);
const sha256 = createHash("sha256").update(context).digest("hex");

describe("npm run image, and npm run promote", () => {
  let home;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "punctual-image-"));
    for (const folder of ["bin", "artifacts", "scripts", "stacks/config"])
      await mkdir(join(home, folder), { recursive: true });
    for (const program of ["docker", "aws", "gcloud"]) {
      await symlink(join(root, "scripts/test/support/fake-docker.mjs"), join(home, "bin", program));
    }
    const manifest = { commit: COMMIT, functions: {}, image: { file: "image-context.tar", sha256 } };
    await writeFile(join(home, "artifacts/artifacts.json"), JSON.stringify(manifest));
    await writeFile(join(home, "artifacts/image-context.tar"), context);
    await writeFile(join(home, "image.tar"), "an image of some hundred bytes ".repeat(10));
    await writeFile(
      join(home, "stacks/config/Pulumi.gcp-dev.yaml"),
      '# Kept.\nconfig:\n  kept: ["*"]\n  punctual:gcp:\n    image: old\n',
    );
    await writeFile(
      join(home, "stacks/config/Pulumi.aws-dev.yaml"),
      "config:\n  punctual:aws:\n    region: eu-west-1\n",
    );
    for (const script of ["image.mjs", "promote.mjs"]) {
      await writeFile(join(home, "scripts", script), await readFile(join(root, "scripts", script)));
    }
    await symlink(join(root, "node_modules"), join(home, "node_modules"));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  async function ask(script, args, env = {}) {
    const calls = join(home, "calls.ndjson");
    await writeFile(calls, "");
    const PATH = `${join(home, "bin")}${delimiter}${process.env.PATH}`;
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(home, "scripts", script), ...args], {
      cwd: home,
      env: { ...process.env, CALLS: calls, DIGESTS: JSON.stringify(["elsewhere@sha256:00", DIGEST]), ...env, PATH },
      encoding: "utf8",
    });
    const noted = (await readFile(calls, "utf8"))
      .trim()
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    return { status, said: `${stdout}${stderr}`, noted, lines: noted.map(({ call }) => call.join(" ")) };
  }
  const settingsOf = (stack) => readFile(join(home, `stacks/config/Pulumi.${stack}.yaml`), "utf8");

  it("builds the image of nothing but the context that was made of the commit", async () => {
    const { status, noted, lines } = await ask("image.mjs", ["build"]);

    expect(status).to.equal(0);
    expect(lines).to.deep.equal([
      `docker build --pull --tag punctual:${COMMIT} -`,
      `docker save --output image.tar punctual:${COMMIT}`,
    ]);
    expect(noted[0].handed).to.equal(sha256);
  });

  it("builds none of a context that is another", async () => {
    await writeFile(join(home, "artifacts/image-context.tar"), `${context}and more`);
    const { status, said, lines } = await ask("image.mjs", ["build"]);

    expect(status).to.equal(1);
    expect(said).to.contain("image-context.tar is not what artifacts.json says it is");
    expect(lines).to.deep.equal([]);
  });

  it("ends with what the scanner says, which is known by its content", async () => {
    const good = await ask("image.mjs", ["scan"]);
    const bad = await ask("image.mjs", ["scan"], { FAILS: "run" });

    expect(good.status).to.equal(0);
    expect(good.lines[0]).to.match(/aquasec\/trivy:[\d.]+@sha256:[\da-f]{64} image --input \/image\.tar /);
    expect(good.lines[0]).to.contain("--severity HIGH,CRITICAL --ignore-unfixed --exit-code 1");
    expect(bad.status).to.equal(1);
  });

  it("pushes the image, and names it in the stack's file by its digest", async () => {
    const { status, noted, lines, said } = await ask("promote.mjs", ["--stack", "gcp-dev", "--to", TO]);

    expect(status, said).to.equal(0);
    expect(lines).to.deep.equal([
      "gcloud auth print-access-token",
      "docker login --username oauth2accesstoken --password-stdin europe-west1-docker.pkg.dev",
      "docker load",
      `docker tag punctual:${COMMIT} ${TO}:${COMMIT}`,
      `docker push ${TO}:${COMMIT}`,
      `docker image inspect --format {{json .RepoDigests}} ${TO}:${COMMIT}`,
    ]);
    expect(noted[1].handed).to.equal("a-proof");
    expect(said).not.to.contain("a-proof");
    expect(await settingsOf("gcp-dev")).to.equal(
      `# Kept.\nconfig:\n  kept: ["*"]\n  punctual:gcp:\n    image: ${DIGEST}\n`,
    );
  });

  it("gives functions alone what was built, and pushes nothing", async () => {
    const { status, lines, said } = await ask("promote.mjs", ["--stack", "aws-dev", "--to", ""]);

    expect(status, said).to.equal(0);
    expect(lines).to.deep.equal([]);
    expect(parse(await settingsOf("aws-dev")).config["punctual:aws"]).to.deep.equal({
      region: "eu-west-1",
      artifacts: { folder: "../artifacts/lambda" },
    });
  });

  it("pushes the image of containers on AWS, too", async () => {
    await writeFile(
      join(home, "stacks/config/Pulumi.aws-dev.yaml"),
      "config:\n  punctual:aws:\n    images:\n      punctual: old\n      collector: kept\n",
    );
    const { lines } = await ask("promote.mjs", ["--stack", "aws-dev", "--to", TO]);

    expect(lines[0]).to.equal("aws ecr get-login-password");
    expect(parse(await settingsOf("aws-dev")).config["punctual:aws"].images).to.deep.equal({
      punctual: DIGEST,
      collector: "kept",
    });
  });

  for (const [what, args, env, because] of [
    ["no repository is named", ["--stack", "gcp-dev"], {}, "--to says which repository"],
    ["the push fails", ["--stack", "gcp-dev", "--to", TO], { FAILS: "push" }, "docker push ended with 1"],
    ["the registry gives no digest", ["--stack", "gcp-dev", "--to", TO], { DIGESTS: "[]" }, "no digest"],
    ["nobody knows the cloud", ["--stack", "moon-dev", "--to", TO], {}, "moon-dev is of no cloud"],
  ]) {
    it(`leaves the stack's file alone where ${what}`, async () => {
      const before = await settingsOf("gcp-dev");
      const { status, said } = await ask("promote.mjs", args, env);

      expect(status).to.equal(1);
      expect(said).to.contain(because);
      expect(await settingsOf("gcp-dev")).to.equal(before);
    });
  }
});
