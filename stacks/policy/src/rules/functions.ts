import { DEFAULTS } from "@punctual/stack-blueprint";
import { CONTAINED, piecesOf } from "../documents.js";
import { functionsOf, madeOf } from "../links.js";
import { at, isAbove, isMissing, isNot, isUnknown, secondsOf, textOf } from "../reading.js";
import { amongAll, ofEach, type Rule } from "../rule.js";

const FUNCTION = "aws:lambda/function:Function";
const ALIAS = "aws:lambda/alias:Alias";
const GROUP = "aws:cloudwatch/logGroup:LogGroup";
const PERMISSION = "aws:lambda/permission:Permission";
const SERVICE = "gcp:cloudrunv2/service:Service";
const POOL = "gcp:cloudrunv2/workerPool:WorkerPool";

const RUNTIMES = ["nodejs22.x", "nodejs24.x"];
/** API Gateway waits no longer. */
const GATEWAY_SECONDS = 29;

/** Whoever calls a function, and by which input. */
const CALLERS: Readonly<Record<string, string>> = {
  "aws:lambda/eventSourceMapping:EventSourceMapping": "functionName",
  "aws:scheduler/schedule:Schedule": "target",
  "aws:apigateway/restApi:RestApi": "body",
  "aws:apigateway/authorizer:Authorizer": "authorizerUri",
  "aws:apigateway/integration:Integration": "uri",
};

const SECRET_NAME = /PASSWORD|PASSWD|TOKEN$|SECRET|PRIVATE_KEY|API_KEY|CREDENTIAL/;
const REFERENCE = /_(?:ARN|SECRET_ID|URL|TOPIC)$/;

