import type * as aws from "@pulumi/aws";
import { expect } from "chai";
import { AwsFirewall } from "../../src/edge/firewall.js";
import { partsOf, planFor, planned, remembered } from "../support/parts.js";

const made = remembered(async (before: "an API" | "a distribution") => {
  const plan = planFor("production");
  return planned(() => {
    const key = partsOf(plan).keys.logs;
    new AwsFirewall(
      "punctual-firewall",
      before === "an API" ? { plan, before: { resource: "arn:stage" }, key } : { plan, before },
    );
  });
});

type Rule = aws.types.output.wafv2.WebAclRule;

describe("The firewall", () => {
  it("registers the same where nothing is known yet", async () => {
    const { graph, unknown } = await made("an API");

    expect(unknown.types()).to.deep.equal(graph.types());
  });

  it("stands before the API, or is named by a distribution", async () => {
    const acl = "aws:wafv2/webAcl:WebAcl";
    const association = "aws:wafv2/webAclAssociation:WebAclAssociation";
    const regional = (await made("an API")).graph;
    const global = (await made("a distribution")).graph;

    expect(regional.one(acl).inputs["scope"]).to.equal("REGIONAL");
    expect(regional.one(association).inputs["resourceArn"]).to.equal("arn:stage");
    expect(global.one(acl).inputs["scope"]).to.equal("CLOUDFRONT");
    expect(global.all(association)).to.be.empty;
  });

  it("lets in whom no rule keeps out: by how often they ask, and by what AWS knows of them", async () => {
    const { inputs } = (await made("an API")).graph.one("aws:wafv2/webAcl:WebAcl");
    const rules = inputs["rules"] as readonly Rule[];
    const managed = rules.flatMap(({ statement }) => statement.managedRuleGroupStatement?.name ?? []);

    expect(inputs["defaultAction"]).to.deep.equal({ allow: {} });
    expect(rules[0]).to.deep.include({ name: "rate", action: { block: {} } });
    expect(rules[0]?.statement.rateBasedStatement).to.deep.equal({
      aggregateKeyType: "IP",
      limit: 2_000,
      evaluationWindowSec: 300,
    });
    expect(managed).to.have.members([
      "AWSManagedRulesAmazonIpReputationList",
      "AWSManagedRulesCommonRuleSet",
      "AWSManagedRulesKnownBadInputsRuleSet",
    ]);
    expect(rules.map(({ priority }) => priority)).to.deep.equal([0, 1, 2, 3]);
  });

  it("only counts what is nothing strange in a payload or a receiver", async () => {
    const { inputs } = (await made("an API")).graph.one("aws:wafv2/webAcl:WebAcl");
    const overrides = (inputs["rules"] as readonly Rule[]).flatMap(
      ({ statement }) => statement.managedRuleGroupStatement?.ruleActionOverrides ?? [],
    );

    expect(overrides.map(({ name }) => name)).to.include.members(["SizeRestrictions_BODY", "GenericRFI_BODY"]);
    for (const { name, actionToUse } of overrides) expect(actionToUse, name).to.deep.equal({ count: {} });
  });

  it("logs what it has stopped into a group that WAF may write to, sealed where there is a key, without tokens", async () => {
    const { graph } = await made("an API");
    const logging = graph.one("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration").inputs;

    expect(graph.one("aws:cloudwatch/logGroup:LogGroup", "punctual-firewall-log").inputs).to.deep.equal({
      name: "aws-waf-logs-punctual-production-api",
      retentionInDays: 7,
      kmsKeyId: "arn:aws:kms/key:Key:key-4",
    });
    expect(logging["redactedFields"]).to.deep.include({ singleHeader: { name: "authorization" } });
    expect(logging["loggingFilter"]).to.have.property("defaultBehavior", "DROP");
    const other = (await made("a distribution")).graph.one("aws:cloudwatch/logGroup:LogGroup", "punctual-firewall-log");
    expect(other.inputs).not.to.have.property("kmsKeyId");
  });
});
