import { expect } from "chai";
import path from "node:path";
import { detailOf, Pulumi, PulumiPlatform, PulumiTraffic, type Sealed } from "../../src/pulumi/index.js";
import { type Checkout, checkout, COMMIT, outputsAt, putArtifacts, STACK } from "../support/checkout.js";

describe("PulumiPlatform", () => {
  let there: Checkout;
  let of: Sealed;
  beforeEach(async () => {
    there = await checkout();
    const { root } = there;
    of = { root, stack: STACK, planFile: `${root}/.punctual/plans/${STACK}.json`, artifacts: `${root}/artifacts` };
  });
  afterEach(async () => there.remove());

  function platformOf(command = there.pulumi): PulumiPlatform {
    const pulumi = new Pulumi({ root: there.root, stack: STACK, command });
    return new PulumiPlatform(
      {
        pulumi,
        traffic: new PulumiTraffic(pulumi, { root: there.root, stack: STACK }),
        versionOf: detailOf("revision"),
        standing: async () => {
          const shares = Object.entries(await there.shares());
          return Object.fromEntries(
            shares.map(([name, [most]]) => [name, { stable: most?.revision ?? "", percent: 0 }]),
          );
        },
      },
      of,
    );
  }
  const apiShares = async () => (await there.shares())["api"];

  it("does what it has planned, and nothing else", async () => {
    const platform = platformOf();
    await platform.plan(COMMIT);
    expect(await platform.objections(COMMIT)).to.be.empty;
    const { api, targets } = await platform.up(COMMIT);
    expect(api).to.equal("https://punctual.example.com");
    expect(targets.map(({ workload, version }) => [workload, version])).to.deep.include([
      "api",
      "punctual-staging-api-1",
    ]);
    const plan = path.join(there.root, `.punctual/plans/${STACK}.json`);
    expect((await there.calls()).filter(([name]) => name === "preview" || name === "up")).to.deep.equal([
      ["preview", "--save-plan", plan, "--non-interactive", "--stack", STACK],
      ["up", "--plan", plan, "--yes", "--non-interactive", "--json", "--stack", STACK],
    ]);
  });

  it("does a plan once: what it has made cannot be made again", async () => {
    await platformOf().plan(COMMIT);
    const first = await platformOf().up(COMMIT);
    expect(await platformOf().up(COMMIT)).to.deep.equal(first);
    expect((await there.calls()).filter(([name]) => name === "up")).to.have.length(1);
  });

  it("does a plan again that was broken off", async () => {
    await platformOf().plan(COMMIT);
    await there.put("faults.json", { up: "the network is away" });
    const failure = await platformOf()
      .up(COMMIT)
      .catch((error: unknown) => error);
    expect(failure)
      .to.have.property("message")
      .that.matches(/pulumi up of gcp-staging ended with 255\nthe network/);
    await there.put("faults.json", {});
    await platformOf().up(COMMIT);
    expect(await apiShares()).to.deep.equal([{ revision: "punctual-staging-api-1", percent: 100 }]);
  });

  it("leaves all traffic on what has it, however new what it makes is", async () => {
    await platformOf().plan(COMMIT);
    await platformOf().up(COMMIT);
    await there.put("next.json", outputsAt("2"));
    await platformOf().plan(COMMIT);
    const { targets } = await platformOf().up(COMMIT);
    expect(targets.every(({ version }) => version.endsWith("-2"))).to.equal(true);
    expect(await apiShares()).to.deep.equal([
      { revision: "punctual-staging-api-1", percent: 100 },
      { revision: "punctual-staging-api-2", percent: 0 },
    ]);
  });

  it("leaves it there from another checkout, whose settings know of no shares", async () => {
    const file = `stacks/config/Pulumi.${STACK}.yaml`;
    const committed = await there.get(file);
    await platformOf().plan(COMMIT);
    await platformOf().up(COMMIT);
    await there.put("next.json", outputsAt("2"));
    await platformOf().plan(COMMIT);
    expect(await there.get(file)).to.include("percent: 0");
    await there.put(file, committed);
    expect(await platformOf().objections(COMMIT)).to.be.empty;
    await platformOf().up(COMMIT);
    expect((await apiShares())?.[0]).to.deep.equal({ revision: "punctual-staging-api-1", percent: 100 });
  });

  describe("objects to", () => {
    const changes: readonly (readonly [string, RegExp, () => Promise<void>])[] = [
      ["another plan", /is not the one that was shown/, async () => there.put(`.punctual/plans/${STACK}.json`, "{}")],
      [
        "other settings",
        /Pulumi.gcp-staging.yaml is not what the plan was made of/,
        async () => {
          const file = `stacks/config/Pulumi.${STACK}.yaml`;
          await there.put(file, (await there.get(file)).replace("europe-west1", "europe-west4"));
        },
      ],
      [
        "other artefacts",
        /artifacts.json is not what/,
        async () => putArtifacts(async (name, content) => there.put(name, content), "another"),
      ],
      [
        "traffic that has moved since",
        /before api went to punctual-staging-api-2/,
        async () => there.put("cloud.json", { api: [{ revision: "punctual-staging-api-2", percent: 100 }] }),
      ],
    ];
    for (const [name, reason, change] of changes) {
      it(name, async () => {
        const platform = platformOf();
        await platform.plan(COMMIT);
        await platform.up(COMMIT);
        await platform.plan(COMMIT);
        await change();
        const objections = await platform.objections(COMMIT);
        expect(objections).to.have.length(1);
        expect(objections[0]).to.match(reason);
      });
    }

    it("a plan of another commit, and does not do it either", async () => {
      const platform = platformOf();
      await platform.plan("another");
      expect(await platform.objections(COMMIT)).to.have.length(1);
      const failure = await platform.up(COMMIT).catch((error: unknown) => error);
      expect(failure)
        .to.have.property("message")
        .that.matches(/the plan is of another/);
      expect((await there.calls()).filter(([name]) => name === "up")).to.be.empty;
    });

    it("no plan, and no Pulumi, both at once", async () => {
      const objections = await platformOf(`${there.root}/no-pulumi`).objections(COMMIT);
      expect(objections).to.have.length(2);
      expect(objections[0]).to.match(/There is no program .*: install Pulumi, or say with PULUMI where it is/);
      expect(objections[1]).to.match(/there is no plan of gcp-staging/);
    });
  });

  it("says how the lock of somebody who was killed is opened", async () => {
    await platformOf().plan(COMMIT);
    await there.put("faults.json", { up: "error: the stack is currently locked by 1 lock(s)." });
    const failure = await platformOf()
      .up(COMMIT)
      .catch((error: unknown) => error);
    expect(failure).to.have.property("message").that.includes("`pulumi cancel --stack gcp-staging`");
  });
});