export const FUNCTIONS: readonly Rule[] = [
  ofEach(
    {
      id: "aws-functions-modern",
      number: 24,
      says: "Functions run on a Node that is cared for, on ARM, within limits, and tell.",
    },
    FUNCTION,
    ({ inputs }) => [
      ...(isNot(inputs["runtime"], ...RUNTIMES) ? ["runs on an old Node"] : []),
      ...(isNot(at(inputs, "architectures.0"), "arm64") ? ["does not run on ARM"] : []),
      ...outOf(inputs["memorySize"], 128, 10_240, "memory"),
      ...outOf(inputs["timeout"], 1, 900, "time"),
      ...(isNot(at(inputs, "loggingConfig.logFormat"), "JSON") ? ["writes no JSON"] : []),
      ...(isNot(at(inputs, "tracingConfig.mode"), "Active") ? ["is not traced"] : []),
    ],
  ),
  amongAll(
    { id: "aws-api-in-time", number: 24, says: "What answers the gateway does so before that gives up." },
    FUNCTION,
    (one, graph) => {
      const answers = graph
        .all(PERMISSION)
        .filter(({ inputs }) => inputs["principal"] === "apigateway.amazonaws.com")
        .some((each) => functionsOf(graph, each, "function").includes(one));
      return answers && isAbove(one.inputs["timeout"], GATEWAY_SECONDS) && "may take longer than the gateway waits";
    },
  ),
  ofEach(
    {
      id: "gcp-services-modern",
      number: 24,
      says: "Services run in the second generation; they and pools have limits, and are asked whether they live.",
    },
    [SERVICE, POOL],
    ({ type, inputs }) => {
      const pieces = piecesOf({ type, inputs });
      const asked = pieces.some(({ startup, liveness }) => !isMissing(startup) && !isMissing(liveness));
      const alike = [
        ...(pieces.some(({ limits }) => isMissing(limits)) ? ["has no limits"] : []),
        ...(asked || pieces.length === 0 ? [] : ["is not asked whether it lives"]),
      ];
      if (type === POOL) return alike;
      return [
        ...alike,
        ...(isNot(at(inputs, "template.executionEnvironment"), "EXECUTION_ENVIRONMENT_GEN2")
          ? ["runs in the first generation"]
          : []),
        ...outOf(secondsOf(at(inputs, "template.timeout")) ?? at(inputs, "template.timeout"), 1, 3_600, "time"),
      ];
    },
  ),
  amongAll(
    { id: "aws-log-group-first", number: 25, says: "A function's log group is there before it, under its name." },
    FUNCTION,
    (one, graph) => {
      const groups = graph.all(GROUP).filter((group) => graph.dependsOn(one, group));
      if (groups.length === 0) return "makes its log group itself, and that keeps everything";
      const given = at(one.inputs, "loggingConfig.logGroup");
      const wanted = given ?? `/aws/lambda/${textOf(one.inputs["name"]) ?? one.name}`;
      const known = !isUnknown(wanted) && !isUnknown(one.inputs["name"]);
      const fits = groups.some(({ inputs }) => isUnknown(inputs["name"]) || inputs["name"] === wanted);
      return known && !fits && groups.every(({ inputs }) => inputs["name"] !== undefined)
        ? "writes into another log group than its own"
        : undefined;
    },
  ),
  ofEach(
    { id: "aws-logs-end", number: 25, says: "Logs are kept as long as the environment says." },
    GROUP,
    ({ inputs }, { environment }) => {
      const { days } = DEFAULTS[environment].logs;
      return isNot(inputs["retentionInDays"], days) && `is not kept for ${String(days)} days`;
    },
  ),
  amongAll(
    {
      id: "aws-callers-name-alias",
      number: 26,
      says: "Whoever calls a function calls its alias, so that traffic can be shifted.",
    },
    Object.keys(CALLERS),
    (one, graph) => {
      const sources = graph.sourcesOf(one, CALLERS[one.type] ?? "");
      const calls = (kind: string) => sources.some(({ type }) => type === kind);
      return calls(FUNCTION) && !calls(ALIAS) && "calls a function and not its alias";
    },
  ),
  amongAll(
    { id: "aws-permissions-narrow", number: 26, says: "A permission to call is for one source, and for the alias." },
    PERMISSION,
    (one, graph) => [
      ...(isMissing(one.inputs["sourceArn"]) ? ["is for any source"] : []),
      ...(isMissing(one.inputs["qualifier"]) && madeOf(graph, one, "function", ALIAS).length === 0
        ? ["is for every version"]
        : []),
    ],
  ),
  ofEach(
    {
      id: "aws-releases-move-alias",
      number: 27,
      says: "Releases move an alias, and a later update leaves it where it is.",
    },
    [ALIAS, FUNCTION],
    ({ type, inputs, ignoreChanges }) =>
      type === FUNCTION
        ? isNot(inputs["publish"], true) && "makes no versions"
        : ["functionVersion", "routingConfig"]
            .filter((input) => !ignoreChanges.includes(input))
            .map((input) => `takes ${input} back`),
  ),
  ofEach(
    { id: "no-secrets-in-variables", number: 28, says: "Variables name secrets and hold none." },
    [FUNCTION, ...CONTAINED],
    (one) =>
      piecesOf(one)
        .flatMap(({ variables }) => variables)
        .filter(([name, value]) => isSecret(name, value))
        .map(([name]) => `${name} seems to hold a secret`),
  ),
];

function outOf(value: unknown, least: number, most: number, what: string): readonly string[] {
  if (isUnknown(value) || (Number(value) >= least && Number(value) <= most)) return [];
  return [`has no such ${what}: ${String(value)}`];
}

function isSecret(name: string, value: unknown): boolean {
  const text = textOf(value);
  if (text === undefined || text === "") return false;
  if (/:\/\/[^/@\s:]+:[^/@\s]+@/.test(text)) return true;
  if (SECRET_NAME.test(name) && !REFERENCE.test(name)) return true;
  return isRandom(text);
}

/** Long, without the marks that names and addresses have, of all kinds of letters, and no letter often. */
function isRandom(text: string): boolean {
  // What Google calls things by is long, too, and ends with a part of chance.
  if (/^projects\/[a-z][a-z\d-]+\//.test(text)) return false;
  if (!/^[\w+/=-]{32,}$/.test(text) || !/\d/.test(text) || !/[a-z]/.test(text) || !/[A-Z]/.test(text)) return false;
  const letters = [...text];
  const counted = Map.groupBy(letters, (letter) => letter);
  const bits = [...counted.values()].reduce((sum, { length }) => {
    const share = length / letters.length;
    return sum - share * Math.log2(share);
  }, 0);
  return bits > 4;
}
