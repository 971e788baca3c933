/* GitHub and Jenkins ask the same of a change, in the same order, and let it go on in the same cases. */
import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { expect } from "chai";
import { parse } from "yaml";
import {
  expression,
  rowOf,
  githubRuns,
  githubStages,
  jenkinsRuns,
  jenkinsStages,
  readGithub,
  root,
  stepsOf,
  textOf,
} from "./support/pipelines.mjs";
import { objectionsTo } from "./support/pipeline-rules.mjs";

const JENKINS = ["Jenkinsfile", "Jenkinsfile.drift", "Jenkinsfile.restore-drill"];
const CHECKS = ["lint", "unit", "integration", "end-to-end", "faults", "stacks", "dependencies", "artifacts", "image"];
const push = (ref) => ({ event: "push", ref });
const SITUATIONS = {
  "a pull request": [{ event: "pull_request", ref: "refs/heads/mended" }, []],
  "a push to a branch": [push("refs/heads/mended"), []],
  "a push to develop": [push("refs/heads/develop"), ["dev plan", "dev deploy"]],
  "dev by hand": [{ event: "workflow_dispatch", ref: "refs/heads/mended" }, ["dev plan", "dev deploy"]],
  "a push to main": [
    push("refs/heads/main"),
    ["staging plan", "staging deploy", "production plan", "production deploy"],
  ],
  "a tag": [push("refs/tags/v1.2.3"), ["tagged", "production plan", "production deploy"]],
};
const namesOf = (stages) => stages.map(({ stage }) => stage);
const tableOf = (stages) => stages.map(({ stage, isGated, commands }) => ({ stage, isGated, commands }));

