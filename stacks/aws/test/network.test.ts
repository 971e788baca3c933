import type { EnvironmentName } from "@punctual/stack-blueprint";
import type { Graph } from "@punctual/stack-testkit";
import { expect } from "chai";
import { AwsKeys } from "../src/keys.js";
import { AwsNetwork } from "../src/network.js";
import { IN_CONTAINERS, planOf, recorded, type Told, typesIn } from "./support/plans.js";
import { statementsIn } from "./support/policies.js";

const ANYWHERE = "0.0.0.0/0";

async function networkOf(told: Told, preview = false): Promise<Graph> {
  const plan = planOf(told);
  return recorded(
    (provider) => {
      const keys = new AwsKeys("keys", plan, { providers: [provider] });
      new AwsNetwork("network", { ...plan, keys: keys.atRest }, { providers: [provider] });
    },
    { preview },
  );
}

const SHARED_KEY = { "aws:kms/alias:Alias": 1, "aws:kms/key:Key": 1 };
const KEY_EACH = { "aws:kms/alias:Alias": 5, "aws:kms/key:Key": 5 };

/** What is there in `zones` zones with `nat` gateways and `endpoints` of services. */
const typesOf = (zones: number, nat: number, endpoints: number) => ({
  "aws:cloudwatch/logGroup:LogGroup": 1,
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": 1,
  "aws:ec2/eip:Eip": nat,
  "aws:ec2/flowLog:FlowLog": 1,
  "aws:ec2/internetGateway:InternetGateway": 1,
  "aws:ec2/natGateway:NatGateway": nat,
  "aws:ec2/networkAcl:NetworkAcl": 1,
  "aws:ec2/route:Route": 1 + zones,
  "aws:ec2/routeTable:RouteTable": 2 + zones,
  "aws:ec2/routeTableAssociation:RouteTableAssociation": 3 * zones,
  "aws:ec2/securityGroup:SecurityGroup": endpoints > 0 ? 3 : 2,
  "aws:ec2/subnet:Subnet": 3 * zones,
  "aws:ec2/vpc:Vpc": 1,
  "aws:ec2/vpcEndpoint:VpcEndpoint": 1 + endpoints,
  "aws:iam/role:Role": 1,
  "aws:iam/rolePolicy:RolePolicy": 1,
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": 4,
  ...(endpoints > 0 && { "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": 1 }),
  "punctual:aws:Endpoints": 1,
  "punctual:aws:FlowLogs": 1,
  "punctual:aws:Isolation": 1,
  "punctual:aws:Keys": 1,
  "punctual:aws:Network": 1,
});

