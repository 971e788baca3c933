import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { UNKNOWN } from "../../src/graph.js";
import { plan, type Plan, type Planning } from "../../src/planner/plan.js";
import { EMPTY_WORLD, type World } from "../../src/world.js";

const PROGRAMS = fileURLToPath(new URL("../../../test/fixtures/programs/", import.meta.url));
const NO_CONFIG = { values: {}, secrets: [] };
const CONFIG = { values: { "shop:region": "here", "shop:code": "abc" }, secrets: ["shop:code"] };

const world: World = {
  outputs: ({ name }) => ({ id: `thing-${name}`, size: 7, code: "xyz" }),
  call: (_token, { name }) => ({ id: `zone of ${String(name)}` }),
  stacks: { "acme/punctual/bootstrap": { bucket: "artifacts" } },
};

async function planned(program: string, more: Partial<Planning> = {}): Promise<Plan> {
  const about = { project: "shop", stack: "dev", root: PROGRAMS, folder: PROGRAMS, config: NO_CONFIG, world };
  return plan({ ...about, entry: `${program}.js`, dryRun: false, ...more });
}

/** That a program ran to its end; else what it said. */
function done({ exitCode, diagnostics }: Plan): void {
  expect(diagnostics.map(({ message }) => message).join("\n")).to.equal("");
  expect(exitCode).to.equal(0);
}

