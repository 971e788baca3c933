import type { Planned } from "@punctual/stack-testkit";
import { at, HOURS, listOf, numberOf, type Rules, type Situation, textOf } from "../rule.js";
import { item } from "./item.js";

const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const SERVICE = "aws:ecs/service:Service";

export const containers: Rules = {
  [SERVICE]: (one, situation) => {
    const task = taskOf(one, situation);
    const spot = listOf(one, "capacityProviderStrategies").some(
      (strategy) => at(strategy, "capacityProvider") === "FARGATE_SPOT" && at(strategy, "weight") !== 0,
    );
    const hours = HOURS * numberOf(one, "desiredCount", 1);
    const vcpus = Number(textOf(task, "cpu")) / 1_024;
    const gigabytes = Number(textOf(task, "memory")) / 1_024;
    return [
      item("containers", spot ? "spotVcpuHour" : "vcpuHour", hours * vcpus),
      item("containers", spot ? "spotMemoryGbHour" : "memoryGbHour", hours * gigabytes),
      item("metrics and traces", "metric", situation.usage.metrics / situation.graph.all(SERVICE).length),
    ];
  },
  // About a dozen metrics of the cluster, and two dozen of each service.
  "aws:ecs/cluster:Cluster": (one, { graph }) => {
    const watched = listOf(one, "settings").some(
      (setting) => at(setting, "name") === "containerInsights" && at(setting, "value") !== "disabled",
    );
    return watched ? [item("metrics and traces", "containerMetric", 12 + 24 * graph.all(SERVICE).length)] : [];
  },
  // A policy that tracks a target makes an alarm for each direction.
  "aws:appautoscaling/policy:Policy": (one) =>
    one.inputs["policyType"] === "TargetTrackingScaling" ? [item("alarms", "alarm", 2)] : [],
  "aws:eks/cluster:Cluster": () => [item("containers", "clusterHour", HOURS)],
};

function taskOf(one: Planned, { graph }: Situation): Planned {
  const found = graph.sourcesOf(one, "taskDefinition").find(({ type }) => type === TASK);
  if (found === undefined) throw new TypeError(`${one.name} (${one.type}): of which task is it?`);
  return found;
}
