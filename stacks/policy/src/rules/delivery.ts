import type { Graph, Planned } from "@punctual/stack-testkit";
import { CONTAINED, piecesOf } from "../documents.js";
import { functionsOf, madeOf } from "../links.js";
import { at, isBelow, isMissing, isNot, isUnknown, lacks, listOf, numberOf, textOf } from "../reading.js";
import { amongAll, ofEach, type Rule } from "../rule.js";

const FUNCTION = "aws:lambda/function:Function";
const GROUP = "aws:codedeploy/deploymentGroup:DeploymentGroup";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const SERVICE = "aws:ecs/service:Service";

/** Whoever calls a function by itself, so that a release of it is felt. */
const CALLS: readonly (readonly [type: string, input: string])[] = [
  ["aws:lambda/eventSourceMapping:EventSourceMapping", "functionName"],
  ["aws:scheduler/schedule:Schedule", "target"],
  ["aws:lambda/permission:Permission", "function"],
];

const LATEST = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST";
const LEAST_BAKE_MINUTES = 5;

export const DELIVERY: readonly Rule[] = [
  amongAll(
    { id: "aws-releasable", number: 46, says: "Whatever is called by itself has a group of deployments." },
    FUNCTION,
    (one, graph) => {
      const called = CALLS.some(([type, input]) =>
        graph.all(type).some((caller) => functionsOf(graph, caller, input).includes(one)),
      );
      return called && !graph.all(GROUP).some((group) => isGroupOf(group, one)) && "cannot be released by degrees";
    },
  ),
  ofEach(
    {
      id: "aws-rollback",
      number: 46,
      says: "A release goes back when it fails or an alarm goes off, and outside dev comes by degrees.",
    },
    GROUP,
    ({ inputs }, { environment }) => {
      const { autoRollbackConfiguration: back, alarmConfiguration: alarms } = inputs;
      const events = at(back, "events");
      return [
        ...(isNot(at(back, "enabled"), true) || lacks(events, "DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM")
          ? ["does not go back"]
          : []),
        ...(isNot(at(alarms, "enabled"), true) || isMissing(at(alarms, "alarms")) ? ["hears no alarm"] : []),
        ...(environment !== "dev" &&
        (textOf(inputs["deploymentConfigName"]) ?? "AllAtOnce").endsWith("AllAtOnce") &&
        !isUnknown(inputs["deploymentConfigName"])
          ? ["comes all at once"]
          : []),
      ];
    },
  ),
  amongAll(
    { id: "aws-canary-outlasts-alarm", number: 47, says: "A canary lasts longer than an alarm takes to go off." },
    GROUP,
    (one, graph) => {
      const minutes = intervalOf(graph, one);
      if (minutes === undefined) return undefined;
      const slow = alarmsOf(graph, one).filter(({ inputs }) => !(minutes * 60 > windowOf(inputs) + 60));
      return slow.map(({ name }) => `is over before ${name} can go off`);
    },
  ),
  ofEach(
    {
      id: "aws-services-released",
      number: 48,
      says: "A service of ECS goes back when it fails or an alarm goes off, and is looked at for a while.",
    },
    SERVICE,
    ({ inputs }) => {
      const behind = listOf(inputs["loadBalancers"]);
      return [
        ...(["enable", "rollback"].some((part) => isNot(at(inputs, `deploymentCircuitBreaker.${part}`), true))
          ? ["does not go back when it fails"]
          : []),
        ...(["enable", "rollback"].some((part) => isNot(at(inputs, `alarms.${part}`), true)) ||
        isMissing(at(inputs, "alarms.alarmNames"))
          ? ["hears no alarm"]
          : []),
        ...(behind.length > 0 && isBelow(at(inputs, "deploymentConfiguration.bakeTimeInMinutes"), LEAST_BAKE_MINUTES)
          ? ["is looked at for too short a while"]
          : []),
        ...(behind.some((one) => isMissing(at(one, "advancedConfiguration.alternateTargetGroupArn")))
          ? ["has no second group of targets"]
          : []),
      ];
    },
  ),
  ofEach(
    {
      id: "aws-rules-move",
      number: 48,
      says: "ECS moves the weights of a rule, and a later update leaves them where they are.",
    },
    "aws:lb/listenerRule:ListenerRule",
    ({ ignoreChanges }) => !ignoreChanges.some((input) => input.startsWith("actions")) && "takes actions back",
  ),
  ofEach(
    {
      id: "gcp-traffic",
      number: 49,
      says: "Traffic adds up, and goes to named revisions once there is one; a canary can be asked by itself.",
    },
    "gcp:cloudrunv2/service:Service",
    ({ inputs }) => {
      const traffics = listOf(inputs["traffics"]);
      if (traffics.length === 0 || traffics.some((one) => isUnknown(at(one, "percent")))) return [];
      const percents = traffics.map((one) => numberOf(at(one, "percent")) ?? 0);
      const named = traffics.filter((one) => !isMissing(at(one, "revision")));
      const latest = traffics.some((one) => at(one, "type") === LATEST && at(one, "percent") !== 0);
      const most = Math.max(...percents);
      return [
        ...(percents.reduce((sum, one) => sum + one, 0) === 100 ? [] : ["does not add up to a hundred"]),
        ...(named.length > 0 && latest ? ["sends traffic to whatever comes next"] : []),
        ...(named.some((one) => (numberOf(at(one, "percent")) ?? 0) < most && isMissing(at(one, "tag")))
          ? ["has a canary that cannot be asked by itself"]
          : []),
      ];
    },
  ),
  ofEach(
    {
      id: "pinned",
      number: 50,
      says: "Images, archives and secrets are those that somebody has looked at, and not whatever came last.",
    },
    [FUNCTION, ...CONTAINED],
    (one) => {
      const pieces = piecesOf(one);
      return [
        ...(one.type === FUNCTION && !isMissing(one.inputs["s3Bucket"]) && isMissing(one.inputs["s3ObjectVersion"])
          ? ["takes whatever archive came last"]
          : []),
        ...(one.type === FUNCTION
          ? []
          : pieces.flatMap(({ image }) =>
              isUnknown(image) || /@sha256:[\da-f]{64}$/.test(String(image))
                ? []
                : [`takes ${String(image)}, whatever it is`],
            )),
        ...(pieces.some(({ versions }) => versions.includes("latest")) ? ["takes whatever secret came last"] : []),
      ];
    },
  ),
];

