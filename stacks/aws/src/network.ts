import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { AwsEndpoints } from "./endpoints.js";
import { AwsFlowLogs } from "./flow-logs.js";
import { AwsIsolation } from "./isolation.js";
import type { Keys, Network, Plan } from "./parts.js";
import { HTTPS } from "./ports.js";
import { endpointsOf, gatewaysOf } from "./settings.js";
import { letterOf, type Subnets, subnetsOf, zonesOf } from "./subnets.js";

export interface NetworkArgs extends Plan {
  readonly keys: Keys;
}

type Ports = readonly (readonly [from: number, to: number])[];

const ANYWHERE = "0.0.0.0/0";

const SERVICES: Ports = [[HTTPS, HTTPS]];

/** The ports that a destination may have, as the guard of the webhook adapter knows them. */
const RECEIVERS: Ports = [
  [80, 80],
  [HTTPS, HTTPS],
  [1_024, 65_535],
];

/**
 * A network of three tiers in each zone. Workloads are in the private one, and leave it through NAT; the database is in the
 * isolated one, and does not leave it. Which addresses a receiver may have is for the sender to say: the network cannot tell
 * a receiver from an attack.
 */
export class AwsNetwork extends ComponentResource implements Network {
  readonly vpc: aws.ec2.Vpc;
  readonly publicSubnets: readonly aws.ec2.Subnet[];
  readonly privateSubnets: readonly aws.ec2.Subnet[];
  readonly isolatedSubnets: readonly aws.ec2.Subnet[];
  readonly natGateways: readonly aws.ec2.NatGateway[];
  /** Whoever runs here is in it: it reaches services by HTTPS. */
  readonly workloads: aws.ec2.SecurityGroup;
  /** Whoever calls receivers is in it, too. */
  readonly senders: aws.ec2.SecurityGroup;
  readonly #name: string;
  readonly #plan: Plan;