describe("The pipelines", () => {
  let github, jenkins;
  before(async () => {
    github = await readGithub();
    jenkins = await textOf("Jenkinsfile");
  });

  it("have the same stages, commands and approvals at GitHub and at Jenkins", () => {
    const stages = tableOf(githubStages(github));

    expect(stages).to.have.length(CHECKS.length + 7);
    expect(stages.filter(({ commands }) => commands.length === 0)).to.deep.equal([]);
    expect(tableOf(jenkinsStages(jenkins))).to.deep.equal(stages);
    expect(stages.filter(({ isGated }) => isGated).map(({ stage }) => stage)).to.deep.equal(["production deploy"]);
  });

  it("notice a stage, a command, an approval or an order that only one of them has", () => {
    const table = tableOf(githubStages(github));
    const broken = [
      jenkins.replace("        sh 'npm run mutants'\n", ""),
      jenkins.replace("crash -- --kills 60", "crash -- --kills 6"),
      jenkins.replace(/ {10}input \{[^}]*\}\n/, ""),
      jenkins.replace("stage('lint')", "stage('style')"),
      jenkins.replace(/( +sh 'npm run suite -- unit'\n)( +sh 'npm run coverage'\n)/, "$2$1"),
    ];

    for (const text of broken) {
      expect(text).not.to.equal(jenkins);
      expect(tableOf(jenkinsStages(text))).not.to.deep.equal(table);
    }
  });

  for (const [name, [situation, released]] of Object.entries(SITUATIONS)) {
    it(`go as far for ${name}`, () => {
      expect(namesOf(githubRuns(github, situation))).to.deep.equal([...CHECKS, ...released]);
      expect(namesOf(jenkinsRuns(jenkins, situation))).to.deep.equal([...CHECKS, ...released]);
    });
  }

  it("go no further where something before has failed", () => {
    const main = push("refs/heads/main");
    const tag = push("refs/tags/v1.2.3");

    expect(namesOf(githubRuns(github, { ...main, failing: ["ci"] }))).to.deep.equal(CHECKS);
    expect(namesOf(githubRuns(github, { ...main, failing: ["staging"] }))).not.to.include("production plan");
    expect(namesOf(githubRuns(github, { ...tag, failing: ["tagged"] }))).not.to.include("production plan");
    // Jenkins stops where a stage fails, unless somebody catches it.
    expect(jenkins).not.to.match(/catchError|warnError|returnStatus|propagate: false|\|\| true/);
    expect(Object.values(github).join("\n")).not.to.match(/continue-on-error|\|\| true/);
  });

  it("make artefacts of nothing that was not checked, and the image of those", () => {
    const { jobs } = parse(github["workflows/ci.yml"]);
    const before = Object.keys(jobs).filter((id) => !["artifacts", "image"].includes(id));

    expect(jobs.artifacts.needs).to.deep.equal(before);
    expect(jobs.image.needs).to.deep.equal(["artifacts"]);
  });

  it("take back only what was released, and look before it and after", () => {
    const { deploy } = parse(github["workflows/stack.yml"]).jobs;
    const rollback = deploy.steps.at(-1);

    const checkouts = stepsOf(parse(github["workflows/stack.yml"])).filter(({ uses }) =>
      uses?.startsWith("actions/checkout@"),
    );

    expect(deploy.needs).to.deep.equal(["plan"]);
    // A release asks git which migrations the one before knew.
    expect(checkouts.map((step) => step.with["fetch-depth"])).to.deep.equal([0, 0]);
    expect(rollback.run).to.contain("release -- rollback");
    expect(rollback.if).to.equal("failure() && steps.release.outcome == 'success'");
    expect(deploy.steps.find(({ id }) => id === "release").run).to.contain("release -- deploy");
  });

  for (const [codes, asked, ended] of [
    [[0], ["deploy"], 0],
    [[1], ["deploy"], 1],
    [[2], ["deploy"], 1],
    [[3, 0], ["deploy", "deploy --resume"], 0],
    [[3, 3], ["deploy", "deploy --resume"], 3],
  ]) {
    it(`go on once with a release that was lost, and with no other: ${codes.join(", ")}`, () => {
      const { run } = parse(github["workflows/stack.yml"]).jobs.deploy.steps.find(({ id }) => id === "release");
      const [, jenkinsRun] = /sh '''([^']*release -- deploy[^']*)'''/.exec(jenkins);
      // Stands for npm: tells what it was asked, and ends with the next of the codes.
      const npm = `codes=(${codes.join(" ")}); n=0; npm() { echo "$*"; return "\${codes[n++]}"; }`;
      const told = (script) => {
        const { status, stdout } = spawnSync("bash", ["-eo", "pipefail", "-c", `${npm}\n${script}`], {
          env: { PATH: process.env.PATH, STACK: "aws-dev", JOURNAL: "s3://journal", APPROVER: "" },
          encoding: "utf8",
        });
        const lines = stdout.trim().split("\n");
        return [
          lines.map((line) => /^run release -- (.*) --stack aws-dev --artifacts artifacts/.exec(line)?.[1]),
          status,
        ];
      };

      expect(told(run)).to.deep.equal([asked, ended]);
      expect(told(jenkinsRun)).to.deep.equal([asked, ended]);
    });
  }

  it("look for drift every night at each stack, and try a restore every month", async () => {
    const drift = parse(github["workflows/drift.yml"]);
    const drill = parse(github["workflows/restore-drill.yml"]);
    const scheduled = async (file) => /cron\('(.*)'\)/.exec(await textOf(file))[1];

    expect(drift.on.schedule).to.deep.equal([{ cron: await scheduled("Jenkinsfile.drift") }]);
    expect(drift.jobs.drift.strategy.matrix.environment).to.deep.equal(["dev", "staging", "production"]);
    // One that waits for a reviewer would not have looked by morning.
    expect(drift.jobs.drift.environment).to.equal(`drift-${expression("matrix.environment")}`);
    expect(drill.on.schedule).to.deep.equal([{ cron: await scheduled("Jenkinsfile.restore-drill") }]);
    expect(shellsOf(await textOf("Jenkinsfile.drift"))).to.deep.equal(shellsOf(github["workflows/drift.yml"]));
    expect(shellsOf(await textOf("Jenkinsfile.restore-drill"))).to.deep.equal(
      shellsOf(github["workflows/restore-drill.yml"]),
    );
  });

  it("call targets that there are", async () => {
    const { scripts } = JSON.parse(await textOf("package.json"));
    const texts = [...Object.values(github), ...(await Promise.all(JENKINS.map(textOf)))];
    const called = new Set(
      texts.flatMap((text) => [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, target]) => target)),
    );

    expect([...called].filter((target) => !(target in scripts))).to.deep.equal([]);
    expect(called).to.include.keys("coverage", "plan:diff", "cost", "audit", "image", "build:artifacts", "release");
  });

  it("run the Pulumi that the program was written for", async () => {
    const { packages } = JSON.parse(await textOf("package-lock.json"));
    const [, version] = /pulumi-version: (\S+)/.exec(github["actions/cloud/action.yml"]);

    expect(version).to.equal(packages["node_modules/@pulumi/pulumi"].version);
  });

  it("stand in docs/pipelines.md", async () => {
    const document = await textOf("docs/pipelines.md");
    const rows = [...document.matchAll(/^\| +(\S.*?) +\| +(.*?) +\|/gm)].map(([, stage, commands]) => [
      stage,
      commands,
    ]);

    for (const stage of githubStages(github)) expect(rows).to.deep.include(rowOf(stage));
  });
});

