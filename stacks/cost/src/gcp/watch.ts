import type { Graph, Planned } from "@punctual/stack-testkit";
import { HOURS, itemsAt, listOf, MINUTES, type Rules, textOf } from "../rule.js";
import { item } from "./item.js";

const PROBE = "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig";

export const watch: Rules = {
  // Each condition reads its series twice a minute; an absence or a ratio as others do.
  "gcp:monitoring/alertPolicy:AlertPolicy": (one) => {
    const conditions = listOf(one, "conditions").length;
    return [item("alarms", "alertCondition", conditions), item("alarms", "alertSeries", conditions * MINUTES * 2)];
  },
  [PROBE]: (one) => [item("probes", "uptimeRun", runsOf(one))],
  "gcp:clouddeploy/deliveryPipeline:DeliveryPipeline": () => [item("release", "pipeline", 1)],
  "gcp:container/cluster:Cluster": () => [item("containers", "clusterHour", HOURS)],
};

/** Requests that nobody makes but who looks whether it answers. */
export function probesIn(graph: Graph): number {
  return graph.all(PROBE).reduce((all, one) => all + runsOf(one), 0);
}

/** From six places where none are named. */
function runsOf(one: Planned): number {
  const places = itemsAt(one.inputs, "selectedRegions").length || 6;
  return (places * MINUTES * 60) / Number.parseInt(textOf(one, "period", "300s"), 10);
}
