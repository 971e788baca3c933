import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { Graph } from "@punctual/stack-testkit";
import { expect } from "chai";
import { AWS } from "../src/aws/index.js";
import { estimate, linesOf } from "../src/estimate.js";
import { GCP } from "../src/gcp/index.js";
import { AWS_PRICES, GCP_PRICES } from "../src/prices.js";
import { changesIn, jsonOf, reportOn, textOf, toKeep } from "../src/report.js";
import { planned, ROUND } from "./support/example.js";

const nat = planned("aws:ec2/natGateway:NatGateway", "nat");
const dashboard = (name: string) => planned("aws:cloudwatch/dashboard:Dashboard", name);

describe("An estimate", () => {
  it("adds up what everything costs, what costs most first", () => {
    const made = estimate(new Graph([dashboard("a"), dashboard("b"), nat]), ROUND, AWS_PRICES);

    expect(linesOf(made).map(([line, usd]) => [line, usd.toFixed(2)])).to.deep.equal([
      ["way out", "34.20"],
      ["dashboards", "6.00"],
    ]);
    expect(made.total).to.be.closeTo(40.2, 0.001);
  });

  it("fails for types that it does not know, with their names", () => {
    const graph = new Graph([
      nat,
      planned("aws:redshift/cluster:Cluster", "warehouse"),
      planned("aws:redshift/cluster:Cluster", "other"),
      planned("aws:neptune/cluster:Cluster", "relations"),
    ]);

    expect(() => estimate(graph, ROUND, AWS_PRICES)).to.throw(
      RangeError,
      "Nobody knows what these cost:\n  - aws:neptune/cluster:Cluster: relations\n  - aws:redshift/cluster:Cluster: other and 1 more",
    );
  });

  it("fails for a class that the price book does not have", () => {
    const big = planned("aws:rds/instance:Instance", "big", { instanceClass: "db.x2g.large", allocatedStorage: 20 });

    expect(() => estimate(new Graph([big]), ROUND, AWS_PRICES)).to.throw(RangeError, "no price of db.x2g.large");
  });

  it("fails where what it needs is not known", () => {
    const vague = planned("aws:rds/instance:Instance", "vague", { instanceClass: "db.t4g.micro" });

    expect(() => estimate(new Graph([vague]), ROUND, AWS_PRICES)).to.throw(TypeError, "vague");
  });

  it("takes components, and what Pulumi makes for itself, for nothing", () => {
    const component = { ...planned("punctual:aws:Platform", "platform"), custom: false };
    const provider = planned("pulumi:providers:aws", "aws");

    expect(estimate(new Graph([component, provider]), ROUND, AWS_PRICES).total).to.equal(0);
  });

  it("takes off what is free for an account where nothing else is in it", () => {
    const graph = new Graph(["a", "b", "c", "d"].map(dashboard));

    expect(estimate(graph, ROUND, AWS_PRICES).total).to.equal(12);
    expect(estimate(graph, { ...ROUND, alone: true }, AWS_PRICES).total).to.equal(3);
  });

  it("takes off what is free for each project, and no more than there is", () => {
    const probe = planned("gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig", "probe", { period: "60s" });

    expect(estimate(new Graph([probe]), ROUND, GCP_PRICES).total).to.equal(0);
  });
});

describe("A report on costs", () => {
  const made = [reportOn("aws-dev", new Graph([nat, dashboard("a")])), reportOn("gcp-dev", new Graph([]))];

  it("ends with how many are outside their band", () => {
    const lines = textOf(made).split("\n");

    expect(lines[0]).to.equal("aws-dev, USD a month");
    expect(lines).to.include("  way out                   33.12");
    expect(lines).to.include("  OUTSIDE 50 to 100");
    expect(lines.find((line) => line.includes("deliveries 50,000"))).to.contain("api requests 100,000");
    expect(lines.at(-1)).to.equal("2 stacks, 2 outside their band");
  });

  it("says for machines what each thing costs", () => {
    const { "aws-dev": dev } = JSON.parse(jsonOf(made)) as Record<string, { items: unknown[]; within: boolean }>;

    expect(dev?.within).to.be.false;
    expect(dev?.items).to.deep.include({
      line: "dashboards",
      meter: "dashboard",
      quantity: 1,
      resource: "a",
      type: "aws:cloudwatch/dashboard:Dashboard",
      usd: 3,
    });
  });

  it("knows no stacks but those that have prices", () => {
    expect(() => reportOn("azure-dev", new Graph([]))).to.throw(RangeError, "azure-dev");
  });

  it("tells what has changed since it was checked in, line by line", () => {
    const checked = toKeep(made);
    expect(changesIn(made, checked)).to.be.empty;

    const now = [reportOn("aws-dev", new Graph([nat])), reportOn("aws-staging", new Graph([]))];
    expect(changesIn(now, checked)).to.deep.equal([
      "aws-dev: dashboards 3.00 -> 0.00 (-3.00)",
      "aws-dev: total 36.12 -> 33.12 (-3.00)",
      "aws-staging has no estimate that was checked in",
    ]);
  });
});

describe("What is known of types", () => {
  for (const [cloud, { rules, free }] of Object.entries({ aws: AWS, gcp: GCP })) {
    it(`says of each type of ${cloud} one thing`, () => {
      const types = [...Object.keys(rules), ...free];

      expect(types.filter((type, index) => types.indexOf(type) !== index)).to.be.empty;
    });

    it(`misspells none of ${cloud}`, () => {
      expect([...Object.keys(rules), ...free].filter((type) => !isOfSdk(type)).join()).to.equal("");
    });
  }
});

/** Whether the provider's SDK has such a class; to ask the file costs less than to load them all. */
function isOfSdk(type: string): boolean {
  const [, provider = "", path = ""] = /^(\w+):([\w/]+):\w+$/.exec(type) ?? [];
  const root = dirname(createRequire(import.meta.url).resolve(`@pulumi/${provider}/package.json`));
  const folder = join(root, dirname(path.replace(/^index\//, "")));
  // Types say `iAMMember`, and files `iammember`.
  const named = `${basename(path)}.js`.toLowerCase();
  const file = readdirSync(folder).find((one) => one.toLowerCase() === named);
  return file !== undefined && readFileSync(join(folder, file), "utf8").includes(`'${type}'`);
}
