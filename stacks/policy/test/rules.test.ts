import { Graph } from "@punctual/stack-testkit";
import { expect } from "chai";
import { violationsIn } from "../src/check.js";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { ELSEWHERE, NUMBERS, OF_ONE_CLOUD } from "../src/elsewhere.js";
import { CLOUD_NAMES } from "../src/rule.js";
import { RULES } from "../src/rules.js";
import { policyTable } from "../src/table.js";
import { mutantsOf } from "../src/testing/index.js";
import { awsPlan } from "./support/aws-plan.js";
import { gcpPlan } from "./support/gcp-plan.js";

const PLANS = { aws: awsPlan, gcp: gcpPlan };

describe("The rules", () => {
  it("are each called something else", () => {
    const ids = RULES.map(({ id }) => id);

    expect([...new Set(ids)]).to.deep.equal(ids);
    expect(ids.filter((id) => !/^[a-z][a-z\d-]+$/.test(id))).to.deep.equal([]);
  });

  it("hold, with what is held elsewhere, everything of the catalogue and nothing else", () => {
    const held = new Set([...RULES, ...ELSEWHERE].map(({ number }) => number));

    expect([...held].toSorted((a, b) => a - b)).to.deep.equal(Array.from({ length: NUMBERS }, (_, index) => index + 1));
  });

  it("hold it on both clouds, but for what one of them does not have", () => {
    for (const cloud of CLOUD_NAMES) {
      const mine = [...RULES.filter(({ clouds }) => clouds.includes(cloud)), ...ELSEWHERE].map(({ number }) => number);
      const others = CLOUD_NAMES.filter((one) => one !== cloud).flatMap((one) => OF_ONE_CLOUD[one]);

      expect([...new Set([...mine, ...others])], cloud).to.have.length(NUMBERS);
      expect(
        others.filter((number) => mine.includes(number)),
        cloud,
      ).to.deep.equal([]);
    }
  });

  it("leave to others what these hold: each names where, or says why it does not apply", () => {
    const stacks = resolve(import.meta.dirname, "../../..");
    const gone = ELSEWHERE.flatMap(({ files }) => files).filter((file) => !existsSync(resolve(stacks, file)));

    expect(gone).to.deep.equal([]);
    for (const { files, where, says } of ELSEWHERE)
      expect(where.startsWith("does not apply: "), says).to.equal(files.length === 0);
  });

  it("of one resource need no other: they find the same in each of them alone", () => {
    const alone = RULES.filter(({ sees }) => sees === "one");
    for (const cloud of CLOUD_NAMES) {
      const stack = { cloud, environment: "production" };
      for (const { says, graph } of mutantsOf(PLANS[cloud](), cloud)) {
        const together = violationsIn(graph, stack, alone);
        const apart = graph.resources.flatMap((one) => violationsIn(new Graph([one]), stack, alone));

        expect(apart, says).to.have.deep.members(together);
      }
    }
  });

  it("that rest on more than one resource say so: alone, each of them finds less or more", () => {
    const wide = RULES.filter(({ sees }) => sees === "all");
    const needless = wide.filter((rule) =>
      rule.clouds.every((cloud) => {
        const stack = { cloud, environment: "production" };
        const plans = [PLANS[cloud](), ...mutantsOf(PLANS[cloud](), cloud).map(({ graph }) => graph)];
        return plans.every(
          (graph) =>
            violationsIn(graph, stack, [rule]).length ===
            graph.resources.flatMap((one) => violationsIn(new Graph([one]), stack, [rule])).length,
        );
      }),
    );

    expect(needless.map(({ id }) => id)).to.deep.equal([]);
  });

  it("ask no cloud but their own", () => {
    for (const cloud of CLOUD_NAMES) {
      const other = CLOUD_NAMES.find((one) => one !== cloud) ?? cloud;
      const own = RULES.filter(({ clouds }) => !clouds.includes(other)).map(({ id }) => id);
      const mutants = mutantsOf(PLANS[cloud](), cloud).filter(({ rule }) => own.includes(rule));
      const found = mutants.flatMap(({ graph }) => violationsIn(graph, { cloud: other, environment: "production" }));

      expect(mutants).to.have.length.above(0);
      expect(found.filter(({ rule }) => own.includes(rule))).to.deep.equal([]);
    }
  });
});

describe("What rules ask in dev", () => {
  const dev = { cloud: "aws", environment: "dev" };
  const findings = (id: string, change: (graph: Graph) => Graph) => ({
    dev: violationsIn(change(awsPlan("dev")), dev).some(({ rule }) => rule === id),
    production: violationsIn(change(awsPlan()), { cloud: "aws", environment: "production" }).some(
      ({ rule }) => rule === id,
    ),
  });
  const less = { dev: false, production: true };
  const changed = (type: string, inputs: Readonly<Record<string, unknown>>) => (graph: Graph) => {
    const [one] = graph.all(type);
    if (one === undefined) throw new RangeError(`There is no ${type}`);
    return graph.with(one.urn, () => ({ inputs: { ...one.inputs, ...inputs } }));
  };

  it("is no standby, and no last copy", () => {
    const alone = changed("aws:rds/instance:Instance", {
      multiAz: false,
      deletionProtection: false,
      skipFinalSnapshot: true,
    });

    expect(findings("aws-backups", alone)).to.deep.equal(less);
  });

  it("is no key of our own", () => {
    expect(findings("own-keys", changed("aws:sqs/queue:Queue", { kmsMasterKeyId: undefined }))).to.deep.equal(less);
  });

  it("is no protection, no firewall, no release by degrees, and any origin", () => {
    const unprotected = (graph: Graph) =>
      graph.with(graph.one("aws:rds/instance:Instance").urn, () => ({ protect: false }));
    const open = changed("aws:cloudfront/distribution:Distribution", { webAclId: undefined });
    const hasty = changed("aws:codedeploy/deploymentGroup:DeploymentGroup", {
      deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce",
    });
    const anyOrigin = changed("aws:lambda/function:Function", {
      environment: { variables: { PUNCTUAL_CORS_ORIGINS: "*" } },
    });

    expect(findings("protected", unprotected)).to.deep.equal(less);
    expect(findings("aws-firewall", open)).to.deep.equal(less);
    expect(findings("aws-rollback", hasty)).to.deep.equal(less);
    expect(findings("origins-named", anyOrigin)).to.deep.equal(less);
  });

  it("is what was refused of the network, not all of it", () => {
    expect(findings("aws-flow-logs", changed("aws:ec2/flowLog:FlowLog", { trafficType: "REJECT" }))).to.deep.equal(
      less,
    );
  });
});

describe("What rules ask of an environment that nobody knows", () => {
  it("is what they ask in production", () => {
    const asked = (environment: string) => violationsIn(awsPlan("dev"), { cloud: "aws", environment });

    expect(asked("review")).to.deep.equal(asked("production"));
    expect(asked("review")).to.have.length.above(0);
  });
});

describe("The table of policies", () => {
  it("has a row for every rule, and for what is held elsewhere", () => {
    const table = policyTable();

    expect(table.split("\n")).to.have.length(2 + RULES.length + ELSEWHERE.length);
    for (const { id } of RULES) expect(table).to.contain(`\`${id}\``);
  });
});
