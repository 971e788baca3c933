import type { Graph, Planned } from "@punctual/stack-testkit";
import { madeOf, pointingAt } from "../links.js";
import { at, isMissing, isNot, isUnknown, listOf } from "../reading.js";
import { amongAll, ofEach, type Rule } from "../rule.js";

const VPC = "aws:ec2/vpc:Vpc";
const SUBNET = "aws:ec2/subnet:Subnet";
const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const FUNCTION = "aws:lambda/function:Function";
const DATABASE = "aws:rds/instance:Instance";
const PROXY = "aws:rds/proxy:Proxy";
const DATABASE_SUBNETS = "aws:rds/subnetGroup:SubnetGroup";
const TRANSPORT_SUBNETS = "aws:elasticache/subnetGroup:SubnetGroup";
const SERVICE = "aws:ecs/service:Service";
const RUNS = ["gcp:cloudrunv2/service:Service", "gcp:cloudrunv2/job:Job", "gcp:cloudrunv2/workerPool:WorkerPool"];

const EVERYWHERE = ["0.0.0.0/0", "::/0"];

export const NETWORK: readonly Rule[] = [
  amongAll(
    {
      id: "aws-ingress",
      number: 15,
      says: "The whole world comes in by a load balancer alone, and there by 80 and 443.",
    },
    [INGRESS, GROUP],
    (one, graph) => {
      const inline = listOf(one.inputs["ingress"]).flatMap((rule) => [
        ...listOf(at(rule, "cidrBlocks")),
        ...listOf(at(rule, "ipv6CidrBlocks")),
      ]);
      const from = [one.inputs["cidrIpv4"], one.inputs["cidrIpv6"], ...inline];
      if (!from.some((cidr) => EVERYWHERE.some((all) => all === cidr))) return undefined;
      const balancers = graph.all(BALANCER).flatMap((balancer) => madeOf(graph, balancer, "securityGroups", GROUP));
      const [group] = madeOf(graph, one, "securityGroupId", GROUP);
      const { fromPort, toPort } = one.inputs;
      const fits = group !== undefined && balancers.includes(group) && [80, 443].some((port) => !isNot(fromPort, port));
      return !(fits && (isUnknown(fromPort) || !isNot(toPort, fromPort))) && "lets the whole world in";
    },
  ),
  amongAll(
    { id: "aws-default-group", number: 15, says: "The group that everything would have by default allows nothing." },
    VPC,
    (one, graph) => {
      const [group] = pointingAt(graph, one, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "vpcId");
      if (group === undefined) return "has a default group with AWS's own rules";
      return ["ingress", "egress"].some((input) => !isUnknown(group.inputs[input]) && !isMissing(group.inputs[input]))
        ? "has a default group that allows something"
        : undefined;
    },
  ),
  ofEach(
    { id: "gcp-ingress", number: 15, says: "No firewall lets the whole world in." },
    "gcp:compute/firewall:Firewall",
    ({ inputs }) =>
      inputs["direction"] !== "EGRESS" &&
      !isMissing(inputs["allows"]) &&
      listOf(inputs["sourceRanges"]).some((range) => EVERYWHERE.some((all) => all === range)) &&
      "lets the whole world in",
  ),
  amongAll(
    {
      id: "aws-inside",
      number: 16,
      says: "Workloads, databases and what carries messages are in subnets that nobody reaches from outside.",
    },
    [FUNCTION, SERVICE, PROXY, DATABASE_SUBNETS, TRANSPORT_SUBNETS],
    (one, graph) => {
      const outside = publicSubnets(graph);
      const inputs = ["vpcConfig", "networkConfiguration", "vpcSubnetIds", "subnetIds"];
      const subnets = inputs.flatMap((input) => graph.sourcesOf(one, input).filter(({ type }) => type === SUBNET));
      const asksDatabase = at(one.inputs, "environment.variables.PUNCTUAL_DATABASE_URL") !== undefined;
      return [
        ...subnets.filter((subnet) => outside.has(subnet)).map(({ name }) => `is in ${name}, which is open`),
        ...(asksDatabase && isMissing(one.inputs["vpcConfig"]) ? ["asks the database and is not in its network"] : []),
      ];
    },
  ),
  ofEach(
    { id: "aws-no-public-address", number: 16, says: "Nothing but a load balancer has an address of its own outside." },
    [DATABASE, SERVICE, SUBNET],
    ({ type, inputs }) => {
      if (type === DATABASE) return isNot(inputs["publiclyAccessible"], false) && "can be reached from outside";
      if (type === SUBNET) return isNot(inputs["mapPublicIpOnLaunch"], false, undefined) && "gives addresses away";
      return isNot(at(inputs, "networkConfiguration.assignPublicIp"), false, undefined) && "has an address outside";
    },
  ),
  ofEach(
    {
      id: "gcp-inside",
      number: 16,
      says: "Whatever runs has its addresses in our own network, and needs no connector.",
    },
    RUNS,
    ({ inputs }) => {
      const access = at(inputs, "template.vpcAccess") ?? at(inputs, "template.template.vpcAccess");
      return [
        ...(isMissing(at(access, "networkInterfaces")) ? ["is in no network of ours"] : []),
        ...(isMissing(at(access, "connector")) || isUnknown(access) ? [] : ["goes through a connector"]),
      ];
    },
  ),
  ofEach(
    { id: "gcp-no-public-address", number: 16, says: "The database has no address outside." },
    "gcp:sql/databaseInstance:DatabaseInstance",
    ({ inputs }) => isNot(at(inputs, "settings.ipConfiguration.ipv4Enabled"), false) && "has an address outside",
  ),
  amongAll(
    {
      id: "aws-database-by-clients",
      number: 17,
      says: "The database is reached from its proxy alone; where it has none, from tasks alone.",
    },
    INGRESS,
    (one, graph) => {
      const ofDatabases = graph
        .all(DATABASE)
        .flatMap((database) => madeOf(graph, database, "vpcSecurityGroupIds", GROUP));
      if (!madeOf(graph, one, "securityGroupId", GROUP).some((group) => ofDatabases.includes(group))) return undefined;
      const proxies = graph.all(PROXY);
      const clients =
        proxies.length > 0
          ? proxies.flatMap((proxy) => madeOf(graph, proxy, "vpcSecurityGroupIds", GROUP))
          : graph.all(SERVICE).flatMap((service) => madeOf(graph, service, "networkConfiguration", GROUP));
      const from = madeOf(graph, one, "referencedSecurityGroupId", GROUP);
      return !(from.length > 0 && from.every((group) => clients.includes(group))) && "lets others in than its clients";
    },
  ),
  amongAll(
    { id: "aws-database-isolated", number: 17, says: "Where the database is there is no way out." },
    DATABASE_SUBNETS,
    (one, graph) =>
      graph
        .sourcesOf(one, "subnetIds")
        .filter((subnet) => subnet.type === SUBNET && routesOf(graph, subnet).some(leadsOut))
        .map(({ name }) => `${name} has a way out`),
  ),
  ofEach(
    { id: "gcp-database-private", number: 17, says: "The database is reached by the private network alone." },
    "gcp:sql/databaseInstance:DatabaseInstance",
    ({ inputs }) => isMissing(at(inputs, "settings.ipConfiguration.privateNetwork")) && "is in no private network",
  ),
  amongAll(
    { id: "aws-zones", number: 18, says: "Outside dev it stands in two zones or more." },
    DATABASE_SUBNETS,
    (one, graph, { environment }) => {
      const zones = graph.sourcesOf(one, "subnetIds").map(({ inputs }) => inputs["availabilityZone"]);
      return environment !== "dev" && !zones.some(isUnknown) && new Set(zones).size < 2 && "is in one zone";
    },
  ),
  amongAll(
    { id: "aws-ways-out", number: 18, says: "In production there are two ways out or more, in different zones." },
    VPC,
    (_, graph, { environment }) => {
      const gateways = graph.all("aws:ec2/natGateway:NatGateway");
      const subnets = new Set(gateways.flatMap((one) => madeOf(graph, one, "subnetId", SUBNET)));
      // With none at all receivers are inside; the settings see to that.
      return environment === "production" && gateways.length > 0 && subnets.size < 2 && "has one way out";
    },
  ),
  amongAll(
    { id: "aws-flow-logs", number: 18, says: "What goes through the network is written down." },
    VPC,
    (one, graph, { environment }) => {
      const types = environment === "dev" ? ["ALL", "REJECT"] : ["ALL"];
      const logs = pointingAt(graph, one, "aws:ec2/flowLog:FlowLog", "vpcId");
      return !logs.some(({ inputs }) => !isNot(inputs["trafficType"], ...types)) && "is not written down";
    },
  ),
  ofEach(
    {
      id: "gcp-flow-logs",
      number: 18,
      says: "What goes through the network, and finds no port out of it, is written down.",
    },
    ["gcp:compute/subnetwork:Subnetwork", "gcp:compute/routerNat:RouterNat"],
    ({ type, inputs }) =>
      type.endsWith(":RouterNat")
        ? isNot(at(inputs, "logConfig.enable"), true) && "does not tell of errors"
        : isMissing(inputs["logConfig"]) && "is not written down",
  ),
  amongAll(
    {
      id: "aws-endpoints",
      number: 19,
      severity: "advisory",
      says: "S3 is reached without leaving the network, which costs nothing; other services so in production alone.",
    },
    VPC,
    (one, graph, { environment }) => {
      const endpoints = pointingAt(graph, one, "aws:ec2/vpcEndpoint:VpcEndpoint", "vpcId").map(({ inputs }) => inputs);
      const toS3 = endpoints.some(
        ({ vpcEndpointType = "Gateway", serviceName }) =>
          !isNot(vpcEndpointType, "Gateway") && (isUnknown(serviceName) || String(serviceName).endsWith(".s3")),
      );
      const paid = endpoints.some(({ vpcEndpointType }) => vpcEndpointType === "Interface");
      return [
        ...(toS3 ? [] : ["reaches S3 by its way out"]),
        ...(paid && environment !== "production" ? ["pays for endpoints outside production"] : []),
      ];
    },
  ),
];

function routesOf(graph: Graph, subnet: Planned): readonly Planned[] {
  const tables = pointingAt(graph, subnet, "aws:ec2/routeTableAssociation:RouteTableAssociation", "subnetId").flatMap(
    (one) => madeOf(graph, one, "routeTableId", "aws:ec2/routeTable:RouteTable"),
  );
  return tables.flatMap((table) => pointingAt(graph, table, "aws:ec2/route:Route", "routeTableId"));
}

function leadsOut({ inputs }: Planned): boolean {
  return EVERYWHERE.some((all) => inputs["destinationCidrBlock"] === all || inputs["destinationIpv6CidrBlock"] === all);
}

/** Those with a way to the internet that goes through no NAT: it is a way in, too. */
function publicSubnets(graph: Graph): ReadonlySet<Planned> {
  return new Set(
    graph
      .all(SUBNET)
      .filter((subnet) =>
        routesOf(graph, subnet).some(
          (route) => madeOf(graph, route, "gatewayId", "aws:ec2/internetGateway:InternetGateway").length > 0,
        ),
      ),
  );
}
