import { expect } from "chai";
import { ConfigError, configOf, type Declared } from "../../src/planner/config.js";

const about = { project: "shop", stack: "dev" };

function refusal(declared: Readonly<Record<string, Declared>>, set: object): string {
  try {
    configOf(about, declared, { ...set });
    return "nothing";
  } catch (error) {
    expect(error).to.be.instanceOf(ConfigError);
    return String(error);
  }
}

describe("A stack's configuration, as the CLI reads it", () => {
  it("joins what the project says with what the stack sets, all as texts", () => {
    const declared: Record<string, Declared> = {
      colour: { type: "string", default: "red" },
      boxes: { type: "integer", default: 3 },
      open: { type: "boolean", default: false },
      shelves: { type: "array", items: { type: "string" }, default: [] },
      owner: { default: "platform" },
      "test:region": { value: "here" },
      "test:zone": {},
    };

    const { values, secrets } = configOf(about, declared, {
      "shop:colour": "blue",
      "shop:shelves": ["a", "b"],
      "shop:door": { width: 2, handle: { side: "left" } },
      "pulumi:disable-default-providers": ["*"],
    });

    expect(values).to.deep.equal({
      "shop:colour": "blue",
      "shop:boxes": "3",
      "shop:open": "false",
      "shop:shelves": '["a","b"]',
      "shop:owner": "platform",
      "test:region": "here",
      "shop:door": '{"width":2,"handle":{"side":"left"}}',
      "pulumi:disable-default-providers": '["*"]',
    });
    expect(secrets).to.deep.equal([]);
  });

  it("puts a text in the place of what is sealed, and keeps it a secret, deep inside, too", () => {
    const { values, secrets } = configOf(
      about,
      { code: { type: "string", secret: true } },
      { "shop:code": { secure: "v1:abc" }, "shop:door": { key: { secure: "v1:def" }, width: 2 }, "shop:colour": "red" },
    );

    expect(values).to.deep.equal({
      "shop:code": "secret",
      "shop:door": '{"key":"secret","width":2}',
      "shop:colour": "red",
    });
    expect(secrets).to.deep.equal(["shop:code", "shop:door"]);
  });

  it("refuses a stack that lacks what has no default", () => {
    const declared = { colour: { type: "string" }, boxes: { type: "integer" }, owner: {} };

    expect(refusal(declared, { "shop:colour": "red", "shop:owner": "me" })).to.contain(
      "Stack 'dev' is missing configuration value 'boxes'",
    );
    expect(refusal(declared, {})).to.contain(
      "Stack 'dev' is missing configuration values 'boxes', 'colour' and 'owner'",
    );
  });

  it("refuses what is of another type than the project says", () => {
    const wrong: readonly (readonly [Declared, unknown, string])[] = [
      [{ type: "integer" }, "many", "integer"],
      [{ type: "integer" }, 1.5, "integer"],
      [{ type: "boolean" }, "yes", "boolean"],
      [{ type: "string" }, ["a"], "string"],
      [{ type: "object" }, ["a"], "object"],
      [{ type: "object" }, "a", "object"],
      [{ type: "array", items: { type: "string" } }, "a", "array<string>"],
      [{ type: "array", items: { type: "integer" } }, [1, "b"], "array<integer>"],
    ];

    for (const [declared, value, type] of wrong) {
      expect(refusal({ colour: declared }, { "shop:colour": value })).to.contain(
        `Stack 'dev' with configuration key 'colour' must be of type '${type}'`,
      );
    }
    expect(refusal({ colour: { type: "integer" } }, { "shop:colour": "3" })).to.equal("nothing");
    expect(refusal({ colour: { type: "boolean" } }, { "shop:colour": "true" })).to.equal("nothing");
  });

  it("refuses a secret in clear, be it a default", () => {
    const said = "Stack 'dev' with configuration key 'code' must be encrypted as it's secret";

    expect(refusal({ code: { type: "string", secret: true } }, { "shop:code": "abc" })).to.contain(said);
    expect(refusal({ code: { type: "string", secret: true, default: "" } }, {})).to.contain(said);
  });
});
