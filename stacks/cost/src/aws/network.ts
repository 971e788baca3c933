import { HOURS, itemsAt, listOf, type Rules, share } from "../rule.js";
import { item } from "./item.js";

export const network: Rules = {
  "aws:ec2/natGateway:NatGateway": (one, at) => [
    item("way out", "natHour", HOURS),
    item("way out", "natGb", share(one, at, at.usage.outGb)),
    item("way out", "outGb", share(one, at, at.usage.outGb)),
  ],
  "aws:ec2/eip:Eip": () => [item("way out", "addressHour", HOURS)],
  "aws:ec2/vpcEndpoint:VpcEndpoint": (one) =>
    (one.inputs["vpcEndpointType"] ?? "Gateway") === "Gateway"
      ? []
      : [item("endpoints", "endpointHour", HOURS * listOf(one, "subnetIds").length)],
  "aws:ec2/flowLog:FlowLog": (one, at) =>
    one.inputs["logDestinationType"] === "s3" ? [] : [item("logs", "logGb", share(one, at, at.usage.flowLogGb))],
  "aws:lb/loadBalancer:LoadBalancer": (one, at) => [
    item("load balancer", "loadBalancerHour", HOURS),
    item("load balancer", "loadBalancerUnitHour", HOURS * share(one, at, at.usage.loadBalancerUnits)),
    // One in each of its subnets.
    ...(one.inputs["internal"] === true ? [] : [item("load balancer", "addressHour", HOURS * zonesOf(one.inputs))]),
  ],
};

function zonesOf(inputs: Readonly<Record<string, unknown>>): number {
  return itemsAt(inputs, "subnets").length + itemsAt(inputs, "subnetMappings").length;
}
