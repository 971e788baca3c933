import type { Asked } from "../world.js";
import { type Fields, hexOf, physicalNameOf, textOf, uuidOf } from "./made-up.js";

interface Place {
  readonly accountId: string;
  readonly region: string;
}

type Outputs = (asked: Asked, place: Place) => Fields;

/** What EC2 makes has an id of its kind, such as `vpc-0123456789abcdef0`. */
const numbered =
  (prefix: string, more: (id: string, asked: Asked, place: Place) => Fields = () => ({})): Outputs =>
  (asked, place) => {
    const id = `${prefix}-0${hexOf(asked, 16)}`;
    const kind = /\/(\w+):/.exec(asked.type)?.[1] ?? "";
    const arn = `arn:aws:ec2:${place.region}:${place.accountId}:${kind.replace(/[A-Z]/g, "-$&").toLowerCase()}/${id}`;
    return { id, arn, ...more(id, asked, place) };
  };

/** What is known by a name, and has an ARN that ends with it. */
const named =
  (
    service: string,
    before: string,
    more: (name: string, arn: string, asked: Asked, place: Place) => Fields = () => ({}),
  ): Outputs =>
  (asked, place) => {
    const name = physicalNameOf(asked);
    const arn = `arn:aws:${service}:${place.region}:${place.accountId}:${before}${name}`;
    return { id: name, name, arn, ...more(name, arn, asked, place) };
  };

const byArn = (_name: string, arn: string): Fields => ({ id: arn });

const global =
  (service: string, before: string, more: (name: string, arn: string, asked: Asked) => Fields = () => ({})): Outputs =>
  (asked, { accountId }) => {
    const name = physicalNameOf(asked);
    const path = textOf(asked, "path", "/").slice(1);
    const arn = `arn:aws:${service}::${accountId}:${before}${path}${name}`;
    return { id: name, name, arn, ...more(name, arn, asked) };
  };

const invokeArn = (region: string, arn: string): string =>
  `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${arn}/invocations`;

const short = (asked: Asked): string => hexOf(asked, 10);

/** What is in front of a database, by the name that it is reached by. */
const HOSTS = "c1a2b3c4d5e6";

const ZONES = { loadBalancer: "Z32O12XQLNTSW2", distribution: "Z2FDTNDATAQYW2", gateway: "ZLY8HYME6SFDD" };

