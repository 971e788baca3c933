import { expect } from "chai";
import { plainBindings } from "../src/bindings.js";
import { blueprintOf } from "../src/blueprint.js";
import { ENVIRONMENTS, DEFAULTS } from "../src/environments.js";
import { namesOf } from "../src/names.js";
import { OBJECTIVES, objectivesOf } from "../src/objectives.js";
import { type Raw, readSettings, type Settings } from "../src/settings.js";

const tokens = { kind: "secret", issuer: "https://accounts.example.com/", audience: "punctual" };

function settingsOf(raw: Raw = {}): Settings {
  const read = readSettings(
    { environment: "dev", tokens, alertEmail: "alerts@example.com", ...raw },
    { cloud: "aws", environment: "dev" },
  );
  if (read.ok === undefined) throw new Error(read.wrong.join());
  return read.ok;
}

const blueprint = (raw?: Raw) => blueprintOf("punctual", "aws", settingsOf(raw));
const namesIn = (raw?: Raw) => blueprint(raw).workloads.map(({ name }) => name);

describe("The blueprint", () => {
  it("has what each shape runs", () => {
    expect(namesIn()).to.have.members([
      "api",
      "authorizer",
      "scheduler",
      "worker",
      "dead-letters",
      "migrate",
      "health",
    ]);
    expect(namesIn({ scheduler: "single-stage" })).to.have.members(["api", "authorizer", "scheduler", "migrate"]);
    expect(namesIn({ runtime: "containers" })).to.have.members(["api", "worker", "migrate"]);
  });

  it("has queues where one stage hands over to another", () => {
    expect(blueprint().queues.map(({ name }) => name)).to.deep.equal(["events", "dead-letters", "unreadable"]);
    expect(blueprint({ scheduler: "single-stage" }).queues).to.be.empty;
    expect(blueprint({ runtime: "containers" }).queues).to.be.empty;
  });

  it("lets every message that is published be consumed, and every queue be published to", () => {
    const { workloads, queues } = blueprint();
    const needing = (kind: "publish" | "consume") =>
      new Set(workloads.flatMap(({ needs }) => needs.flatMap((need) => (need.kind === kind ? [need.queue] : []))));

    expect([...needing("publish")]).to.have.members(queues.map(({ name }) => name));
    // What nobody can read waits for a person.
    expect([...needing("consume")]).to.have.members(["events", "dead-letters"]);
  });

  it("gives what tokens are signed with to those who check them, and to nobody where keys are published", () => {
    const checking = (raw: Raw) =>
      blueprint(raw)
        .workloads.filter(({ needs }) => needs.some((need) => need.kind === "secret" && need.secret === "auth"))
        .map(({ name }) => name);

    expect(checking({})).to.deep.equal(["api", "authorizer"]);
    expect(checking({ tokens: { ...tokens, kind: "jwks", jwksUrl: "https://a.example.com/keys" } })).to.be.empty;
  });

  it("has what the settings say, in place of what the environment is given", () => {
    const { defaults } = blueprint({ monthlyBudgetUsd: 70, logDays: 30 });

    expect(defaults).to.deep.equal({ ...DEFAULTS.dev, budgetUsd: 70, logs: { level: "debug", days: 30 } });
  });

  it("marks what it makes", () => {
    expect(blueprint().tags).to.include({
      project: "punctual",
      environment: "dev",
      cloud: "aws",
      "managed-by": "pulumi",
    });
  });
});

describe("Bindings that are known beforehand", () => {
  const bindings = (name: string, raw?: Raw) => {
    const workload = blueprint(raw).workloads.find((one) => one.name === name);
    if (workload === undefined) throw new Error(`${name} does not run`);
    return plainBindings(workload, settingsOf(raw));
  };

  it("say to whoever answers whose tokens are believed, and to nobody else", () => {
    expect(bindings("authorizer")).to.deep.equal({
      PUNCTUAL_LOG_LEVEL: "debug",
      PUNCTUAL_AUTH: "secret",
      PUNCTUAL_AUTH_ISSUER: "https://accounts.example.com/",
      PUNCTUAL_AUTH_AUDIENCE: "punctual",
    });
    expect(bindings("migrate")).to.deep.equal({ PUNCTUAL_LOG_LEVEL: "debug" });
  });

  it("say to whoever calls receivers what may be called, and where they answer", () => {
    const raw = { allow: ["10.1.2.3", "inside.example.com"], domain: "punctual.example.com", zone: "example.com" };

    expect(bindings("worker", raw)).to.include({
      PUNCTUAL_ALLOW: "10.1.2.3,inside.example.com",
      PUNCTUAL_PUBLIC_URL: "https://punctual.example.com",
    });
    expect(bindings("scheduler", raw)).not.to.have.property("PUNCTUAL_ALLOW");
  });

  it("say whose pages may ask: those that are named, everybody's, or nobody's", () => {
    const origins = (corsOrigins: readonly string[]) => bindings("api", { corsOrigins })["PUNCTUAL_CORS_ORIGINS"];

    expect(origins(["https://a.example.com", "https://b.example.com"])).to.equal(
      "https://a.example.com,https://b.example.com",
    );
    expect(origins(["*"])).to.equal("*");
    expect(origins([])).to.be.undefined;
  });
});

describe("Objectives", () => {
  it("are each said once, with a threshold", () => {
    expect(new Set(OBJECTIVES.map(({ id }) => id)).size).to.equal(OBJECTIVES.length);
  });

  it("let a tick be late by its minute, as where none lingers", () => {
    const [heartbeat, oldest] = (["heartbeat", "oldest-due"] as const).map((id) =>
      OBJECTIVES.find((one) => one.id === id),
    );

    expect(heartbeat?.minutes).to.be.at.least(2);
    expect(oldest?.above).to.be.at.least(2 * 60);
  });

  it("leave out what cannot happen", () => {
    const ids = (raw: Raw, named: boolean) => objectivesOf(settingsOf(raw).shape, { named }).map(({ id }) => id);

    expect(ids({}, true)).to.have.length(OBJECTIVES.length);
    expect(ids({}, false)).not.to.include("certificate");
    expect(ids({ scheduler: "single-stage" }, true)).not.to.include.members(["queue-age"]);
    expect(ids({ runtime: "containers" }, true))
      .to.include("oldest-due")
      .and.not.include("throttles");
  });
});

describe("Names", () => {
  it("begin with the project and the environment, and are refused rather than cut", () => {
    expect(namesOf("punctual", "dev").of("worker")).to.equal("punctual-dev-worker");
    expect(() => namesOf("punctual", "production").of("a-part-with-a-long-name")).to.throw(RangeError, "may have 32");
  });
});

describe("Environments", () => {
  it("lose nothing and stay up where it matters", () => {
    for (const name of ENVIRONMENTS.filter((one) => one !== "dev")) {
      expect(DEFAULTS[name], name).to.include({ standby: true, precious: true, canary: true, firewall: true });
    }
    expect(ENVIRONMENTS.filter((name) => DEFAULTS[name].backups.days < 7)).to.be.empty;
  });
});