describe("The network", () => {
  it("reaches without a way out what tasks ask for, and with one no more than they do", async () => {
    const services = async (told: Told) => {
      const endpoints = (await networkOf(told)).all("aws:ec2/vpcEndpoint:VpcEndpoint");
      return endpoints.map(({ inputs }) => String(inputs["serviceName"]).replace("com.amazonaws.eu-west-1.", ""));
    };
    const shut = { ...IN_CONTAINERS, own: { ...IN_CONTAINERS.own, natGateways: 0 } };

    expect(await services(shut)).to.have.members(["s3", "ecr.api", "ecr.dkr", "logs", "secretsmanager", "xray"]);
    expect(await services({ ...IN_CONTAINERS, environment: "production" })).to.have.members(["s3", "secretsmanager"]);
    const images = (await networkOf(shut)).one("aws:ec2/vpcEndpoint:VpcEndpoint", "network-endpoints-ecr.dkr");
    expect(statementsIn(images).map(({ Action }) => Action)).to.deep.equal([["ecr:*"]]);
  });

  const environments: readonly (readonly [EnvironmentName, object])[] = [
    ["dev", { ...SHARED_KEY, ...typesOf(2, 1, 0) }],
    ["staging", { ...KEY_EACH, ...typesOf(2, 1, 0) }],
    ["production", { ...KEY_EACH, ...typesOf(3, 2, 2) }],
  ];
  for (const [environment, types] of environments) {
    it(`has just these parts in ${environment}, whether or not anything is known`, async () => {
      expect(typesIn(await networkOf({ environment }))).to.deep.equal(types);
      expect(typesIn(await networkOf({ environment }, true))).to.deep.equal(types);
    });
  }

  describe("in production", () => {
    let graph: Graph;
    before(async () => {
      graph = await networkOf({ environment: "production" });
    });

    const routes = () =>
      graph.all("aws:ec2/route:Route").map(({ inputs }) => ({
        from: inputs["routeTableId"],
        to: inputs["natGatewayId"] ?? inputs["gatewayId"],
        where: inputs["destinationCidrBlock"],
      }));

    it("stands in three zones, with its own addresses", () => {
      const vpc = graph.one("aws:ec2/vpc:Vpc").inputs;
      expect(vpc).to.deep.include({
        cidrBlock: "10.20.0.0/16",
        enableDnsHostnames: true,
        enableDnsSupport: true,
      });
      const subnets = graph.all("aws:ec2/subnet:Subnet");
      const places = subnets.map(({ name, inputs }) => [name, inputs["availabilityZone"], inputs["cidrBlock"]]);
      expect(places).to.have.deep.members([
        ["network-isolated-a", "eu-west-1a", "10.20.112.0/24"],
        ["network-isolated-b", "eu-west-1b", "10.20.113.0/24"],
        ["network-isolated-c", "eu-west-1c", "10.20.114.0/24"],
        ["network-private-a", "eu-west-1a", "10.20.0.0/20"],
        ["network-private-b", "eu-west-1b", "10.20.16.0/20"],
        ["network-private-c", "eu-west-1c", "10.20.32.0/20"],
        ["network-public-a", "eu-west-1a", "10.20.96.0/24"],
        ["network-public-b", "eu-west-1b", "10.20.97.0/24"],
        ["network-public-c", "eu-west-1c", "10.20.98.0/24"],
      ]);
      expect(subnets.map(({ inputs }) => inputs["mapPublicIpOnLaunch"])).to.deep.equal(Array(9).fill(false));
    });

    it("lets the private tier out through the gateway of its zone, or the first, and the isolated one nowhere", () => {
      expect(routes()).to.have.deep.members([
        { from: "network-public-routes-id", to: "network-internet-id", where: ANYWHERE },
        { from: "network-private-routes-a-id", to: "network-nat-a-id", where: ANYWHERE },
        { from: "network-private-routes-b-id", to: "network-nat-b-id", where: ANYWHERE },
        { from: "network-private-routes-c-id", to: "network-nat-a-id", where: ANYWHERE },
      ]);
      const members = graph
        .all("aws:ec2/routeTableAssociation:RouteTableAssociation")
        .map(({ inputs }) => [inputs["subnetId"], inputs["routeTableId"]]);
      for (const zone of ["a", "b", "c"]) {
        expect(members).to.deep.include([`network-isolated-${zone}-id`, "network-isolated-routes-id"]);
        expect(members).to.deep.include([`network-private-${zone}-id`, `network-private-routes-${zone}-id`]);
        expect(members).to.deep.include([`network-public-${zone}-id`, "network-public-routes-id"]);
      }
    });

    it("has its gateways in the public tier, after the way out", () => {
      const gateways = graph.all("aws:ec2/natGateway:NatGateway");
      expect(gateways.map(({ inputs }) => [inputs["subnetId"], inputs["allocationId"]])).to.deep.equal([
        ["network-public-a-id", "eipalloc-network-nat-a-address"],
        ["network-public-b-id", "eipalloc-network-nat-b-address"],
      ]);
      const internet = graph.one("aws:ec2/internetGateway:InternetGateway");
      for (const one of gateways) expect(graph.dependsOn(one, internet)).to.be.true;
    });

    it("lets nobody in or out who is in no group of ours", () => {
      const group = graph.one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup").inputs;
      expect(group).to.deep.include({ vpcId: "network-vpc-id", ingress: [], egress: [] });
    });

    it("lets workloads reach services, and senders the ports of destinations besides", () => {
      const rules = graph
        .all("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
        .map(({ inputs }) => [inputs["securityGroupId"], inputs["fromPort"], inputs["toPort"], inputs["cidrIpv4"]]);
      expect(rules).to.have.deep.members([
        ["network-workloads-id", 443, 443, ANYWHERE],
        ["network-senders-id", 80, 80, ANYWHERE],
        ["network-senders-id", 443, 443, ANYWHERE],
        ["network-senders-id", 1_024, 65_535, ANYWHERE],
      ]);
    });

    it("lets questions to PostgreSQL into the isolated tier, and answers out", () => {
      const acl = graph.one("aws:ec2/networkAcl:NetworkAcl").inputs;
      const rule = (zone: number, fromPort: number, toPort: number) => ({
        ruleNo: 100 + 10 * zone,
        protocol: "tcp",
        action: "allow",
        cidrBlock: `10.20.${String(16 * zone)}.0/20`,
        fromPort,
        toPort,
      });
      expect(acl).to.deep.include({
        subnetIds: ["network-isolated-a-id", "network-isolated-b-id", "network-isolated-c-id"],
        ingress: [0, 1, 2].map((zone) => rule(zone, 5_432, 5_432)),
        egress: [0, 1, 2].map((zone) => rule(zone, 1_024, 65_535)),
      });
    });

    it("reaches S3, Secrets Manager and SQS from inside, in the name of this account alone", () => {
      const endpoints = graph.all("aws:ec2/vpcEndpoint:VpcEndpoint");
      const [s3, ...services] = endpoints;
      expect(s3?.inputs).to.deep.include({
        vpcEndpointType: "Gateway",
        serviceName: "com.amazonaws.eu-west-1.s3",
        routeTableIds: ["a", "b", "c"].map((zone) => `network-private-routes-${zone}-id`),
      });
      expect(services.map(({ inputs }) => inputs["serviceName"])).to.deep.equal([
        "com.amazonaws.eu-west-1.secretsmanager",
        "com.amazonaws.eu-west-1.sqs",
      ]);
      for (const service of services) {
        expect(service.inputs).to.deep.include({
          vpcEndpointType: "Interface",
          privateDnsEnabled: true,
          subnetIds: ["a", "b", "c"].map((zone) => `network-private-${zone}-id`),
          securityGroupIds: ["network-endpoints-group-id"],
        });
        expect(statementsIn(service)[0]?.Condition).to.deep.equal({
          StringEquals: { "aws:PrincipalAccount": "111111111111" },
        });
      }
      const rule = graph.one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs;
      expect(rule).to.deep.equal({
        securityGroupId: "network-endpoints-group-id",
        referencedSecurityGroupId: "network-workloads-id",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
      });
    });

    it("notes all that flows, in a log of its own, by a role that can do nothing else", () => {
      expect(graph.one("aws:ec2/flowLog:FlowLog").inputs).to.deep.include({
        vpcId: "network-vpc-id",
        trafficType: "ALL",
        maxAggregationInterval: 600,
        logDestination: "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/vpc/punctual-production-flow-logs",
        iamRoleArn: "arn:aws:iam::111111111111:role/network-flow-logs-role",
      });
      const log = graph.one("aws:cloudwatch/logGroup:LogGroup");
      expect(log.inputs).to.deep.include({ retentionInDays: 7, name: "/aws/vpc/punctual-production-flow-logs" });
      expect(log.inputs["kmsKeyId"]).to.equal("arn:aws:kms:eu-west-1:111111111111:key/keys-logs");
      expect(log.retainOnDelete).to.be.true;
      const role = graph.one("aws:iam/role:Role");
      expect(statementsIn(role, "assumeRolePolicy")[0]).to.deep.include({
        Principal: { Service: "vpc-flow-logs.amazonaws.com" },
        Condition: {
          StringEquals: { "aws:SourceAccount": "111111111111" },
          ArnLike: { "aws:SourceArn": "arn:aws:ec2:eu-west-1:111111111111:vpc-flow-log/*" },
        },
      });
      const may = statementsIn(graph.one("aws:iam/rolePolicy:RolePolicy")).flatMap(({ Action }) => Action);
      expect(may).to.have.members([
        ...["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents", "logs:DescribeLogGroups"],
      ]);
    });
  });

  it("has no way out where there is nobody to reach, and ways to all services that functions ask", async () => {
    const graph = await networkOf({ own: { natGateways: 0 }, settings: { receivers: "inside", logDays: 30 } });

    expect(graph.all("aws:ec2/natGateway:NatGateway")).to.be.empty;
    expect(graph.all("aws:ec2/route:Route").map(({ name }) => name)).to.deep.equal(["network-public-out"]);
    expect(graph.all("aws:ec2/vpcEndpoint:VpcEndpoint").map(({ name }) => name)).to.deep.equal([
      ...["network-endpoints-kms", "network-endpoints-s3", "network-endpoints-secretsmanager", "network-endpoints-sqs"],
    ]);
    expect(graph.one("aws:ec2/flowLog:FlowLog").inputs["trafficType"]).to.equal("REJECT");
    expect(graph.one("aws:cloudwatch/logGroup:LogGroup").inputs["retentionInDays"]).to.equal(30);
  });
});