describe("The planner", function () {
  // Each runs processes of its own.
  this.timeout(180_000);

  it("runs a program as it is, and answers all that it registers", async () => {
    const made = await planned("shelves", { config: CONFIG });

    done(made);
    const box = made.graph.one("test:index/thing:Thing", "box");
    expect(made.graph.types()).to.deep.equal({
      "pulumi:providers:test": 1,
      "pulumi:pulumi:Stack": 1,
      "test:index/thing:Thing": 2,
      "test:index:Shelf": 1,
    });
    expect(box).to.deep.include({
      urn: "urn:pulumi:dev::shop::test:index:Shelf$test:index/thing:Thing::box",
      parent: "urn:pulumi:dev::shop::test:index:Shelf::shelf",
      protect: true,
      inputs: { colour: "red", tags: { owner: "platform" } },
    });
    expect(made.graph.one("pulumi:providers:test").inputs).to.deep.equal({ region: "here" });
  });

  it("answers what the world says: ids, outputs, a resource that is passed as a value", async () => {
    const { graph, outputs } = await planned("shelves", { config: CONFIG });

    const [box, other] = ["box", "other"].map((name) => graph.one("test:index/thing:Thing", name));
    expect(other?.inputs).to.deep.include({
      holds: 7,
      policy: '{"Resource":"thing-box"}',
      inside: `[resource ${box?.urn}]`,
    });
    expect(graph.sourcesOf(other!, "holds")).to.deep.equal([box]);
    expect(box?.provider).to.equal("urn:pulumi:dev::shop::pulumi:providers:test::main::thing-main");
    expect(outputs).to.deep.include({ stack: "dev", size: 7, within: 7 });
    expect(graph.outputs).to.deep.equal(outputs);
  });

  it("knows nothing in a dry run that a provider would say", async () => {
    const made = await planned("shelves", { config: CONFIG, dryRun: true });

    done(made);
    expect(made.graph.resources).to.have.length(5);
    expect(made.graph.one("test:index/thing:Thing", "other").inputs).to.deep.include({
      holds: UNKNOWN,
      policy: UNKNOWN,
    });
    expect(made.outputs).to.deep.include({ stack: "dev", size: UNKNOWN });
  });

  it("keeps a secret a secret: of the configuration, of an output, within a list", async () => {
    const shelves = await planned("shelves", { config: CONFIG });
    const { graph } = await planned("secrets");

    expect(shelves.graph.one("test:index/thing:Thing", "other").secrets).to.deep.equal(["code"]);
    expect(shelves.graph.secretOutputs).to.deep.equal(["code"]);
    expect(graph.one("test:index/thing:Thing", "other").secrets).to.have.members(["code", "list"]);
    expect(graph.secretOutputs).to.deep.equal(["code"]);
  });

  it("knows which part of an input is secret, unless the program made one output of it", async () => {
    const { graph } = await planned("secrets");
    const dry = await planned("secrets", { dryRun: true });

    expect(graph.one("test:index/thing:Thing", "mixed")).to.deep.include({
      secrets: ["environment", "joined"],
      secretParts: [["environment", "variables", "CODE"], ["environment", "variables", "LOGIN"], ["joined"]],
    });
    expect(dry.graph.one("test:index/thing:Thing", "mixed").inputs["environment"]).to.deep.equal({
      variables: { COLOUR: "red", SIZE: UNKNOWN, CODE: UNKNOWN, LOGIN: UNKNOWN },
    });
  });

  it("runs the transforms of the stack and of components", async () => {
    const made = await planned("transforms");

    done(made);
    const [inside, outside] = ["inside", "outside"].map((name) => made.graph.one("test:index/thing:Thing", name));
    expect(inside?.inputs["tags"]).to.deep.equal({ own: "yes", shelf: "yes", stack: "yes" });
    expect(outside?.inputs["tags"]).to.deep.equal({ stack: "yes" });
    expect(outside?.protect).to.be.true;
  });

  it("lets transforms pass on what is unknown, and what is secret", async () => {
    const made = await planned("transforms", { dryRun: true });

    done(made);
    const [inside, outside] = ["inside", "outside"].map((name) => made.graph.one("test:index/thing:Thing", name));
    expect(outside?.inputs).to.deep.equal({ holds: UNKNOWN, code: "abc", tags: { stack: "yes" } });
    expect(outside?.secrets).to.deep.equal(["code"]);
    expect(made.graph.sourcesOf(outside!, "holds")).to.deep.equal([inside]);
  });

  it("answers what other stacks have told, and refuses those that nobody knows", async () => {
    const made = await planned("references");
    const alone = await planned("references", { world: EMPTY_WORLD });

    done(made);
    expect(made.graph.one("test:index/thing:Thing").inputs).to.deep.equal({ bucket: "artifacts" });
    expect(saidBy(alone)).to.contain('unknown stack "acme/punctual/bootstrap"');
    expect(alone.exitCode).not.to.equal(0);
  });

  it("answers functions of providers from the world, and says that they were asked", async () => {
    const made = await planned("asks", { dryRun: true });

    done(made);
    expect(made.calls).to.deep.equal([{ token: "test:index/getZone:getZone", args: { name: "example.com" } }]);
    expect(made.graph.one("test:index/thing:Thing").inputs).to.deep.equal({ zone: "zone of example.com" });
  });

  it("refuses a resource without a provider of its own where there are none by default", async () => {
    const config = { values: { "pulumi:disable-default-providers": '["*"]' }, secrets: [] };
    const made = await planned("no-provider", { config });

    expect(saidBy(made)).to.contain(
      "Default provider for 'test' disabled. 'test:index/thing:Thing' must use an explicit provider.",
    );
    done(await planned("no-provider"));
    done(await planned("asks", { config }));
  });

  it("refuses two resources of one name", async () => {
    const made = await planned("duplicates");

    expect(made.exitCode).to.equal(32);
    expect(saidBy(made)).to.contain("Duplicate resource URN 'urn:pulumi:dev::shop::test:index/thing:Thing::box'");
    expect(made.graph.all("test:index/thing:Thing")).to.have.length(1);
  });

  it("tells what an apply has thrown", async () => {
    const made = await planned("throwing-apply");

    expect(made.exitCode).to.equal(32);
    expect(saidBy(made)).to.contain("what a boom at urn:pulumi:dev::shop::test:index/thing:Thing::box");
  });

  it("tells by its sources where an error was thrown", async () => {
    expect(saidBy(await planned("throwing-afar"))).to.match(/at Graph\.one \(.*src\/graph\.ts:\d+:\d+\)/);
  });

  it("tells the whole message of a program that refuses to run, and nothing else", async () => {
    const made = await planned("run-error");

    expect(made.exitCode).to.equal(32);
    expect(made.diagnostics).to.deep.equal([
      { severity: "error", message: "it cannot be planned:\n  - one thing\n  - another" },
    ]);
  });

  it("tells that there is no such program", async () => {
    const made = await planned("none");

    expect(made.exitCode).not.to.equal(0);
    expect(saidBy(made)).to.contain("none.js");
  });

  it("tells what a program says, and gives it an environment of its own", async () => {
    const { diagnostics, outputs } = await planned("said");

    expect(diagnostics).to.have.deep.members([
      { severity: "warning", message: "beware" },
      { severity: "info", message: "to whom it may concern" },
    ]);
    expect(outputs["host"]).to.equal("acme");
    expect(outputs["environment"]).to.satisfy((names: string[]) => names.every((name) => name.startsWith("PULUMI_")));
  });

  it("stops a program that hangs", async () => {
    const made = await planned("hanging", { limitMs: 1_500 });

    expect(made.exitCode).to.equal(1);
    expect(saidBy(made)).to.contain("the program was not done after 1.5 s, and was stopped");
  });

  it("takes the program with it when it is killed", async () => {
    const main = fileURLToPath(new URL("../support/plan-hanging.js", import.meta.url));
    const planner = spawn(process.execPath, [main, PROGRAMS], { stdio: ["ignore", "pipe", "inherit"] });
    const [said] = (await once(planner.stdout, "data")) as [Buffer];
    const pid = pidOf(said.toString());
    expect(isAlive(pid)).to.be.true;

    planner.kill("SIGKILL");
    await once(planner, "exit");

    await gone(pid);
  });
});

function saidBy({ diagnostics }: Plan): string {
  return diagnostics.map(({ message }) => message).join("\n");
}

function pidOf(said: string): number {
  return Number(/I am (\d+)/.exec(said)?.[1]);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** There is no signal that a stranger has ended. */
async function gone(pid: number): Promise<void> {
  for (let turn = 0; isAlive(pid); turn += 1) {
    if (turn > 200) throw new Error(`process ${String(pid)} lives on`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
