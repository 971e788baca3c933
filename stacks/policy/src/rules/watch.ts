import type { Graph, Planned } from "@punctual/stack-testkit";
import { tellsNobody } from "../alarms.js";
import { mentions } from "../documents.js";
import { at, isAbove, isMissing, isNot, isUncertain, isUnknown, listOf } from "../reading.js";
import { amongAll, ofEach, ofPlatform, type Rule } from "../rule.js";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const POLICY = "gcp:monitoring/alertPolicy:AlertPolicy";
const DASHBOARDS = ["aws:cloudwatch/dashboard:Dashboard", "gcp:monitoring/dashboard:Dashboard"];
const BUDGETS = ["aws:budgets/budget:Budget", "gcp:billing/budget:Budget"];

/** Operations, business, cost. */
const HOW_MANY_DASHBOARDS = 3;
const MOST_SAMPLED = 0.1;
const MOST_FLOWS = 0.5;

export const WATCH: readonly Rule[] = [
  amongAll(
    {
      id: "aws-alarms-tell",
      number: 51,
      says: "An alarm tells somebody that it went off and that it is over, and says what silence means.",
    },
    ALARM,
    (one, graph) => {
      const tells = ["alarmActions", "okActions"].filter((input) => isMissing(one.inputs[input]));
      return [
        ...(tellsNobody(graph, one) ? [] : tells.map((input) => `has no ${input}`)),
        ...(isMissing(one.inputs["treatMissingData"]) ? ["does not say what silence means"] : []),
      ];
    },
  ),
  ofEach(
    {
      id: "gcp-alarms-tell",
      number: 51,
      says: "An alarm tells somebody what happened and what to do, and ends by itself when it is over.",
    },
    POLICY,
    ({ inputs }) => [
      ...(isMissing(inputs["notificationChannels"]) ? ["tells nobody"] : []),
      ...(isMissing(at(inputs, "documentation.content")) ? ["does not say what to do"] : []),
      ...(isMissing(at(inputs, "alertStrategy.autoClose")) ? ["never ends"] : []),
      ...(isNot(inputs["enabled"], true, undefined) ? ["is off"] : []),
    ],
  ),
  ofPlatform(
    { id: "dashboards", number: 52, says: "There are three dashboards: operations, business and cost." },
    (graph) => {
      const there = graph.resources.filter(({ type }) => DASHBOARDS.includes(type)).length;
      return there !== HOW_MANY_DASHBOARDS && `has ${String(there)} dashboards`;
    },
  ),
  ofPlatform(
    { id: "heartbeat-watched", number: 53, says: "Somebody is told when the scheduler is silent." },
    (graph) =>
      !alarmsIn(graph).some((one) => isAbout(one, /heart-?beat/i) && takesSilenceIll(one)) &&
      "tells nobody when its scheduler is silent",
  ),
  ofPlatform(
    { id: "certificate-watched", number: 53, says: "Somebody is told before a certificate ends." },
    (graph) => {
      const named = graph.resources.some(({ type }) =>
        /^aws:acm\/|^gcp:.*:Managed.*Cert|certificatemanager/.test(type),
      );
      return (
        named && !alarmsIn(graph).some((one) => isAbout(one, /cert|DaysToExpiry/i)) && "tells nobody of its certificate"
      );
    },
  ),
  ofPlatform(
    {
      id: "budget",
      number: 54,
      says: "Somebody is told before the month costs more than was planned for this environment.",
    },
    (graph, { environment }) => {
      const budgets = graph.resources.filter(({ type }) => BUDGETS.includes(type));
      const own = budgets.filter(
        ({ inputs }) =>
          mentions(inputs["costFilters"] ?? inputs["filterExpression"], new RegExp(`environment.*${environment}$`)) ||
          isUncertain(inputs["costFilters"]) ||
          !isNot(at(inputs, "budgetFilter.labels.environment"), environment),
      );
      const tells = own.some(
        ({ inputs }) => !isMissing(inputs["notifications"]) || !isMissing(inputs["thresholdRules"]),
      );
      return [
        ...(own.length === 0 ? ["has no budget of its own"] : []),
        ...(own.length > 0 && !tells ? ["has a budget that tells nobody"] : []),
      ];
    },
  ),
  ofEach(
    {
      id: "sampled",
      number: 56,
      severity: "advisory",
      says: "Of what is much, a part is written down: traces, and what goes through the network.",
    },
    ["aws:xray/samplingRule:SamplingRule", "gcp:compute/subnetwork:Subnetwork"],
    ({ inputs }) => [
      ...(isAbove(inputs["fixedRate"] ?? 0, MOST_SAMPLED) ? ["writes too many traces"] : []),
      ...(isAbove(at(inputs, "logConfig.flowSampling") ?? 0, MOST_FLOWS) ? ["writes too much of the network"] : []),
    ],
  ),
];

function alarmsIn(graph: Graph): readonly Planned[] {
  return graph.resources.filter(({ type }) => type === ALARM || type === POLICY);
}

function isAbout({ name, inputs }: Planned, what: RegExp): boolean {
  return what.test(name) || mentions(inputs, what);
}

function takesSilenceIll({ type, inputs }: Planned): boolean {
  if (type === ALARM) return !isNot(inputs["treatMissingData"], "breaching");
  const conditions = inputs["conditions"];
  return (
    isUnknown(conditions) ||
    listOf(conditions).some((one) => !isMissing(at(one, "conditionAbsent")) || mentions(one, /absent/))
  );
}
