import { at, HOURS, itemsAt, numberOf, type Rules, share } from "../rule.js";
import { item } from "./item.js";

const RULE = "gcp:compute/globalForwardingRule:GlobalForwardingRule";

export const network: Rules = {
  "gcp:compute/routerNat:RouterNat": (one, situation) => [
    item("way out", "natMachineHour", HOURS),
    item("way out", "natGb", share(one, situation, situation.usage.outGb)),
    item("way out", "outGb", share(one, situation, situation.usage.outGb)),
    item("way out", "addressHour", HOURS * Math.max(1, itemsAt(one.inputs, "natIps").length)),
  ],
  "gcp:compute/subnetwork:Subnetwork": (one, situation) =>
    at(one.inputs, "logConfig") === undefined || at(one.inputs, "logConfig") === null
      ? []
      : [item("logs", "flowLogGb", share(one, situation, situation.usage.flowLogGb))],
  // Up to five cost as much as one.
  [RULE]: (one, situation) => {
    const fives = Math.ceil(situation.graph.all(RULE).length / 5);
    return [
      item("load balancer", "forwardingHour", share(one, situation, HOURS * fives)),
      item("load balancer", "forwardedGb", share(one, situation, answeredGb(situation.usage))),
    ];
  },
  "gcp:compute/securityPolicy:SecurityPolicy": (one, situation) => [
    item("firewall", "armorPolicy", 1),
    item("firewall", "armorRule", itemsAt(one.inputs, "rules").length),
    item("firewall", "armorRequest", share(one, situation, situation.usage.apiRequests)),
  ],
  "gcp:compute/securityPolicyRule:SecurityPolicyRule": () => [item("firewall", "armorRule", 1)],
  "gcp:compute/backendBucket:BackendBucket": (one, situation) => [
    item("console", "pageGb", share(one, situation, situation.usage.pageGb)),
  ],
  "gcp:vpcaccess/connector:Connector": (one) => [
    item("way out", "connectorHour", HOURS * numberOf(one, "minInstances", 2)),
  ],
  "gcp:dns/managedZone:ManagedZone": () => [item("names", "zone", 1)],
};

function answeredGb({ apiRequests, answerKb }: { readonly apiRequests: number; readonly answerKb: number }): number {
  return (apiRequests * answerKb) / 1_000_000;
}
