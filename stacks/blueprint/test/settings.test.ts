import { expect } from "chai";
import { parseStackName, type Raw, readSettings } from "../src/settings.js";

const TOKENS = { kind: "secret", issuer: "https://accounts.example.com/", audience: "punctual" };
const GOOD: Raw = { environment: "dev", tokens: TOKENS, alertEmail: "alerts@example.com" };

const dev = { cloud: "aws", environment: "dev" };
const production = { cloud: "aws", environment: "production" };
const inProduction: Raw = { ...GOOD, environment: "production" };

describe("A stack's name", () => {
  it("says the cloud and the environment", () => {
    expect(parseStackName("gcp-staging", ["aws", "gcp"]).ok).to.deep.equal({ cloud: "gcp", environment: "staging" });
  });

  for (const name of ["", "aws", "aws-", "azure-dev", "aws-prod", "aws-dev-2", "dev-aws", "AWS-dev"]) {
    it(`is not ${JSON.stringify(name)}`, () => {
      expect(parseStackName(name, ["aws", "gcp"]).wrong).to.deep.equal([
        `a stack is called <aws|gcp>-<dev|staging|production>, and this one ${name}`,
      ]);
    });
  }
});

describe("Settings", () => {
  it("need little, and have the shape that the runtime is made for", () => {
    expect(readSettings(GOOD, dev).ok?.shape).to.deep.equal({ runtime: "serverless", scheduler: "two-stage" });
    expect(readSettings({ ...GOOD, runtime: "containers" }, dev).ok?.shape.scheduler).to.equal("long-running");
  });

  it("take an empty text for what was not said", () => {
    const settings = readSettings({ ...GOOD, domain: "", zone: "", scheduler: "", pagerUrl: "" }, dev).ok;

    expect(settings).to.include({ domain: undefined, zone: undefined, pagerUrl: undefined });
  });

  const refused: readonly (readonly [string, Raw, typeof dev, readonly string[]])[] = [
    [
      "a name and an environment that disagree",
      GOOD,
      production,
      ["environment is dev, and the stack is one of production"],
    ],
    [
      "everybody's pages outside dev",
      { ...inProduction, corsOrigins: ["*"] },
      production,
      ["corsOrigins may be * in dev alone"],
    ],
    [
      "everybody's pages and some besides",
      { ...GOOD, corsOrigins: ["*", "https://a.example.com"] },
      dev,
      ["corsOrigins is * and names besides"],
    ],
    [
      "a name without a zone",
      { ...GOOD, domain: "punctual.example.com" },
      dev,
      ["domain is punctual.example.com, and zone does not say where its records go"],
    ],
    ["what is no name", { ...GOOD, domain: "https://x", zone: "x" }, dev, ["domain: must be a DNS name"]],
    [
      "a shape that the runtime cannot have",
      { ...GOOD, scheduler: "long-running" },
      dev,
      ["scheduler is long-running, and runtime serverless can be two-stage or single-stage"],
    ],
    [
      "containers with a queue between",
      { ...GOOD, runtime: "containers", scheduler: "two-stage" },
      dev,
      ["scheduler is two-stage, and runtime containers can be long-running"],
    ],
    [
      "keys of nobody",
      { ...GOOD, tokens: { ...TOKENS, kind: "jwks" } },
      dev,
      ["tokens.jwksUrl is needed where tokens.kind is jwks"],
    ],
    ["slips", { ...GOOD, domian: "x" }, dev, ["domian is no setting"]],
    ["slips within", { ...GOOD, tokens: { ...TOKENS, issuers: "x" } }, dev, ["tokens.issuers is no setting"]],
    ["a pager in clear", { ...GOOD, pagerUrl: "http://pager.example.com" }, dev, ["pagerUrl: Invalid URL"]],
  ];
  for (const [what, raw, stack, wrong] of refused) {
    it(`refuse ${what}`, () => {
      expect(readSettings(raw, stack).wrong).to.deep.equal(wrong);
    });
  }

  it("allow everybody's pages in dev", () => {
    expect(readSettings({ ...GOOD, corsOrigins: ["*"] }, dev).wrong).to.be.undefined;
  });

  it("tell all that is wrong at once", () => {
    const raw = {
      ...GOOD,
      environment: "staging",
      corsOrigins: ["*"],
      domain: "a.example.com",
      scheduler: "long-running",
    };

    expect(readSettings(raw, production).wrong).to.have.length(4);
  });
});
