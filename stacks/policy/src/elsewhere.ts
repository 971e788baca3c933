/** What of the catalogue no rule over a graph can hold, or not alone: where it is held, or why it does not apply. */
export interface Elsewhere {
  readonly number: number;
  readonly says: string;
  readonly where: string;
}

export const ELSEWHERE: readonly Elsewhere[] = [
  {
    number: 1,
    says: "No two resources have the same URN.",
    where: "Pulumi refuses the second, and so does the planner of `stacks/testkit`",
  },
  {
    number: 6,
    says: "Where nothing is known yet the same types are planned.",
    where:
      "conformance of clouds (`stacks/testkit/src/conformance`), and `npm run plan -- --check`, which plans in both modes",
  },
  {
    number: 11,
    says: "Workloads may do what they need, and nothing else.",
    where: "conformance of clouds (C2)",
  },
  {
    number: 12,
    says: "Actions of IAM exist.",
    where: "`npm run values`, by cfn-lint where it is installed",
  },
  {
    number: 29,
    says: "Workloads are given exactly the variables that they read.",
    where: "`wrongBindings` of `apps/functions`, asked by the tests of each cloud",
  },
  {
    number: 33,
    says: "A tick is over before the next one.",
    where: "does not apply: ticks last longer on purpose, and two at a time do no harm (docs/aws.md)",
  },
  {
    number: 39,
    says: "The connections of all instances fit the database.",
    where: "the settings of each cloud, which are refused before anything is registered",
  },
  {
    number: 40,
    says: "The gateway has every route of the API, and no other.",
    where: "tests of `stacks/aws` against the API's contract",
  },
  {
    number: 42,
    says: "Pages may use the methods and headers that the API has.",
    where: "does not apply: the API answers for itself, the gateway passes it on",
  },
  {
    number: 45,
    says: "The same document gives the same hash, another one another.",
    where: "tests of `stacks/aws`",
  },
  {
    number: 51,
    says: "Every objective is watched, at its own threshold.",
    where: "the compiler (a cloud lists alarms by the objectives of the blueprint), and conformance of clouds (C4)",
  },
  {
    number: 52,
    says: "What dashboards show is measured.",
    where: "tests of `stacks/aws` and `stacks/gcp` against the metrics of the adapters",
  },
  {
    number: 55,
    says: "A month costs what was planned, and every type has a price or is free.",
    where: "`npm run cost`",
  },
  {
    number: 57,
    says: "Pods are restricted, limited, probed and spread.",
    where: "does not apply: there is no runtime of Kubernetes",
  },
];

/** The catalogue has as many. */
export const NUMBERS = 57;
