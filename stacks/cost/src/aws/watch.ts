import { at, itemsAt, listOf, MINUTES, numberAt, numberOf, type Rules, SECONDS, share, textOf } from "../rule.js";
import { item } from "./item.js";

export const watch: Rules = {
  "aws:cloudwatch/metricAlarm:MetricAlarm": (one) => {
    const queries = listOf(one, "metricQueries");
    const read = queries.filter((query) => itemsAt(query, "metric").length > 0 || isObject(at(query, "metric")));
    const periods = read.map((query) => numberAt(60, query, "metric", "period"));
    const fast = Math.min(numberOf(one, "period", 60), ...periods) < 60;
    return [item("alarms", fast ? "fastAlarm" : "alarm", Math.max(1, read.length))];
  },
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": () => [item("alarms", "compositeAlarm", 1)],
  "aws:cloudwatch/dashboard:Dashboard": () => [item("dashboards", "dashboard", 1)],
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": () => [item("metrics and traces", "metric", 1)],
  "aws:cloudwatch/logGroup:LogGroup": (one, situation) => [
    item("logs", "logGb", share(one, situation, situation.usage.logGb)),
  ],
  // So many of each second, and of the others a part. Calls are taken to come evenly.
  "aws:xray/samplingRule:SamplingRule": (one, { usage }) => {
    const calls = usage.apiRequests + usage.deliveries;
    const first = Math.min(calls, numberOf(one, "reservoirSize") * SECONDS);
    return [item("metrics and traces", "trace", first + numberOf(one, "fixedRate") * (calls - first))];
  },
  "aws:sns/topicSubscription:TopicSubscription": (one) =>
    textOf(one, "protocol").startsWith("email") ? [item("alarms", "email", 1_000)] : [],
  "aws:synthetics/canary:Canary": (one) => [
    item("probes", "probe", MINUTES / minutesOf(at(one.inputs, "schedule", "expression"))),
  ],
  "aws:route53/healthCheck:HealthCheck": (one) => {
    const [, https, search] = /^(HTTPS)?(?:HTTP)?(_STR_MATCH)?/.exec(textOf(one, "type")) ?? [];
    const features = [https, search].filter((feature) => feature !== undefined).length;
    return [item("probes", "healthCheck", 1), item("probes", "healthCheckFeature", features)];
  },
  "aws:cloudtrail/trail:Trail": (one, { usage }) => [
    item("audit", "trailEvent", writesData(one.inputs) ? usage.auditedEvents : 0),
  ],
  "aws:guardduty/detector:Detector": (_one, { usage }) => [item("audit", "guardedEvent", usage.auditedEvents)],
  "aws:securityhub/account:Account": () => [item("audit", "securityCheck", 10_000)],
  "aws:cfg/recorder:Recorder": () => [item("audit", "configItem", 500)],
};

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/** `rate(5 minutes)`; what is not written so is taken for once a minute. */
function minutesOf(expression: unknown): number {
  const [, number, unit] = /^rate\((\d+) (minute|hour)s?\)$/.exec(String(expression)) ?? [];
  return Number(number ?? 1) * (unit === "hour" ? 60 : 1);
}

/** The first copy of what is done with an account is free, and what is done with its data is not. */
function writesData(inputs: Readonly<Record<string, unknown>>): boolean {
  return itemsAt(inputs, "eventSelectors").length + itemsAt(inputs, "advancedEventSelectors").length > 0;
}