export const AWS_OUTPUTS: Readonly<Record<string, Outputs>> = {
  "aws:sqs/queue:Queue": named("sqs", "", (name, _arn, _asked, { region, accountId }) => {
    const url = `https://sqs.${region}.amazonaws.com/${accountId}/${name}`;
    return { url, id: url };
  }),
  "aws:sqs/queuePolicy:QueuePolicy": (asked) => ({ id: textOf(asked, "queueUrl", asked.name) }),
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": (asked) => ({ id: textOf(asked, "queueUrl", asked.name) }),
  "aws:sns/topic:Topic": named("sns", "", byArn),
  "aws:sns/topicSubscription:TopicSubscription": (asked) => {
    const arn = `${textOf(asked, "topic", asked.name)}:${uuidOf(asked)}`;
    return { id: arn, arn };
  },

  "aws:lambda/function:Function": named("lambda", "function:", (_name, arn, _asked, { region }) => ({
    version: "7",
    qualifiedArn: `${arn}:7`,
    invokeArn: invokeArn(region, arn),
    qualifiedInvokeArn: invokeArn(region, `${arn}:7`),
    codeSha256: "A".repeat(43) + "=",
  })),
  "aws:lambda/alias:Alias": (asked, { region, accountId }) => {
    const of = textOf(asked, "functionName", asked.name);
    const whole = of.startsWith("arn:") ? of : `arn:aws:lambda:${region}:${accountId}:function:${of}`;
    const arn = `${whole}:${physicalNameOf(asked)}`;
    return { id: arn, arn, invokeArn: invokeArn(region, arn), name: physicalNameOf(asked) };
  },
  "aws:lambda/eventSourceMapping:EventSourceMapping": (asked, { region, accountId }) => {
    const uuid = uuidOf(asked);
    return { id: uuid, uuid, arn: `arn:aws:lambda:${region}:${accountId}:event-source-mapping:${uuid}` };
  },
  "aws:lambda/permission:Permission": (asked) => ({
    id: textOf(asked, "statementId", `${asked.name}-${hexOf(asked, 7)}`),
  }),

  "aws:iam/role:Role": global("iam", "role/", (_name, _arn, asked) => ({
    uniqueId: `AROA${hexOf(asked, 17).toUpperCase()}`,
  })),
  "aws:iam/policy:Policy": global("iam", "policy/", byArn),
  "aws:iam/instanceProfile:InstanceProfile": global("iam", "instance-profile/"),
  "aws:iam/rolePolicy:RolePolicy": (asked) => {
    const name = physicalNameOf(asked);
    return { id: `${textOf(asked, "role", "role")}:${name}`, name };
  },

  "aws:cloudwatch/logGroup:LogGroup": named("logs", "log-group:"),
  "aws:cloudwatch/metricAlarm:MetricAlarm": named("cloudwatch", "alarm:"),
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": (asked, { region, accountId }) => {
    const name = physicalNameOf(asked, "alarmName");
    return { id: name, arn: `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}` };
  },
  "aws:cloudwatch/dashboard:Dashboard": (asked, { accountId }) => {
    const name = physicalNameOf(asked, "dashboardName");
    return { id: name, dashboardArn: `arn:aws:cloudwatch::${accountId}:dashboard/${name}` };
  },
  "aws:cloudwatch/eventRule:EventRule": named("events", "rule/"),
  "aws:scheduler/scheduleGroup:ScheduleGroup": named("scheduler", "schedule-group/"),
  "aws:scheduler/schedule:Schedule": (asked, { region, accountId }) => {
    const name = physicalNameOf(asked);
    const id = `${textOf(asked, "groupName", "default")}/${name}`;
    return { id, name, arn: `arn:aws:scheduler:${region}:${accountId}:schedule/${id}` };
  },

  "aws:kms/key:Key": (asked, { region, accountId }) => {
    const keyId = uuidOf(asked);
    return { id: keyId, keyId, arn: `arn:aws:kms:${region}:${accountId}:key/${keyId}` };
  },
  "aws:kms/replicaKey:ReplicaKey": (asked, { region, accountId }) => {
    const keyId = `mrk-${hexOf(asked, 32)}`;
    return { id: keyId, keyId, arn: `arn:aws:kms:${region}:${accountId}:key/${keyId}` };
  },
  "aws:kms/alias:Alias": named("kms", "", (_name, _arn, asked) => ({
    targetKeyArn: textOf(asked, "targetKeyId", ""),
  })),
  "aws:secretsmanager/secret:Secret": (asked, { region, accountId }) => {
    const name = physicalNameOf(asked);
    const arn = `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}-${hexOf(asked, 6)}`;
    return { id: arn, arn, name };
  },
  "aws:secretsmanager/secretVersion:SecretVersion": (asked) => {
    const arn = textOf(asked, "secretId", asked.name);
    const versionId = uuidOf(asked);
    return { id: `${arn}|${versionId}`, arn, versionId };
  },

  "aws:ec2/vpc:Vpc": numbered("vpc", (_id, asked) => ({
    defaultSecurityGroupId: `sg-0${hexOf({ ...asked, type: "sg" }, 16)}`,
    defaultNetworkAclId: `acl-0${hexOf({ ...asked, type: "acl" }, 16)}`,
    defaultRouteTableId: `rtb-0${hexOf({ ...asked, type: "rtb" }, 16)}`,
    mainRouteTableId: `rtb-0${hexOf({ ...asked, type: "rtb" }, 16)}`,
  })),
  "aws:ec2/subnet:Subnet": numbered("subnet"),
  "aws:ec2/securityGroup:SecurityGroup": numbered("sg", (_id, asked) => ({ name: physicalNameOf(asked) })),
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": numbered("sg"),
  "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": numbered("acl"),
  "aws:ec2/defaultRouteTable:DefaultRouteTable": numbered("rtb"),
  "aws:ec2/networkAcl:NetworkAcl": numbered("acl"),
  "aws:ec2/routeTable:RouteTable": numbered("rtb"),
  "aws:ec2/route:Route": (asked) => ({ id: `r-${textOf(asked, "routeTableId", "rtb")}${hexOf(asked, 10)}` }),
  "aws:ec2/routeTableAssociation:RouteTableAssociation": numbered("rtbassoc"),
  "aws:ec2/internetGateway:InternetGateway": numbered("igw"),
  "aws:ec2/eip:Eip": numbered("eipalloc", (id, asked) => ({ allocationId: id, publicIp: addressOf(asked) })),
  "aws:ec2/natGateway:NatGateway": numbered("nat", (_id, asked) => ({ publicIp: addressOf(asked) })),
  "aws:ec2/vpcEndpoint:VpcEndpoint": numbered("vpce", (id, _asked, { region }) => ({
    prefixListId: `pl-${id.slice(-8)}`,
    dnsEntries: [{ dnsName: `${id}.vpce.${region}.vpce.amazonaws.com`, hostedZoneId: ZONES.gateway }],
  })),
  "aws:ec2/flowLog:FlowLog": numbered("fl"),
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": numbered("sgr"),
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": numbered("sgr"),

  "aws:rds/instance:Instance": (asked, { region, accountId }) => {
    const identifier = physicalNameOf(asked, "identifier");
    const address = `${identifier}.${HOSTS}.${region}.rds.amazonaws.com`;
    const resourceId = `db-${hexOf(asked, 26).toUpperCase()}`;
    return {
      id: resourceId,
      resourceId,
      identifier,
      arn: `arn:aws:rds:${region}:${accountId}:db:${identifier}`,
      address,
      endpoint: `${address}:5432`,
      port: 5_432,
      hostedZoneId: "Z29XKXDKYMONMX",
      masterUserSecrets: [
        {
          kmsKeyId: textOf(asked, "masterUserSecretKmsKeyId", ""),
          secretArn: `arn:aws:secretsmanager:${region}:${accountId}:secret:rds!db-${uuidOf(asked)}-${hexOf(asked, 6)}`,
          secretStatus: "active",
        },
      ],
    };
  },
  "aws:rds/proxy:Proxy": (asked, { region, accountId }) => {
    const name = physicalNameOf(asked);
    return {
      id: name,
      name,
      arn: `arn:aws:rds:${region}:${accountId}:db-proxy:prx-0${hexOf(asked, 16)}`,
      endpoint: `${name}.proxy-${HOSTS}.${region}.rds.amazonaws.com`,
    };
  },
  "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": (asked, { region, accountId }) => ({
    id: textOf(asked, "dbProxyName", asked.name),
    name: "default",
    arn: `arn:aws:rds:${region}:${accountId}:target-group:prx-tg-0${hexOf(asked, 16)}`,
  }),
  "aws:elasticache/replicationGroup:ReplicationGroup": (asked, { region, accountId }) => {
    const id = physicalNameOf(asked, "replicationGroupId");
    const count = Number(asked.inputs["numCacheClusters"] ?? 1);
    return {
      id,
      arn: `arn:aws:elasticache:${region}:${accountId}:replicationgroup:${id}`,
      primaryEndpointAddress: `master.${id}.${HOSTS}.${region}.cache.amazonaws.com`,
      readerEndpointAddress: `replica.${id}.${HOSTS}.${region}.cache.amazonaws.com`,
      memberClusters: Array.from({ length: count }, (_, at) => `${id}-${String(at + 1).padStart(3, "0")}`),
    };
  },
  "aws:rds/subnetGroup:SubnetGroup": named("rds", "subgrp:"),
  "aws:rds/parameterGroup:ParameterGroup": named("rds", "pg:"),

  "aws:apigateway/restApi:RestApi": (asked, { region, accountId }) => {
    const id = short(asked);
    return {
      id,
      name: physicalNameOf(asked),
      arn: `arn:aws:apigateway:${region}::/restapis/${id}`,
      executionArn: `arn:aws:execute-api:${region}:${accountId}:${id}`,
      rootResourceId: hexOf({ ...asked, type: "root" }, 10),
    };
  },
  "aws:apigateway/deployment:Deployment": (asked) => ({ id: hexOf(asked, 6) }),
  "aws:apigateway/authorizer:Authorizer": (asked) => ({ id: hexOf(asked, 6) }),
  "aws:apigateway/resource:Resource": (asked) => ({ id: hexOf(asked, 6), path: `/${textOf(asked, "pathPart", "")}` }),
  "aws:apigateway/stage:Stage": (asked, { region, accountId }) => {
    const [api, stage] = [textOf(asked, "restApi", "api"), textOf(asked, "stageName", asked.name)];
    return {
      id: `ags-${api}-${stage}`,
      arn: `arn:aws:apigateway:${region}::/restapis/${api}/stages/${stage}`,
      executionArn: `arn:aws:execute-api:${region}:${accountId}:${api}/${stage}`,
      invokeUrl: `https://${api}.execute-api.${region}.amazonaws.com/${stage}`,
    };
  },
  "aws:apigateway/domainName:DomainName": (asked, { region }) => {
    const name = textOf(asked, "domainName", asked.name);
    return {
      id: name,
      arn: `arn:aws:apigateway:${region}::/domainnames/${name}`,
      regionalDomainName: `d-${short(asked)}.execute-api.${region}.amazonaws.com`,
      regionalZoneId: ZONES.gateway,
    };
  },
  "aws:acm/certificate:Certificate": (asked, { region, accountId }) => {
    const arn = `arn:aws:acm:${region}:${accountId}:certificate/${uuidOf(asked)}`;
    const domainName = textOf(asked, "domainName", "example.com");
    const proof = hexOf(asked, 32);
    return {
      id: arn,
      arn,
      domainValidationOptions: [
        {
          domainName,
          resourceRecordName: `_${proof}.${domainName}.`,
          resourceRecordType: "CNAME",
          resourceRecordValue: `_${proof.slice(16)}.acm-validations.aws.`,
        },
      ],
    };
  },
  "aws:acm/certificateValidation:CertificateValidation": (asked) => ({
    id: "2030-01-01 00:00:00 +0000 UTC",
    certificateArn: textOf(asked, "certificateArn", ""),
  }),
  "aws:route53/zone:Zone": (asked) => {
    const zoneId = `Z${hexOf(asked, 20).toUpperCase()}`;
    return { id: zoneId, zoneId, arn: `arn:aws:route53:::hostedzone/${zoneId}`, nameServers: NAME_SERVERS };
  },
  "aws:route53/record:Record": (asked) => {
    const name = textOf(asked, "name", asked.name);
    return { id: `${textOf(asked, "zoneId", "Z")}_${name}_${textOf(asked, "type", "A")}`, fqdn: name };
  },
  "aws:route53/healthCheck:HealthCheck": (asked) => ({
    id: uuidOf(asked),
    arn: `arn:aws:route53:::healthcheck/${uuidOf(asked)}`,
  }),

  "aws:s3/bucket:Bucket": (asked, { region }) => {
    const bucket = physicalNameOf(asked, "bucket");
    return {
      id: bucket,
      bucket,
      arn: `arn:aws:s3:::${bucket}`,
      bucketDomainName: `${bucket}.s3.amazonaws.com`,
      bucketRegionalDomainName: `${bucket}.s3.${region}.amazonaws.com`,
    };
  },
  "aws:cloudfront/distribution:Distribution": (asked, { accountId }) => {
    const id = `E${hexOf(asked, 13).toUpperCase()}`;
    return {
      id,
      arn: `arn:aws:cloudfront::${accountId}:distribution/${id}`,
      domainName: `d${hexOf(asked, 13)}.cloudfront.net`,
      hostedZoneId: ZONES.distribution,
    };
  },
  "aws:cloudfront/originAccessControl:OriginAccessControl": (asked) => ({ id: `E${hexOf(asked, 13).toUpperCase()}` }),
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": (asked) => ({ id: uuidOf(asked) }),
  "aws:cloudfront/function:Function": global("cloudfront", "function/"),
  "aws:wafv2/webAcl:WebAcl": (asked, { region, accountId }) => {
    const [id, name] = [uuidOf(asked), physicalNameOf(asked)];
    const scope = textOf(asked, "scope", "REGIONAL") === "CLOUDFRONT" ? "global" : "regional";
    return { id, name, arn: `arn:aws:wafv2:${region}:${accountId}:${scope}/webacl/${name}/${id}`, capacity: 50 };
  },

  "aws:ecs/cluster:Cluster": named("ecs", "cluster/", byArn),
  "aws:ecs/service:Service": (asked, { region, accountId }) => {
    const name = physicalNameOf(asked);
    const cluster = textOf(asked, "cluster", "default").split("/").at(-1) ?? "default";
    const arn = `arn:aws:ecs:${region}:${accountId}:service/${cluster}/${name}`;
    return { id: arn, arn, name };
  },
  "aws:ecs/taskDefinition:TaskDefinition": (asked, { region, accountId }) => {
    const family = textOf(asked, "family", asked.name);
    const arnWithoutRevision = `arn:aws:ecs:${region}:${accountId}:task-definition/${family}`;
    return { id: family, arn: `${arnWithoutRevision}:1`, arnWithoutRevision, revision: 1 };
  },
  "aws:lb/loadBalancer:LoadBalancer": (asked, { region, accountId }) => {
    const name = physicalNameOf(asked);
    const arnSuffix = `app/${name}/${hexOf(asked, 16)}`;
    const arn = `arn:aws:elasticloadbalancing:${region}:${accountId}:loadbalancer/${arnSuffix}`;
    const dnsName = `${name}-${hexOf(asked, 9)}.${region}.elb.amazonaws.com`;
    return { id: arn, arn, name, arnSuffix, dnsName, zoneId: ZONES.loadBalancer };
  },
  "aws:lb/targetGroup:TargetGroup": (asked, { region, accountId }) => {
    const name = physicalNameOf(asked);
    const arnSuffix = `targetgroup/${name}/${hexOf(asked, 16)}`;
    const arn = `arn:aws:elasticloadbalancing:${region}:${accountId}:${arnSuffix}`;
    return { id: arn, arn, name, arnSuffix };
  },
  "aws:lb/listener:Listener": (asked, { region, accountId }) => {
    const arn = `arn:aws:elasticloadbalancing:${region}:${accountId}:listener/app/${asked.name}/${hexOf(asked, 16)}`;
    return { id: arn, arn };
  },
  "aws:ecr/repository:Repository": named("ecr", "repository/", (name, _arn, _asked, { region, accountId }) => ({
    repositoryUrl: `${accountId}.dkr.ecr.${region}.amazonaws.com/${name}`,
    registryId: accountId,
  })),
  "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": (asked, { region, accountId }) => {
    const id = `ns-${hexOf(asked, 16)}`;
    return {
      id,
      arn: `arn:aws:servicediscovery:${region}:${accountId}:namespace/${id}`,
      hostedZone: `Z${hexOf(asked, 20).toUpperCase()}`,
    };
  },
  "aws:servicediscovery/service:Service": (asked, { region, accountId }) => {
    const id = `srv-${hexOf(asked, 16)}`;
    return { id, arn: `arn:aws:servicediscovery:${region}:${accountId}:service/${id}` };
  },
  "aws:codedeploy/application:Application": named("codedeploy", "application:", (_name, _arn, asked) => ({
    id: uuidOf(asked),
    applicationId: uuidOf(asked),
  })),
  "aws:codedeploy/deploymentGroup:DeploymentGroup": (asked, { region, accountId }) => {
    const name = `${textOf(asked, "appName", "app")}/${physicalNameOf(asked, "deploymentGroupName")}`;
    const arn = `arn:aws:codedeploy:${region}:${accountId}:deploymentgroup:${name}`;
    return { id: uuidOf(asked), deploymentGroupId: uuidOf(asked), arn };
  },
  "aws:cloudwatch/logDeliverySource:LogDeliverySource": named("logs", "delivery-source:"),
  "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": named("logs", "delivery-destination:"),
  "aws:xray/group:Group": (asked, { region, accountId }) => {
    const arn = `arn:aws:xray:${region}:${accountId}:group/${physicalNameOf(asked, "groupName")}/${hexOf(asked, 10)}`;
    return { id: arn, arn };
  },
  "aws:backup/vault:Vault": named("backup", "backup-vault:"),
  "aws:backup/plan:Plan": (asked, { region, accountId }) => {
    const id = uuidOf(asked);
    return { id, arn: `arn:aws:backup:${region}:${accountId}:backup-plan:${id}` };
  },
  "aws:ssm/parameter:Parameter": (asked, { region, accountId }) => {
    const name = physicalNameOf(asked);
    const path = name.startsWith("/") ? name : `/${name}`;
    return { id: name, name, version: 1, arn: `arn:aws:ssm:${region}:${accountId}:parameter${path}` };
  },
};

const NAME_SERVERS = ["com", "net", "org", "co.uk"].map((end, at) => `ns-${String(at)}.awsdns-00.${end}`);

/** Out of a range that is for documentation. */
function addressOf(asked: Asked): string {
  return `203.0.113.${String(Number.parseInt(hexOf(asked, 2), 16))}`;
}
