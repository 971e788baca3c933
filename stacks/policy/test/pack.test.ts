import messages from "@pulumi/pulumi/proto/analyzer_pb.js";
import { type Graph, type Planned, UNKNOWN } from "@punctual/stack-testkit";
import { expect } from "chai";
import { CLOUD_NAMES } from "../src/rule.js";
import { RULES } from "../src/rules.js";
import { mutantsOf } from "../src/testing/index.js";
import { awsPlan } from "./support/aws-plan.js";
import { gcpPlan } from "./support/gcp-plan.js";
import { PolicyPackProcess } from "./support/policy-pack.js";

const PLANS = { aws: awsPlan, gcp: gcpPlan };
const DATABASES = {
  aws: "aws:rds/instance:Instance",
  gcp: "gcp:sql/databaseInstance:DatabaseInstance",
};

for (const cloud of CLOUD_NAMES) {
  describe(`The policy pack of ${cloud}, as Pulumi runs it`, () => {
    const shown = RULES.filter(({ clouds, sees }) => clouds.includes(cloud) && sees !== "secrets");
    let pack: PolicyPackProcess;

    before(async () => {
      pack = await PolicyPackProcess.start(cloud);
    });
    after(() => pack.stop());

    it("says what it holds, and how strictly", async () => {
      const { name, policiesList } = await pack.info();

      expect(name).to.equal(`punctual-${cloud}`);
      expect(
        policiesList.map((one) => [one.name, one.enforcementlevel === messages.EnforcementLevel.MANDATORY]),
      ).to.deep.equal(shown.map(({ id, severity }) => [id, severity === "mandatory"]));
    });

    it("lets a stack pass that complies", async () => {
      expect(await violationsIn(PLANS[cloud]())).to.deep.equal([]);
    });

    it("lets one pass in a preview, where nothing is known that others make", async () => {
      const plan = PLANS[cloud]();
      const preview = plan.resources.reduce<Graph>(
        (graph, one) => graph.with(one.urn, () => ({ inputs: unknownsOf(one) })),
        plan,
      );

      expect(await violationsIn(preview)).to.deep.equal([]);
    });

    it("asks by the environment in the stack's name, and where there is none as in production", async () => {
      const dev = PLANS[cloud]("dev");
      const database = { ...dev.one(DATABASES[cloud]), protect: false };
      const elsewhere = { ...database, urn: database.urn.replace(`:${cloud}-dev:`, ":mine:") };

      expect(await pack.before([database], dev)).to.deep.equal([]);
      expect(await pack.before([elsewhere], dev)).to.deep.equal([`protected ${elsewhere.urn}`]);
    });

    it("finds what somebody gets wrong, each by its own policy and where it is", async () => {
      const plan = PLANS[cloud]();
      const asked = new Set<string>();
      for (const { rule, says, graph, urn } of mutantsOf(plan, cloud)) {
        const sees = shown.find(({ id }) => id === rule)?.sees;
        if (asked.has(rule) || sees === undefined) continue;
        asked.add(rule);
        // What is as it was has been asked above.
        const changed = graph.resources.filter((one) => !plan.resources.includes(one));
        const found = sees === "one" ? await pack.before(changed, graph) : await pack.after(graph);

        expect([...new Set(found)], says).to.deep.equal([`${rule} ${urn}`]);
      }
      expect([...asked]).to.have.members(shown.map(({ id }) => id));
    });

    async function violationsIn(graph: Graph): Promise<readonly string[]> {
      return [...(await pack.before(graph.resources, graph)), ...(await pack.after(graph))];
    }
  });
}

function unknownsOf({ inputs, propertyDependencies }: Planned): Planned["inputs"] {
  return Object.fromEntries(
    Object.entries(inputs).map(([input, value]) => [input, input in propertyDependencies ? UNKNOWN : value]),
  );
}