const shellsOf = (text) => [...text.matchAll(/npm run [^'\n]*/g)].map(([line]) => line.trim());

describe("Workflows", () => {
  let github;
  before(async () => (github = await readGithub()));

  it("are valid, pinned, and may no more than they need", () => {
    for (const [file, text] of Object.entries(github)) expect(objectionsTo(file, text), file).to.deep.equal([]);
    expect(Object.keys(github)).to.have.length(7);
  });

  const CHECKOUT = "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2";
  for (const [what, file, [from, to], objection] of [
    ["a tag", "ci", [CHECKOUT, "actions/checkout@v6"], "not pinned: actions/checkout@v6"],
    ["a branch", "ci", [CHECKOUT, "actions/checkout@main"], "not pinned"],
    ["a pin without its version", "ci", [CHECKOUT, CHECKOUT.slice(0, -9)], "does not say its version"],
    ["no time limit", "ci", ["    timeout-minutes: 20\n", ""], "lint may run for ever"],
    [
      "no permissions of a job",
      "ci",
      ["    permissions:\n      contents: read\n", ""],
      "lint does not say what it may",
    ],
    ["permissions of all jobs", "ci", ["permissions: {}", "permissions: write-all"], "permissions of its own"],
    ["a right too many", "ci", ["contents: read", "contents: write"], "lint may write contents"],
    ["what strangers wrote", "ci", ["  pull_request:", "  pull_request_target:"], "pull_request_target"],
    [
      "a token left behind",
      "ci",
      ["persist-credentials: false", "persist-credentials: true"],
      "leaves its token behind",
    ],
    ["an input in a shell", "stack", ["$STACK", expression("inputs.cloud")], "put into a shell"],
    [
      "a secret told",
      "stack",
      ["run: npm run smoke", "run: echo $PUNCTUAL_SMOKE_TOKEN && npm run smoke"],
      "prints PUNCTUAL",
    ],
    [
      "a shell that tells all",
      "stack",
      ["run: npm run smoke", "run: set -x && npm run smoke"],
      "prints its environment",
    ],
    ["keys that last", "actions/cloud", ["role-to-assume:", "aws-access-key-id:"], "is given aws-access-key-id"],
    [
      "a release that is stopped",
      "stack",
      ["cancel-in-progress: false", "cancel-in-progress: true"],
      "stopped halfway",
    ],
    [
      "two releases at once",
      "stack",
      ["group: stack-", `group: run-${expression("github.run_id")}-`],
      "beside another",
    ],
    [
      "a release without a gate",
      "stack",
      [/(timeout-minutes: 110\n) +environment: .*\n/, "$1"],
      "is in no environment",
    ],
    ["an unknown key", "ci", ["timeout-minutes", "timeout-minuets"], 'unexpected key "timeout-minuets"'],
    ["a need of nobody", "ci", ["needs: [artifacts]", "needs: [artefacts]"], "which does not exist"],
    ["a context that is not", "stack", ["steps.release.outcome", "steps.deployed.outcome"], 'property "deployed"'],
    ["a wrong expression", "deploy", ["!cancelled() &&", "!cancelled() and"], "line"],
  ]) {
    it(`are refused with ${what}`, () => {
      const path = file.includes("/") ? `${file}/action.yml` : `workflows/${file}.yml`;
      const text = github[path].replace(from, to);

      expect(text).not.to.equal(github[path]);
      expect(objectionsTo(path, text).join("\n")).to.contain(objection);
    });
  }

  const { error, status } = spawnSync("actionlint", ["-version"]);
  const installed = error === undefined && status === 0;
  (installed ? it : it.skip)(
    `please the actionlint of this machine${installed ? "" : " (skipped: there is no actionlint on PATH)"}`,
    async () => {
      await promisify(execFile)("actionlint", [], { cwd: root });
    },
  );
});
