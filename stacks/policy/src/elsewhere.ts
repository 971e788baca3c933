import type { CloudName } from "./rule.js";

/** What of the catalogue no rule over a graph can hold, or not alone: where it is held, or why it does not apply. */
export interface Elsewhere {
  readonly number: number;
  readonly says: string;
  readonly where: string;
  /** Of `stacks`; what does not apply has none. */
  readonly files: readonly string[];
}

export const ELSEWHERE: readonly Elsewhere[] = [
  {
    number: 1,
    says: "No two resources have the same URN.",
    where: "Pulumi refuses the second, and so does the planner of `stacks/testkit`",
    files: ["testkit/src/planner/monitor.ts", "testkit/src/recorder.ts"],
  },
  {
    number: 6,
    says: "Where nothing is known yet the same types are planned.",
    where:
      "conformance of clouds (`stacks/testkit/src/conformance`), and `npm run plan -- --check`, which plans in both modes",
    files: [
      "testkit/src/conformance/cloud.suite.ts",
      "aws/test/cloud.conformance.test.ts",
      "gcp/test/cloud.conformance.test.ts",
    ],
  },
  {
    number: 11,
    says: "Workloads may do what they need, and nothing else.",
    where: "conformance of clouds (C2)",
    files: ["testkit/src/conformance/cloud.suite.ts", "aws/test/grants.test.ts", "gcp/test/grants.test.ts"],
  },
  {
    number: 12,
    says: "Actions of IAM exist.",
    where: "`npm run values`, by cfn-lint where it is installed",
    files: ["aws/test/values/lint.test.ts"],
  },
  {
    number: 29,
    says: "Workloads are given exactly the variables that they read.",
    where: "`wrongBindings` of `apps/functions`, asked by the tests of each cloud",
    files: ["aws/test/functions.test.ts", "gcp/test/bindings.test.ts"],
  },
  {
    number: 33,
    says: "A tick is over before the next one.",
    where: "does not apply: ticks last longer on purpose, and two at a time do no harm (docs/aws.md)",
    files: [],
  },
  {
    number: 39,
    says: "The connections of all instances fit the database.",
    where: "the settings of each cloud, which are refused before anything is registered",
    files: ["aws/test/objections.test.ts", "gcp/test/settings.test.ts"],
  },
  {
    number: 40,
    says: "The gateway has every route of the API, and no other.",
    where: "tests of `stacks/aws` against the API's contract",
    files: ["aws/test/api/body.test.ts"],
  },
  {
    number: 42,
    says: "Pages may use the methods and headers that the API has.",
    where: "does not apply: the API answers for itself, the gateway passes it on",
    files: [],
  },
  {
    number: 45,
    says: "The same document gives the same hash, another one another.",
    where: "tests of `stacks/aws`",
    files: ["aws/test/api/body.test.ts", "aws/test/api/rest-api.test.ts"],
  },
  {
    number: 51,
    says: "Every objective is watched, at its own threshold.",
    where: "the compiler (a cloud lists alarms by the objectives of the blueprint), and conformance of clouds (C4)",
    files: ["testkit/src/conformance/cloud.suite.ts", "aws/test/watch/watch.test.ts", "gcp/test/watch.test.ts"],
  },
  {
    number: 52,
    says: "What dashboards show is measured.",
    where: "tests of `stacks/aws` and `stacks/gcp` against the metrics of the adapters",
    files: ["aws/test/watch/watch.test.ts", "gcp/test/watch.test.ts"],
  },
  {
    number: 55,
    says: "A month costs what was planned, and every type has a price or is free.",
    where: "`npm run cost`",
    files: ["test/cost.test.ts"],
  },
  {
    number: 57,
    says: "Pods are restricted, limited, probed and spread.",
    where: "does not apply: there is no runtime of Kubernetes",
    files: [],
  },
];

/** What the catalogue asks of one cloud alone: the other has no such thing, or has it as another number. */
export const OF_ONE_CLOUD: Readonly<Record<CloudName, readonly number[]>> = {
  aws: [9, 10, 14, 19, 25, 26, 27, 30, 32, 41, 46, 47, 48],
  gcp: [13, 34, 49],
};

/** The catalogue has as many. */
export const NUMBERS = 57;
