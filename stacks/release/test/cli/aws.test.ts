import { expect } from "chai";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { awsTools } from "../../src/aws/index.js";
import { run } from "../../src/cli/run.js";
import { installation } from "../aws/support/installation.js";
import { API, definition, WORKER } from "../aws/support/targets.js";
import { type Checkout, checkout, putArtifacts } from "../support/checkout.js";

const STACK = "aws-dev";
const MIGRATIONS = "adapters/postgres/src/migrations";

describe("npm run release, on AWS", () => {
  let there: Checkout;
  let amazon: Awaited<ReturnType<typeof installation>>;
  let api: Server;
  beforeEach(async () => {
    there = await checkout(STACK, { "punctual:environment": "dev", "punctual:aws": { region: "eu-west-1" } });
    amazon = await installation();
    api = createServer((_, response) => void response.end());
    api.listen(0, "127.0.0.1");
    await once(api, "listening");
    for (const name of ["0001-tables", "0002-more"]) await there.put(`${MIGRATIONS}/${name}.ts`, "export {};");
    await git("init", "-q");
    await git("add", "adapters", "stacks");
    await git("commit", "-qm", "a version");
    await putArtifacts(async (name, content) => there.put(name, content), await git("rev-parse", "HEAD"));
    const { port } = api.address() as AddressInfo;
    const releases = [
      { ...WORKER, version: "2" },
      { ...API, version: definition(2) },
    ];
    await there.put("next.json", { api: `http://127.0.0.1:${String(port)}`, releases });
  });
  afterEach(async () => {
    await amazon.cloud.stop();
    api.close();
    api.closeAllConnections();
    await there.remove();
  });

  const git = async (...args: readonly string[]) =>
    (
      await promisify(execFile)("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
        cwd: there.root,
      })
    ).stdout.trim();
  async function release(...args: readonly string[]) {
    let text = "";
    const code = await run([...args, "--stack", STACK, "--journal", "s3://journal/releases"], {
      ...{ root: there.root, pulumi: there.pulumi, smoke: {} },
      clouds: { aws: async () => awsTools(amazon.cloud.account) },
      pace: amazon.cloud.pace,
      print: (chunk) => void (text += chunk),
    });
    return { code, text };
  }

  it("plans, releases, and goes back from wherever one stands", async () => {
    expect((await release("plan")).code).to.equal(0);
    const dry = await release("deploy", "--dry-run");
    expect(dry.text).to.include("would: migrate, 0002-more (expand)");
    const { code, text } = await release("deploy");
    expect([code, text.includes("aws-dev is released")]).to.deep.equal([0, true]);
    expect(await amazon.standing()).to.deep.equal([{ 2: 100 }, { [definition(2)]: 100 }]);
    expect(amazon.run).to.deep.equal(["0001-tables", "0002-more"]);
    await git("commit", "-q", "--allow-empty", "-m", "another");
    expect((await release("rollback")).code).to.equal(0);
    expect(await amazon.standing()).to.deep.equal([{ 1: 100 }, { [definition(1)]: 100 }]);
  });
});