  constructor(name: string, { keys, ...plan }: NetworkArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Network", name, {}, opts);
    this.#name = name;
    this.#plan = plan;
    const { blueprint, own } = plan;
    const { names, defaults, settings } = blueprint;
    const cidrs = subnetsOf(own.vpcCidr, defaults.zones);

    this.vpc = new aws.ec2.Vpc(
      `${name}-vpc`,
      { cidrBlock: own.vpcCidr, enableDnsHostnames: true, enableDnsSupport: true, tags: this.#called("network") },
      { parent: this },
    );
    // Every network has one, and whoever names no group is in it.
    new aws.ec2.DefaultSecurityGroup(
      `${name}-default`,
      { vpcId: this.vpc.id, ingress: [], egress: [] },
      { parent: this },
    );
    this.publicSubnets = this.#subnets("public", cidrs);
    this.privateSubnets = this.#subnets("private", cidrs);
    this.isolatedSubnets = this.#subnets("isolated", cidrs);

    const internet = this.#openToInternet();
    this.natGateways = this.publicSubnets
      .slice(0, gatewaysOf(own, settings))
      .map((subnet, zone) => this.#natGateway(subnet, letterOf(zone), internet));
    const routeTables = this.privateSubnets.map((subnet, zone) => this.#privateRoutes(subnet, zone));
    this.#routeTable("isolated-routes", this.isolatedSubnets);

    this.workloads = this.#group("workloads", "Workloads: out to services by HTTPS", SERVICES);
    this.senders = this.#group("senders", "Whoever calls receivers: out to the ports of destinations", RECEIVERS);

    new AwsIsolation(
      `${name}-isolation`,
      { vpc: this.vpc, subnets: this.isolatedSubnets, clients: cidrs.private, called: names.of("isolated", 255) },
      { parent: this },
    );
    new AwsEndpoints(
      `${name}-endpoints`,
      {
        own,
        vpc: this.vpc,
        subnets: this.privateSubnets,
        routeTables,
        workloads: this.workloads,
        services: endpointsOf(own, settings),
        called: (part) => this.#called(part),
      },
      { parent: this },
    );
    new AwsFlowLogs(`${name}-flow-logs`, { ...plan, keys, vpc: this.vpc }, { parent: this });
    this.registerOutputs({
      vpc: this.vpc,
      publicSubnets: this.publicSubnets,
      privateSubnets: this.privateSubnets,
      isolatedSubnets: this.isolatedSubnets,
      natGateways: this.natGateways,
      workloads: this.workloads,
      senders: this.senders,
    });
  }

  /** What people see: most of a network has no other name. */
  #called(part: string): Readonly<Record<string, string>> {
    return { Name: this.#plan.blueprint.names.of(part, 255) };
  }

  #subnets(tier: keyof Subnets, cidrs: Subnets): readonly aws.ec2.Subnet[] {
    const zones = zonesOf(this.#plan.own.region, cidrs[tier].length);
    return zones.map((availabilityZone, zone) => {
      const part = `${tier}-${letterOf(zone)}`;
      const cidrBlock = cidrs[tier][zone] ?? "";
      return new aws.ec2.Subnet(
        `${this.#name}-${part}`,
        { vpcId: this.vpc.id, cidrBlock, availabilityZone, mapPublicIpOnLaunch: false, tags: this.#called(part) },
        { parent: this },
      );
    });
  }

  #routeTable(part: string, members: readonly aws.ec2.Subnet[], first = 0): aws.ec2.RouteTable {
    const table = new aws.ec2.RouteTable(
      `${this.#name}-${part}`,
      { vpcId: this.vpc.id, tags: this.#called(part) },
      { parent: this },
    );
    for (const [index, { id }] of members.entries()) {
      new aws.ec2.RouteTableAssociation(
        `${this.#name}-${part}-of-${letterOf(first + index)}`,
        { routeTableId: table.id, subnetId: id },
        { parent: this },
      );
    }
    return table;
  }

  #openToInternet(): aws.ec2.InternetGateway {
    const internet = new aws.ec2.InternetGateway(
      `${this.#name}-internet`,
      { vpcId: this.vpc.id, tags: this.#called("internet") },
      { parent: this },
    );
    const table = this.#routeTable("public-routes", this.publicSubnets);
    new aws.ec2.Route(
      `${this.#name}-public-out`,
      { routeTableId: table.id, destinationCidrBlock: ANYWHERE, gatewayId: internet.id },
      { parent: this },
    );
    return internet;
  }

  #natGateway(subnet: aws.ec2.Subnet, letter: string, internet: aws.ec2.InternetGateway): aws.ec2.NatGateway {
    const part = `nat-${letter}`;
    const address = new aws.ec2.Eip(
      `${this.#name}-${part}-address`,
      { domain: "vpc", tags: this.#called(part) },
      { parent: this },
    );
    return new aws.ec2.NatGateway(
      `${this.#name}-${part}`,
      { subnetId: subnet.id, allocationId: address.allocationId, tags: this.#called(part) },
      // It is of use once the network has a way out.
      { parent: this, dependsOn: [internet] },
    );
  }

  /** Out through the gateway of the zone itself, or else the first; where there is none, not at all. */
  #privateRoutes(subnet: aws.ec2.Subnet, zone: number): aws.ec2.RouteTable {
    const letter = letterOf(zone);
    const table = this.#routeTable(`private-routes-${letter}`, [subnet], zone);
    const nat = this.natGateways[zone] ?? this.natGateways[0];
    if (nat !== undefined) {
      new aws.ec2.Route(
        `${this.#name}-private-out-${letter}`,
        { routeTableId: table.id, destinationCidrBlock: ANYWHERE, natGatewayId: nat.id },
        { parent: this },
      );
    }
    return table;
  }

  #group(part: string, description: string, ports: Ports): aws.ec2.SecurityGroup {
    const group = new aws.ec2.SecurityGroup(
      `${this.#name}-${part}`,
      { vpcId: this.vpc.id, description, tags: this.#called(part) },
      { parent: this },
    );
    for (const [fromPort, toPort] of ports) {
      new aws.vpc.SecurityGroupEgressRule(
        `${this.#name}-${part}-to-${String(fromPort)}`,
        { securityGroupId: group.id, ipProtocol: "tcp", fromPort, toPort, cidrIpv4: ANYWHERE },
        { parent: this },
      );
    }
    return group;
  }
}
