import { HOURS, itemsAt, listOf, MINUTES, type Rules, textOf } from "../rule.js";
import { item } from "./item.js";

export const watch: Rules = {
  // Each condition reads its series twice a minute; an absence or a ratio as others do.
  "gcp:monitoring/alertPolicy:AlertPolicy": (one) => {
    const conditions = listOf(one, "conditions").length;
    return [item("alarms", "alertCondition", conditions), item("alarms", "alertSeries", conditions * MINUTES * 2)];
  },
  // From six places where none are named.
  "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig": (one) => {
    const places = itemsAt(one.inputs, "selectedRegions").length || 6;
    return [item("probes", "uptimeRun", (places * MINUTES * 60) / Number.parseInt(textOf(one, "period", "300s"), 10))];
  },
  "gcp:clouddeploy/deliveryPipeline:DeliveryPipeline": () => [item("release", "pipeline", 1)],
  "gcp:container/cluster:Cluster": () => [item("containers", "clusterHour", HOURS)],
};
