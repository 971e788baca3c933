import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, type Input, interpolate } from "@pulumi/pulumi";
import type { FrontDoor, Network, Plan } from "../parts.js";
import { AccessLogs } from "./access-logs.js";
import { PORT } from "./container.js";
import { domainOf } from "./told.js";
import { NamedCertificate } from "./named-certificate.js";

export interface ApiLoadBalancerArgs extends Plan {
  readonly network: Network;
  readonly zoneId: Input<string>;
  /** The group of the tasks that it forwards to. */
  readonly tasks: aws.ec2.SecurityGroup;
}

/** Streams of `/v1/stream` are quiet for 15 s at the most. */
const IDLE_SECONDS = 60;

/** Where the API comes in: HTTPS by its name, forwarded to one of two groups of tasks, which a deployment swaps. */
export class ApiLoadBalancer extends ComponentResource {
  readonly frontDoor: FrontDoor;
  readonly loadBalancer: aws.lb.LoadBalancer;
  readonly targetGroups: { readonly blue: aws.lb.TargetGroup; readonly green: aws.lb.TargetGroup };
  readonly rule: aws.lb.ListenerRule;

  constructor(name: string, args: ApiLoadBalancerArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:ApiLoadBalancer", name, {}, opts);
    const { blueprint, own, network, zoneId, tasks } = args;
    const parent = { parent: this };
    const domain = domainOf(blueprint);
    const logs = new AccessLogs(`${name}-access`, { blueprint, own }, parent);
    const door = this.#door(name, args);

    this.loadBalancer = new aws.lb.LoadBalancer(
      `${name}-balancer`,
      {
        name: blueprint.names.of("api"),
        loadBalancerType: "application",
        internal: false,
        securityGroups: [door.id],
        subnets: network.publicSubnets.map(({ id }) => id),
        dropInvalidHeaderFields: true,
        desyncMitigationMode: "strictest",
        enableDeletionProtection: blueprint.defaults.precious,
        idleTimeout: IDLE_SECONDS,
        accessLogs: { bucket: logs.bucket.bucket, enabled: true },
      },
      { parent: this, dependsOn: [logs.policy] },
    );
    const group = (colour: "blue" | "green") =>
      new aws.lb.TargetGroup(
        `${name}-${colour}`,
        {
          name: blueprint.names.of(`api-${colour}`),
          vpcId: network.vpc.id,
          targetType: "ip",
          protocol: "HTTP",
          port: PORT,
          deregistrationDelay: 30,
          healthCheck: {
            path: "/health/live",
            matcher: "200",
            interval: 10,
            timeout: 5,
            healthyThreshold: 2,
            unhealthyThreshold: 3,
          },
        },
        parent,
      );
    this.targetGroups = { blue: group("blue"), green: group("green") };
    const certificate = new NamedCertificate(`${name}-name`, { domain, zoneId }, parent);
    new aws.lb.Listener(
      `${name}-http`,
      {
        loadBalancerArn: this.loadBalancer.arn,
        port: 80,
        protocol: "HTTP",
        defaultActions: [{ type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } }],
      },
      parent,
    );
    const https = new aws.lb.Listener(
      `${name}-https`,
      {
        loadBalancerArn: this.loadBalancer.arn,
        port: 443,
        protocol: "HTTPS",
        sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
        certificateArn: certificate.issuedArn,
        // Who asks for another name is not answered.
        defaultActions: [{ type: "fixed-response", fixedResponse: { contentType: "text/plain", statusCode: "404" } }],
      },
      parent,
    );
    this.rule = new aws.lb.ListenerRule(
      `${name}-rule`,
      {
        listenerArn: https.arn,
        priority: 10,
        conditions: [{ hostHeader: { values: [domain] } }],
        actions: [
          {
            type: "forward",
            forward: {
              targetGroups: [
                { arn: this.targetGroups.blue.arn, weight: 100 },
                { arn: this.targetGroups.green.arn, weight: 0 },
              ],
            },
          },
        ],
      },
      // ECS moves the weights.
      { parent: this, ignoreChanges: ["actions"] },
    );
    new aws.route53.Record(
      `${name}-record`,
      {
        zoneId,
        name: domain,
        type: "A",
        aliases: [{ name: this.loadBalancer.dnsName, zoneId: this.loadBalancer.zoneId, evaluateTargetHealth: true }],
      },
      parent,
    );
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-tasks`,
      {
        securityGroupId: tasks.id,
        referencedSecurityGroupId: door.id,
        ipProtocol: "tcp",
        fromPort: PORT,
        toPort: PORT,
        description: "The API, from its load balancer",
      },
      parent,
    );
    this.frontDoor = {
      url: interpolate`https://${domain}`,
      metrics: { namespace: "AWS/ApplicationELB", dimensions: { LoadBalancer: this.loadBalancer.arnSuffix } },
      certificate: certificate.certificate,
    };
    this.registerOutputs({ url: this.frontDoor.url });
  }

  /** Open to the world on two ports, and on to the tasks alone. */
  #door(name: string, { network, tasks }: ApiLoadBalancerArgs): aws.ec2.SecurityGroup {
    const parent = { parent: this };
    const door = new aws.ec2.SecurityGroup(
      `${name}-door`,
      { vpcId: network.vpc.id, description: "Load balancer of the API" },
      parent,
    );
    for (const port of [80, 443]) {
      new aws.vpc.SecurityGroupIngressRule(
        `${name}-in-${String(port)}`,
        {
          securityGroupId: door.id,
          cidrIpv4: "0.0.0.0/0",
          ipProtocol: "tcp",
          fromPort: port,
          toPort: port,
          description: port === 443 ? "Everybody, who show tokens" : "Everybody, to be told of HTTPS",
        },
        parent,
      );
    }
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-out`,
      {
        securityGroupId: door.id,
        referencedSecurityGroupId: tasks.id,
        ipProtocol: "tcp",
        fromPort: PORT,
        toPort: PORT,
        description: "Tasks of the API",
      },
      parent,
    );
    return door;
  }
}
