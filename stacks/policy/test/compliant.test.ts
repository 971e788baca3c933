import { type Planned, UNKNOWN } from "@punctual/stack-testkit";
import { expect } from "chai";
import { violationsIn } from "../src/check.js";
import { awsPlan } from "./support/aws-plan.js";
import { gcpPlan } from "./support/gcp-plan.js";

const PLANS = { aws: awsPlan, gcp: gcpPlan };

for (const [cloud, planOf] of Object.entries(PLANS)) {
  describe(`A plan that complies, on ${cloud}`, () => {
    for (const environment of ["dev", "staging", "production"]) {
      it(`breaks no rule in ${environment}`, () => {
        expect(violationsIn(planOf(environment), { cloud, environment })).to.deep.equal([]);
      });
    }

    it("breaks none where something is not known yet, whatever it is", () => {
      const graph = planOf("production");
      const broken = graph.resources.flatMap((one) =>
        pathsIn(one).flatMap((path) =>
          violationsIn(
            graph.with(one.urn, ({ inputs }) => ({ inputs: unknownAt(inputs, path) as Planned["inputs"] })),
            { cloud, environment: "production" },
          ).map(({ rule, urn, message }) => `${rule}: ${urn} ${message}, without ${one.name} ${path.join(".")}`),
        ),
      );

      expect(broken).to.deep.equal([]);
    });
  });
}

/** Each input, and what is in it. */
function pathsIn({ inputs }: Planned): readonly (readonly string[])[] {
  const within = (value: unknown, path: readonly string[]): readonly (readonly string[])[] =>
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([step, part]) => [[...path, step], ...within(part, [...path, step])])
      : [];
  return within(inputs, []);
}

function unknownAt(value: unknown, [step, ...more]: readonly string[]): unknown {
  if (step === undefined) return UNKNOWN;
  if (Array.isArray(value)) {
    return value.map((part: unknown, index) => (String(index) === step ? unknownAt(part, more) : part));
  }
  const fields = value as Readonly<Record<string, unknown>>;
  return { ...fields, [step]: unknownAt(fields[step], more) };
}
