import type { Graph, Planned } from "@punctual/stack-testkit";
import { textsIn } from "./reading.js";

/** Who listens to alarms in place of people: releases, which go back; and what scales by them. */
const LISTENERS: readonly (readonly [type: string, input: string])[] = [
  ["aws:codedeploy/deploymentGroup:DeploymentGroup", "alarmConfiguration"],
  ["aws:ecs/service:Service", "alarms"],
];
const SCALING = "aws:appautoscaling/policy:Policy";

/** Whether an alarm is for something else than telling people. */
export function tellsNobody(graph: Graph, alarm: Planned): boolean {
  const scales = graph.sourcesOf(alarm, "alarmActions").some(({ type }) => type === SCALING);
  const listens = LISTENERS.some(([type, input]) =>
    graph
      .all(type)
      .some(
        (one) =>
          graph.sourcesOf(one, input).includes(alarm) ||
          textsIn(one.inputs[input]).some((name) => name === alarm.inputs["name"]),
      ),
  );
  return scales || listens;
}
