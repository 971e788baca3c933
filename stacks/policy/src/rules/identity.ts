import type { Graph, Planned } from "@punctual/stack-testkit";
import { hasCondition, type Statement, statementsOf } from "../documents.js";
import { madeOf } from "../links.js";
import { at, isNot, listOf, textOf } from "../reading.js";
import { amongAll, ofEach, type Rule } from "../rule.js";
import { REFUSED } from "../types.js";

const FUNCTION = "aws:lambda/function:Function";
const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const ROLE = "aws:iam/role:Role";
const SERVICE = "gcp:cloudrunv2/service:Service";
const INTERNAL = "INGRESS_TRAFFIC_INTERNAL_ONLY";
const RUNS = [SERVICE, "gcp:cloudrunv2/job:Job", "gcp:cloudrunv2/workerPool:WorkerPool"];

/** What cannot be had for one resource alone. */
const FOR_ALL: readonly RegExp[] = [
  /^xray:(?:PutTraceSegments|PutTelemetryRecords|GetSampling\w+)$/,
  /^ec2:(?:Create|Describe|Delete)NetworkInterfaces?$/,
  /^ec2:DescribeSubnets$/,
  /^ec2:(?:Assign|Unassign)PrivateIpAddresses$/,
  /^ecr:GetAuthorizationToken$/,
];

/** Google's roles over everything, and those that give others away. */
const BROAD = /^roles\/(?:owner|editor|viewer)$|admin$/i;

export const IDENTITY: readonly Rule[] = [
  amongAll(
    { id: "aws-own-role", number: 8, says: "Every workload has a role of its own." },
    [FUNCTION, TASK],
    (one, graph) => {
      const [input, type] = one.type === FUNCTION ? ["role", FUNCTION] : ["taskRoleArn", TASK];
      const role = roleOf(graph, one, input);
      const before = graph.all(type).filter((other) => other.urn < one.urn);
      const sharing = before.find((other) => role !== undefined && roleOf(graph, other, input) === role);
      if (sharing !== undefined) return `shares its role with ${sharing.name}`;
      return one.type === TASK && role !== undefined && role === roleOf(graph, one, "executionRoleArn")
        ? "does its work by the role that starts it"
        : undefined;
    },
  ),
  amongAll(
    { id: "gcp-own-account", number: 8, says: "Every workload has a service account of its own." },
    RUNS,
    (one, graph) => {
      const account = accountOf(one);
      if (account === undefined) return "has no service account, and gets the project's own";
      const known = textOf(account);
      const sharing = graph.resources.find(
        (other) =>
          RUNS.includes(other.type) && other.urn < one.urn && known !== undefined && accountOf(other) === known,
      );
      return sharing && `shares its service account with ${sharing.name}`;
    },
  ),
  ofEach(
    { id: "aws-no-wildcards", number: 9, says: "Permissions name what may be done, and to what." },
    [
      "aws:iam/rolePolicy:RolePolicy",
      "aws:iam/policy:Policy",
      ROLE,
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    ],
    ({ inputs }) => [
      ...[inputs["policy"], ...listOf(inputs["inlinePolicies"]).map((one) => at(one, "policy"))]
        .flatMap(statementsOf)
        .filter(({ effect }) => effect === "Allow")
        .flatMap(wildcardsIn),
      ...(/(?:AdministratorAccess|PowerUserAccess|FullAccess)$/.test(textOf(inputs["policyArn"]) ?? "")
        ? ["gives everything"]
        : []),
    ],
  ),
  ofEach(
    {
      id: "aws-trust",
      number: 10,
      says: "A role is trusted to one service of its own account, or to one subject of OIDC.",
    },
    ROLE,
    ({ inputs }) =>
      statementsOf(inputs["assumeRolePolicy"])
        .filter(({ effect }) => effect === "Allow")
        .flatMap(strangersIn),
  ),
  ofEach(
    { id: "gcp-members-alone", number: 13, says: "Grants are added to others and replace none." },
    (type) => REFUSED.replacesGrants.test(type),
    () => "takes away what others have granted",
  ),
  ofEach(
    { id: "gcp-narrow-roles", number: 13, says: "Nobody is given a whole project, or the rights to give rights." },
    (type) => type.endsWith("IAMMember") || type.endsWith("IamMember"),
    ({ inputs }) => BROAD.test(textOf(inputs["role"]) ?? "") && `${String(inputs["role"])} is too much`,
  ),
  ofEach(
    { id: "gcp-no-keys", number: 13, says: "Service accounts have no keys that could be copied." },
    (type) => REFUSED.isKey.test(type),
    () => "is a key that can be copied",
  ),
  amongAll(
    { id: "gcp-everybody", number: 13, says: "Everybody may call the API, and nothing else." },
    (type) => /^gcp:.*I[Aa][Mm]Member$/.test(type) || type === SERVICE,
    (one, graph) => {
      if (one.type === SERVICE) {
        const open = one.inputs["invokerIamDisabled"] === true;
        return open && one.inputs["ingress"] === INTERNAL && "lets everybody in";
      }
      if (!["allUsers", "allAuthenticatedUsers"].includes(textOf(one.inputs["member"]) ?? "")) return undefined;
      const [service] = madeOf(graph, one, "name", SERVICE);
      const first = graph.resources.find(
        ({ type, inputs }) => type === one.type && inputs["member"] === one.inputs["member"],
      );
      const isApis =
        !isNot(one.inputs["role"], "roles/run.invoker") &&
        first === one &&
        service !== undefined &&
        service.inputs["ingress"] !== INTERNAL;
      return !isApis && "lets everybody in";
    },
  ),
];

/** By its URN where it is known, as its ARN may not be. */
function roleOf(graph: Graph, one: Planned, input: string): string | undefined {
  return madeOf(graph, one, input, ROLE)[0]?.urn ?? textOf(one.inputs[input]);
}

function accountOf({ inputs }: Planned): unknown {
  return at(inputs, "template.serviceAccount") ?? at(inputs, "template.template.serviceAccount");
}

function wildcardsIn(statement: Statement): readonly string[] {
  const { actions, resources, inverted } = statement;
  const broad = actions.filter((one) => /^\*$|:\*$/.test(one));
  const narrowed = (action: string) =>
    FOR_ALL.some((one) => one.test(action)) ||
    (action === "cloudwatch:PutMetricData" && hasCondition(statement, "cloudwatch:namespace"));
  const everywhere = resources.includes("*") ? actions.filter((one) => !narrowed(one)) : [];
  return [
    ...(inverted ? ["allows all but what it names"] : []),
    ...broad.map((one) => `allows ${one}`),
    ...everywhere.filter((one) => !broad.includes(one)).map((one) => `allows ${one} on everything`),
  ];
}

function strangersIn(statement: Statement): readonly string[] {
  const { principals } = statement;
  const [principal] = principals;
  if (principals.length !== 1 || principal === undefined) return ["trusts many at once"];
  const [kind, who] = principal;
  if (kind === "Service") {
    return hasCondition(statement, "aws:SourceAccount", "aws:SourceArn") ? [] : [`trusts ${who} of any account`];
  }
  if (kind !== "Federated") return [`trusts ${who}`];
  const exact = (end: string) =>
    statement.conditions.some(
      ([test, key, values]) =>
        test === "StringEquals" && key.endsWith(end) && values.length === 1 && !values.join().includes("*"),
    );
  return [":sub", ":aud"].filter((end) => !exact(end)).map((end) => `does not say which ${end.slice(1)} it trusts`);
}