/** A group of deployments refers to no function: their names agree. */
function isGroupOf({ name, inputs }: Planned, one: Planned): boolean {
  if (isUnknown(inputs["deploymentGroupName"]) || isUnknown(one.inputs["name"])) return true;
  const [group, called] = [textOf(inputs["deploymentGroupName"]) ?? name, textOf(one.inputs["name"]) ?? one.name];
  return group === called || called.endsWith(`-${group}`) || group.startsWith(`${called}-`);
}

function intervalOf(graph: Graph, group: Planned): number | undefined {
  const [own] = madeOf(graph, group, "deploymentConfigName", "aws:codedeploy/deploymentConfig:DeploymentConfig");
  const interval = numberOf(at(own?.inputs, "trafficRoutingConfig.timeBasedCanary.interval"));
  if (interval !== undefined) return interval;
  const [, minutes] = /Canary\d+Percent(\d+)Minutes?$/.exec(textOf(group.inputs["deploymentConfigName"]) ?? "") ?? [];
  return minutes === undefined ? undefined : Number(minutes);
}

function alarmsOf(graph: Graph, group: Planned): readonly Planned[] {
  const named = listOf(at(group.inputs, "alarmConfiguration.alarms"));
  const made = graph.sourcesOf(group, "alarmConfiguration").filter(({ type }) => type === ALARM);
  return made.length > 0 ? made : graph.all(ALARM).filter(({ inputs }) => named.includes(inputs["name"]));
}

/** How many seconds an alarm looks back. */
function windowOf(inputs: Readonly<Record<string, unknown>>): number {
  const periods = [inputs["period"], ...listOf(inputs["metricQueries"]).map((each) => at(each, "metric.period"))];
  return Math.max(...periods.map((each) => numberOf(each) ?? 0)) * (numberOf(inputs["evaluationPeriods"]) ?? 1);
}
