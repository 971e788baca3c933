import { expect } from "chai";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { promisify } from "node:util";
import { run } from "../../src/cli/run.js";
import type { Surroundings } from "../../src/cli/scene.js";
import { googleTools } from "../../src/gcp/index.js";
import { type Checkout, checkout, outputsAt, putArtifacts, STACK } from "../support/checkout.js";
import { type GoogleInstallation, googleInstallation } from "../support/google-installation.js";

const MIGRATIONS = "adapters/postgres/src/migrations";

describe("npm run release, on Google Cloud", () => {
  let there: Checkout;
  let google: GoogleInstallation;
  let api: Server;
  let ready = 200;
  let now = 0;
  /** Called with the time whenever somebody waits. */
  let meanwhile: (now: number) => Promise<void>;

  beforeEach(async () => {
    [there, ready, now, meanwhile] = [await checkout(), 200, 0, async () => undefined];
    google = await googleInstallation(there);
    api = createServer((_, response) => void response.writeHead(ready).end());
    api.listen(0, "127.0.0.1");
    await once(api, "listening");
    await there.put(`${MIGRATIONS}/0001-tables.ts`, "export class Tables {}");
    await git("init", "-q");
    await comeTo("1");
  });
  afterEach(async () => {
    await google.stop();
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

  /** A next commit, whose program makes other revisions. */
  async function comeTo(version: string): Promise<string> {
    await there.put("version.txt", version);
    await git("add", "version.txt", "adapters", "stacks");
    await git("commit", "-q", "--allow-empty", "-m", version);
    const commit = await git("rev-parse", "HEAD");
    await putArtifacts(async (name, content) => there.put(name, content), commit);
    const { port } = api.address() as AddressInfo;
    await there.put("next.json", { ...outputsAt(version), api: `http://127.0.0.1:${String(port)}` });
    return commit;
  }

  async function release(...args: readonly string[]) {
    let text = "";
    const around: Surroundings = {
      ...{ root: there.root, pulumi: there.pulumi, smoke: {} },
      clouds: { gcp: async () => googleTools(google.api) },
      pace: {
        now: () => now,
        wait: async (ms) => {
          now += ms;
          await meanwhile(now);
        },
      },
      print: (chunk) => void (text += chunk),
    };
    const code = await run([...args, "--stack", STACK], around);
    return { code, text };
  }

  async function installed(version = "1"): Promise<void> {
    await comeTo(version);
    expect((await release("plan")).code).to.equal(0);
    expect((await release("deploy")).code).to.equal(0);
  }
  const shareOf = async (workload: string) =>
    Object.fromEntries(
      ((await there.shares())[workload] ?? [])
        .filter(({ percent }) => percent > 0)
        .map(({ revision, percent }) => [revision.slice(-1), percent]),
    );
  const all = async () => Promise.all(["scheduler", "worker", "api"].map(shareOf));
  const ups = async () => (await there.calls()).filter(([name]) => name === "up").length;

  it("brings a first version, and a second by a part first", async () => {
    await installed("1");
    expect(await all()).to.deep.equal([{ 1: 100 }, { 1: 100 }, { 1: 100 }]);
    await comeTo("2");
    await release("plan");
    const parts: object[] = [];
    meanwhile = async () => void parts.push(await shareOf("worker"));
    const { code, text } = await release("deploy");
    expect([code, text]).to.satisfy(([ended, told]: [number, string]) => ended === 0 && told.includes("is released"));
    expect(await all()).to.deep.equal([{ 2: 100 }, { 2: 100 }, { 2: 100 }]);
    expect(parts).to.deep.include({ 1: 90, 2: 10 });
    expect(google.ran).to.deep.equal(["punctual-staging-migrate", "punctual-staging-migrate"]);
    expect(now).to.be.at.least(3 * 600_000 + 360_000);
  });

  it("takes back what an alarm is raised of, and ends with 1", async () => {
    await installed();
    await comeTo("2");
    await release("plan");
    const before = now;
    meanwhile = async () => {
      if (now - before > 700_000 && google.raised.length === 0) google.raised.push("oldest-due");
    };
    const { code, text } = await release("deploy");
    expect(code).to.equal(1);
    expect(text).to.match(/gcp-staging is taken back: an alarm is raised: oldest-due/);
    expect(await all()).to.deep.equal([{ 1: 100 }, { 1: 100 }, { 1: 100 }]);
  });

  it("takes back what does not answer once all has moved", async () => {
    await installed();
    await comeTo("2");
    await release("plan");
    ready = 503;
    const { code, text } = await release("deploy");
    expect([code, text.includes("/health/ready answers 503")]).to.deep.equal([1, true]);
    expect(await all()).to.deep.equal([{ 1: 100 }, { 1: 100 }, { 1: 100 }]);
  });

  it("refuses with all reasons, and ends with 2", async () => {
    await installed();
    await there.put(`${MIGRATIONS}/0002-drop.ts`, 'class Drop {\n  static readonly kind = "contract";\n}');
    await comeTo("2");
    await there.put("artifacts/lambda/worker.zip", "w0rker");
    google.raised.push("heartbeat");
    const { code, text } = await release("deploy");
    expect(code).to.equal(2);
    const reasons = text.split("\n  - ").slice(1);
    expect(reasons).to.have.length(5);
    expect(reasons[0]).to.match(/the plan is of/);
    expect(reasons[1]).to.match(/artifacts.json is not what the plan was made of/);
    expect(reasons[2]).to.match(/worker.zip has the hash/);
    expect(reasons[3]).to.match(/migration 0002-drop takes away/);
    expect(reasons[4]).to.match(/heartbeat: --despite-alarms/);
    expect(await ups()).to.equal(1);
  });

  it("is lost with 3 where the line breaks, says how to go on, and goes on", async () => {
    await installed();
    const commit = await comeTo("2");
    await release("plan");
    let broken = false;
    meanwhile = async () => {
      if (!broken && "2" in (await shareOf("worker"))) {
        broken = true;
        await there.put("faults.json", { up: "the network is away" });
      }
    };
    const { code, text } = await release("deploy");
    expect(code).to.equal(3);
    expect(text).to.include("npm run release -- deploy --resume --stack gcp-staging\n");
    await there.put("faults.json", {});
    const other = await comeTo("3");
    const refused = await release("deploy", "--resume");
    expect([refused.code, refused.text.includes(`is of ${commit}, and ${other} is checked out`)]).to.deep.equal([
      2,
      true,
    ]);
    await git("checkout", "-q", commit);
    await there.put("next.json", JSON.parse(await there.get("outputs.json")) as object);
    expect((await release("deploy", "--resume")).code).to.equal(0);
    expect(await all()).to.deep.equal([{ 2: 100 }, { 2: 100 }, { 2: 100 }]);
    const nothing = await release("deploy", "--resume");
    expect([nothing.code, nothing.text.includes("nothing is under way")]).to.deep.equal([2, true]);
  });

  it("goes on from a checkout whose settings know of no shares, and leaves those of others where they are", async () => {
    await installed();
    await comeTo("2");
    await release("plan");
    const settings = `stacks/config/Pulumi.${STACK}.yaml`;
    let broken = false;
    meanwhile = async () => {
      if (broken || !("2" in (await shareOf("worker")))) return;
      broken = true;
      await there.put("faults.json", { up: "the network is away" });
    };
    expect((await release("deploy")).code).to.equal(3);
    await there.put("faults.json", {});
    await there.put(settings, (await there.get(settings)).replace(/ {4}traffic:\n(?: {6}.*\n)*/, ""));
    expect(await there.get(settings)).not.to.include("stable");
    const seen: string[] = [];
    meanwhile = async () => void seen.push(JSON.stringify(await shareOf("api")));
    expect((await release("deploy", "--resume")).code).to.equal(0);
    expect([...new Set(seen)]).to.deep.equal(['{"1":100}', '{"1":90,"2":10}', '{"2":100}']);
  });

  it("goes back by hand, from the commit that was released alone", async () => {
    await installed("1");
    await installed("2");
    const commit = await git("rev-parse", "HEAD");
    await comeTo("3");
    expect((await release("rollback")).code).to.equal(2);
    await git("checkout", "-q", commit);
    await there.put("next.json", JSON.parse(await there.get("outputs.json")) as object);
    const { code, text } = await release("rollback", "--because", "it is slow");
    expect([code, text.includes("is taken back: it is slow")]).to.deep.equal([0, true]);
    expect(await all()).to.deep.equal([{ 1: 100 }, { 1: 100 }, { 1: 100 }]);
  });

  it("shifts what somebody else has updated", async () => {
    await installed("1");
    await comeTo("2");
    await release("plan");
    const plan = path.join(there.root, `.punctual/plans/${STACK}.json`);
    await promisify(execFile)(there.pulumi, ["up", "--plan", plan, "--stack", STACK], { cwd: there.root });
    const before = await ups();
    expect((await release("shift")).code).to.equal(0);
    expect(await all()).to.deep.equal([{ 2: 100 }, { 2: 100 }, { 2: 100 }]);
    // A part and the whole of each of three.
    expect((await ups()) - before).to.equal(6);
  });

  it("verifies what runs", async () => {
    await installed();
    expect((await release("verify")).code).to.equal(0);
    google.raised.push("heartbeat");
    ready = 503;
    const { code, text } = await release("verify");
    expect(code).to.equal(1);
    expect(text).to.match(/answers 503\n {2}- an alarm is raised: heartbeat/);
  });

  it("tells with --dry-run what it would change, in order, and changes nothing", async () => {
    await installed();
    await there.put(`${MIGRATIONS}/0002-more.ts`, "class More {}");
    const commit = await comeTo("2");
    await release("plan");
    const settings = await there.get(`stacks/config/Pulumi.${STACK}.yaml`);
    const before = await ups();
    const { code, text } = await release("deploy", "--dry-run");
    expect(code).to.equal(0);
    const { port } = api.address() as AddressInfo;
    expect(text.split("\n").filter((line) => line.startsWith("would: "))).to.deep.equal([
      `would: update the stack, as the plan of ${commit} says`,
      "would: migrate, 0002-more (expand)",
      ...["scheduler", "worker", "api"].flatMap((name) => [
        `would: give a first part of ${name} to the version that is planned, and wait`,
        `would: give all of ${name} to the version that is planned`,
      ]),
      `would: ask http://127.0.0.1:${String(port)} whether it works`,
    ]);
    expect([await ups(), google.ran.length]).to.deep.equal([before, 1]);
    expect(await there.get(`stacks/config/Pulumi.${STACK}.yaml`)).to.equal(settings);
    expect((await release("deploy")).code).to.equal(0);
    const back = await release("rollback", "--dry-run");
    expect(back.text).to.include("would: give all of api back to punctual-staging-api-1");
    expect(await all()).to.deep.equal([{ 2: 100 }, { 2: 100 }, { 2: 100 }]);
  });

  it("tells with --dry-run of what was never there", async () => {
    await release("plan");
    const { code, text } = await release("deploy", "--dry-run");
    expect([code, await ups()]).to.deep.equal([0, 0]);
    expect(text).to.include("would: update the stack").and.not.include("first part");
  });

  it("says all that is wrong with what was asked", async () => {
    const { code, text } = await release("plan", "--contract", "--resume");
    expect(code).to.equal(2);
    expect(text).to.include("--contract says nothing to plan").and.include("--resume says nothing to plan");
    const wrong = await run(["leap", "--stack", "moon-dev"], {
      ...{ root: there.root, smoke: {}, clouds: {}, pace: { now: () => 0, wait: async () => undefined } },
      print: () => undefined,
    });
    expect(wrong).to.equal(2);
  });
});
