import type { Graph, Planned } from "@punctual/stack-testkit";
import { Plan } from "./planned.js";

const ACCOUNT = "111111111111";
const DAY = 86_400;
const marks = {
  ...{ project: "punctual", cloud: "aws", owner: "platform", "cost-center": "punctual" },
  ...{ "managed-by": "pulumi", repository: "punctual" },
};

const policy = (...statements: readonly object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const trusted = (service: string) =>
  policy({
    Effect: "Allow",
    Action: "sts:AssumeRole",
    Principal: { Service: service },
    Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } },
  });
const tlsAlone = policy({
  Effect: "Deny",
  Action: "*",
  Principal: "*",
  Resource: "*",
  Condition: { Bool: { "aws:SecureTransport": "false" } },
});
const allow = (action: string | readonly string[], resource: string) => ({
  Effect: "Allow",
  Action: action,
  Resource: resource,
});

/** As little of a platform on AWS as breaks no rule, and has something of each that rules look at. */
export function awsPlan(environment = "production"): Graph {
  const plan = new Plan("aws", environment, {
    region: "eu-west-1",
    allowedAccountIds: JSON.stringify([ACCOUNT]),
    defaultTags: JSON.stringify({ tags: { ...marks, environment } }),
  });
  const key = plan.add(
    "aws:kms/key:Key",
    "data",
    {
      enableKeyRotation: true,
      deletionWindowInDays: 30,
      policy: policy({ ...allow("kms:*", "*"), Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } }),
    },
    { protect: true },
  );
  const network = networkOf(plan, environment);
  const topic = plan.add(
    "aws:sns/topic:Topic",
    "alarms",
    { kmsMasterKeyId: "key" },
    { from: { kmsMasterKeyId: [key] } },
  );
  plan.add("aws:sns/topicPolicy:TopicPolicy", "alarms", { arn: "topic", policy: tlsAlone }, { from: { arn: [topic] } });
  plan.add(
    "aws:sns/topicSubscription:TopicSubscription",
    "pager",
    { protocol: "https", endpoint: "https://pager.example.com/1" },
    { secrets: ["endpoint"], from: { topic: [topic] } },
  );
  const tells = { alarmActions: ["topic"], okActions: ["topic"], treatMissingData: "notBreaching" };
  const secret = plan.add("aws:secretsmanager/secret:Secret", "keys", { kmsKeyId: "key" }, { protect: true });
  plan.add(
    "aws:secretsmanager/secretVersion:SecretVersion",
    "keys",
    { secretString: "c2VjcmV0LWtleXMtb2YtcHVuY3R1YWw=", secretId: "secret" },
    { secrets: ["secretString"], from: { secretId: [secret] } },
  );
  database(plan, network);
  transport(plan, network);

  const letters = queue(plan, "dead-letters", 180, 14, undefined);
  plan.add(
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
    "dead-letters",
    {
      queueUrl: "letters",
      redriveAllowPolicy: JSON.stringify({ redrivePermission: "byQueue", sourceQueueArns: ["events"] }),
    },
    { from: { queueUrl: [letters] } },
  );
  const events = queue(plan, "events", 720, 4, letters);
  const late = queue(plan, "late", 720, 4, undefined);
  plan.add(
    "aws:sqs/redrivePolicy:RedrivePolicy",
    "late",
    { queueUrl: "late", redrivePolicy: JSON.stringify({ deadLetterTargetArn: "letters", maxReceiveCount: 3 }) },
    { from: { queueUrl: [late], redrivePolicy: [letters] } },
  );
  plan.add("aws:cloudwatch/metricAlarm:MetricAlarm", "dead-letters", {
    ...tells,
    name: "dead-letters",
    dimensions: { QueueName: letters.inputs["name"] },
  });

  const api = lambda(plan, network, "api", 29);
  const scheduler = lambda(plan, network, "scheduler", 90, { reservedConcurrentExecutions: 1 });
  const worker = lambda(plan, network, "worker", 120);
  plan.add(
    "aws:lambda/eventSourceMapping:EventSourceMapping",
    "worker",
    {
      ...{
        batchSize: 10,
        functionResponseTypes: ["ReportBatchItemFailures"],
        scalingConfig: { maximumConcurrency: 100 },
      },
      ...{ functionName: "worker:live", eventSourceArn: "events" },
    },
    { from: { functionName: [worker.alias], eventSourceArn: [events] } },
  );
  plan.add(
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    "scheduler",
    { functionName: "scheduler", maximumRetryAttempts: 0 },
    { from: { functionName: [scheduler.function] } },
  );
  plan.add(
    "aws:scheduler/schedule:Schedule",
    "tick",
    {
      scheduleExpression: "rate(1 minute)",
      flexibleTimeWindow: { mode: "OFF" },
      target: { arn: "scheduler:live", retryPolicy: { maximumRetryAttempts: 0 }, deadLetterConfig: { arn: "letters" } },
    },
    { from: { target: [scheduler.alias, letters] } },
  );
  plan.add("aws:cloudwatch/metricAlarm:MetricAlarm", "heartbeat", {
    ...tells,
    name: "heartbeat",
    treatMissingData: "breaching",
  });
  front(plan, api, tells);
  containers(plan, network);

  for (const part of ["operations", "business", "cost"]) plan.add("aws:cloudwatch/dashboard:Dashboard", part, {});
  plan.add("aws:budgets/budget:Budget", "month", {
    costFilters: [{ name: "TagKeyValue", values: [`user:environment$${environment}`] }],
    notifications: [{ threshold: 80 }],
  });
  plan.add("aws:xray/samplingRule:SamplingRule", "traces", { ruleName: "punctual-traces", fixedRate: 0.05 });
  return plan.graph;
}

interface Network {
  readonly vpc: Planned;
  readonly open: Planned;
  readonly inside: Planned;
  readonly isolated: readonly Planned[];
}

function networkOf(plan: Plan, environment: string): Network {
  const vpc = plan.add("aws:ec2/vpc:Vpc", "vpc", { cidrBlock: "10.20.0.0/16" });
  plan.add(
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "default",
    { vpcId: "vpc" },
    { from: { vpcId: [vpc] } },
  );
  plan.add("aws:ec2/flowLog:FlowLog", "flows", { vpcId: "vpc", trafficType: "ALL" }, { from: { vpcId: [vpc] } });
  for (const [part, serviceName, vpcEndpointType] of [
    ["s3", "com.amazonaws.eu-west-1.s3", "Gateway"],
    ...(environment === "production" ? ([["sqs", "com.amazonaws.eu-west-1.sqs", "Interface"]] as const) : []),
  ] as const) {
    plan.add(
      "aws:ec2/vpcEndpoint:VpcEndpoint",
      part,
      { vpcId: "vpc", serviceName, vpcEndpointType },
      { from: { vpcId: [vpc] } },
    );
  }
  const gateway = plan.add("aws:ec2/internetGateway:InternetGateway", "internet", {}, { from: { vpcId: [vpc] } });
  const subnet = (part: string, zone: string) =>
    plan.add(
      "aws:ec2/subnet:Subnet",
      part,
      { availabilityZone: `eu-west-1${zone}`, mapPublicIpOnLaunch: false },
      { from: { vpcId: [vpc] } },
    );
  const open = [subnet("public-a", "a"), subnet("public-b", "b")];
  const inside = subnet("private-a", "a");
  const isolated = [subnet("isolated-a", "a"), subnet("isolated-b", "b")];
  const nats = open.map((one, index) =>
    plan.add("aws:ec2/natGateway:NatGateway", `nat-${"ab"[index] ?? ""}`, {}, { from: { subnetId: [one] } }),
  );
  const table = (part: string, subnets: readonly Planned[]) => {
    const made = plan.add("aws:ec2/routeTable:RouteTable", part, {}, { from: { vpcId: [vpc] } });
    for (const one of subnets) {
      plan.add(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        one.name,
        {},
        { from: { subnetId: [one], routeTableId: [made] } },
      );
    }
    return made;
  };
  const out = (part: string, from: Planned, input: string, to: Planned) =>
    plan.add(
      "aws:ec2/route:Route",
      part,
      { destinationCidrBlock: "0.0.0.0/0", [input]: to.name },
      { from: { routeTableId: [from], [input]: [to] } },
    );
  out("public", table("public", open), "gatewayId", gateway);
  const [nat] = nats;
  if (nat !== undefined) out("private", table("private", [inside]), "natGatewayId", nat);
  const isolatedTable = table("isolated", isolated);
  // Within the network alone.
  plan.add(
    "aws:ec2/route:Route",
    "isolated",
    { destinationCidrBlock: "10.20.0.0/16" },
    { from: { routeTableId: [isolatedTable] } },
  );
  const [first] = open;
  if (first === undefined) throw new RangeError("There is no public subnet");
  return { vpc, open: first, inside, isolated };
}

function group(plan: Plan, part: string): Planned {
  return plan.add("aws:ec2/securityGroup:SecurityGroup", part, {});
}

function comesIn(plan: Plan, part: string, to: Planned, inputs: object, from?: Planned): void {
  plan.add(
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    part,
    { ipProtocol: "tcp", ...inputs },
    { from: { securityGroupId: [to], ...(from && { referencedSecurityGroupId: [from] }) } },
  );
}

/** Valkey, where messages wait. */
function transport(plan: Plan, network: Network): void {
  const subnets = plan.add(
    "aws:elasticache/subnetGroup:SubnetGroup",
    "transport",
    { subnetIds: ["a"] },
    { from: { subnetIds: [network.inside] } },
  );
  const parameters = plan.add("aws:elasticache/parameterGroup:ParameterGroup", "transport", {
    parameters: [{ name: "maxmemory-policy", value: "noeviction" }],
  });
  plan.add(
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "transport",
    {
      ...{ atRestEncryptionEnabled: true, kmsKeyId: "key", transitEncryptionEnabled: true, userGroupIds: ["users"] },
      ...{ parameterGroupName: "parameters", subnetGroupName: "subnets" },
    },
    { from: { parameterGroupName: [parameters], subnetGroupName: [subnets] }, protect: true },
  );
}

function database(plan: Plan, network: Network): void {
  const [own, proxys, clients] = [group(plan, "database"), group(plan, "proxy"), group(plan, "clients")];
  comesIn(plan, "database", own, { fromPort: 5432, toPort: 5432, referencedSecurityGroupId: "proxy" }, proxys);
  comesIn(plan, "proxy", proxys, { fromPort: 5432, toPort: 5432, referencedSecurityGroupId: "clients" }, clients);
  const subnets = plan.add(
    "aws:rds/subnetGroup:SubnetGroup",
    "database",
    { subnetIds: ["a", "b"] },
    { from: { subnetIds: network.isolated } },
  );
  const parameters = plan.add("aws:rds/parameterGroup:ParameterGroup", "database", {
    parameters: [{ name: "rds.force_ssl", value: "1" }],
  });
  plan.add(
    "aws:rds/instance:Instance",
    "database",
    {
      ...{
        storageEncrypted: true,
        kmsKeyId: "key",
        publiclyAccessible: false,
        backupRetentionPeriod: 7,
        multiAz: true,
      },
      ...{ deletionProtection: true, skipFinalSnapshot: false, finalSnapshotIdentifier: "last" },
      ...{ manageMasterUserPassword: true, iamDatabaseAuthenticationEnabled: true, performanceInsightsEnabled: true },
      ...{ allocatedStorage: 50, maxAllocatedStorage: 200, enabledCloudwatchLogsExports: ["postgresql", "upgrade"] },
      ...{ parameterGroupName: "parameters", vpcSecurityGroupIds: ["database"] },
    },
    {
      protect: true,
      from: { parameterGroupName: [parameters], vpcSecurityGroupIds: [own], dbSubnetGroupName: [subnets] },
    },
  );
  plan.add(
    "aws:rds/proxy:Proxy",
    "database",
    { requireTls: true, auths: [{ iamAuth: "REQUIRED", secretArn: "master" }], vpcSecurityGroupIds: ["proxy"] },
    { from: { vpcSecurityGroupIds: [proxys], vpcSubnetIds: [network.inside] } },
  );
  plan.add("aws:backup/vault:Vault", "database", { kmsKeyArn: "key" });
}

function queue(plan: Plan, part: string, visible: number, days: number, letters: Planned | undefined): Planned {
  const redrive = JSON.stringify({ deadLetterTargetArn: "letters", maxReceiveCount: 3 });
  const made = plan.add(
    "aws:sqs/queue:Queue",
    part,
    {
      ...{ name: `punctual-${part}`, visibilityTimeoutSeconds: visible, messageRetentionSeconds: days * DAY },
      ...{ kmsMasterKeyId: "key", ...(letters && { redrivePolicy: redrive }) },
    },
    { protect: true, from: letters && { redrivePolicy: [letters] } },
  );
  plan.add(
    "aws:sqs/queuePolicy:QueuePolicy",
    part,
    { queueUrl: part, policy: tlsAlone },
    { from: { queueUrl: [made] } },
  );
  return made;
}

interface Lambda {
  readonly function: Planned;
  readonly alias: Planned;
}

function lambda(plan: Plan, network: Network, part: string, timeout: number, more: object = {}): Lambda {
  const name = `punctual-${part}`;
  const role = plan.add("aws:iam/role:Role", part, { assumeRolePolicy: trusted("lambda.amazonaws.com") });
  plan.add(
    "aws:iam/rolePolicy:RolePolicy",
    part,
    {
      policy: policy(
        allow(["xray:PutTraceSegments", "ec2:CreateNetworkInterface"], "*"),
        allow("sqs:SendMessage", "events"),
        {
          ...allow("cloudwatch:PutMetricData", "*"),
          Condition: { StringEquals: { "cloudwatch:namespace": "Punctual" } },
        },
      ),
    },
    { from: { role: [role] } },
  );
  const logs = plan.add("aws:cloudwatch/logGroup:LogGroup", part, {
    ...{ name: `/aws/lambda/${name}`, retentionInDays: 7, kmsKeyId: "key" },
  });
  const made = plan.add(
    "aws:lambda/function:Function",
    part,
    {
      ...{ name, timeout, runtime: "nodejs24.x", architectures: ["arm64"], memorySize: 512, publish: true },
      ...{ loggingConfig: { logFormat: "JSON" }, tracingConfig: { mode: "Active" }, role: `arn:${part}` },
      ...{ s3Bucket: "artifacts", s3Key: `${part}.zip`, s3ObjectVersion: "1", vpcConfig: { subnetIds: ["a"] } },
      environment: {
        variables: {
          PUNCTUAL_DATABASE_URL: "postgres://punctual@proxy.example.com:5432/punctual?sslmode=verify-full",
          PUNCTUAL_SECRET_KEYS_ARN: `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:punctual-keys-AbCdEf`,
          PUNCTUAL_CORS_ORIGINS: "https://console.example.com",
          PUNCTUAL_KMS_KEYS: `arn:aws:kms:eu-west-1:${ACCOUNT}:key/0f0e0d0c-0b0a-0908-0706-050403020100`,
        },
      },
      ...more,
    },
    { from: { role: [role], vpcConfig: [network.inside] }, after: [logs] },
  );
  const alias = plan.add(
    "aws:lambda/alias:Alias",
    part,
    { name: "live", functionName: name, functionVersion: "1" },
    { from: { functionName: [made] }, ignoreChanges: ["functionVersion", "routingConfig"] },
  );
  const alarm = plan.add("aws:cloudwatch/metricAlarm:MetricAlarm", `${part}-canary`, {
    ...{ name: `${part}-canary`, period: 60, evaluationPeriods: 3, treatMissingData: "notBreaching" },
  });
  plan.add(
    "aws:codedeploy/deploymentGroup:DeploymentGroup",
    part,
    {
      ...{ deploymentGroupName: name, deploymentConfigName: "CodeDeployDefault.LambdaCanary10Percent10Minutes" },
      alarmConfiguration: { enabled: true, alarms: [`${part}-canary`] },
      autoRollbackConfiguration: { enabled: true, events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"] },
    },
    { from: { alarmConfiguration: [alarm] } },
  );
  return { function: made, alias };
}

function bucket(plan: Plan, part: string): Planned {
  const made = plan.add("aws:s3/bucket:Bucket", part, {}, { protect: true });
  const beside = (kind: string, inputs: object) =>
    plan.add(
      `aws:s3/${kind.charAt(0).toLowerCase()}${kind.slice(1)}:${kind}`,
      part,
      { bucket: part, ...inputs },
      { from: { bucket: [made] } },
    );
  beside("BucketPolicy", { policy: tlsAlone });
  beside("BucketPublicAccessBlock", {
    ...{ blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
  });
  beside("BucketOwnershipControls", { rule: { objectOwnership: "BucketOwnerEnforced" } });
  beside("BucketVersioning", { versioningConfiguration: { status: "Enabled" } });
  beside("BucketServerSideEncryptionConfiguration", { rules: [{}] });
  beside("BucketLifecycleConfiguration", { rules: [{ abortIncompleteMultipartUpload: { daysAfterInitiation: 7 } }] });
  return made;
}

/** What is before the API and the console. */
function front(plan: Plan, api: Lambda, tells: object): void {
  const gateway = plan.add(
    "aws:apigateway/restApi:RestApi",
    "api",
    {
      body: JSON.stringify({
        components: {
          securitySchemes: {
            token: {
              "x-amazon-apigateway-authorizer": {
                ...{ authorizerResultTtlInSeconds: 300, identityValidationExpression: "^Bearer [-0-9a-zA-Z._]+$" },
              },
            },
          },
        },
        paths: { "/v1/schedules": { "Access-Control-Allow-Origin": "'https://console.example.com'" } },
      }),
    },
    { from: { body: [api.alias] } },
  );
  plan.add(
    "aws:lambda/permission:Permission",
    "api",
    { principal: "apigateway.amazonaws.com", sourceArn: "api/*", qualifier: "live", function: "api" },
    { from: { function: [api.function] } },
  );
  plan.add(
    "aws:lambda/permission:Permission",
    "authorizer",
    { principal: "apigateway.amazonaws.com", sourceArn: "api/authorizers/*", function: "api:live" },
    { from: { function: [api.alias] } },
  );
  plan.add(
    "aws:apigateway/deployment:Deployment",
    "api",
    { triggers: { redeployment: "0123456789abcdef0123456789abcdef" } },
    { from: { restApi: [gateway] } },
  );
  const stage = plan.add("aws:apigateway/stage:Stage", "api", { stageName: "live" }, { from: { restApi: [gateway] } });
  plan.add(
    "aws:apigateway/methodSettings:MethodSettings",
    "api",
    { settings: { throttlingRateLimit: 500, throttlingBurstLimit: 1_000, dataTraceEnabled: false } },
    { from: { restApi: [gateway] } },
  );
  plan.add("aws:apigateway/authorizer:Authorizer", "api", {
    ...{ authorizerResultTtlInSeconds: 300, identityValidationExpression: "^Bearer .+$" },
  });
  plan.add("aws:apigateway/response:Response", "api", {
    responseParameters: { "gatewayresponse.header.Access-Control-Allow-Origin": "'https://console.example.com'" },
  });
  plan.add("aws:apigateway/domainName:DomainName", "api", { securityPolicy: "TLS_1_2" });
  plan.add("aws:acm/certificate:Certificate", "api", { domainName: "punctual.example.com" });
  plan.add("aws:cloudwatch/metricAlarm:MetricAlarm", "certificate", { ...tells, metricName: "DaysToExpiry" });

  const acl = plan.add("aws:wafv2/webAcl:WebAcl", "api", {});
  plan.add(
    "aws:wafv2/webAclAssociation:WebAclAssociation",
    "api",
    { resourceArn: "stage" },
    { from: { resourceArn: [stage], webAclArn: [acl] } },
  );
  plan.add(
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
    "api",
    { resourceArn: "acl", redactedFields: [{ singleHeader: { name: "authorization" } }] },
    { from: { resourceArn: [acl] } },
  );
  const edge = plan.add("aws:wafv2/webAcl:WebAcl", "edge", { scope: "CLOUDFRONT" });
  const edgeLogs = plan.add("aws:cloudwatch/logGroup:LogGroup", "edge", { retentionInDays: 7 });
  plan.add(
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
    "edge",
    { resourceArn: "edge", redactedFields: [{ singleHeader: { name: "authorization" } }] },
    { from: { resourceArn: [edge], logDestinationConfigs: [edgeLogs] } },
  );
  const pages = bucket(plan, "console");
  plan.add(
    "aws:s3/bucketObjectv2:BucketObjectv2",
    "index",
    { key: "index.html", cacheControl: "no-cache" },
    { from: { bucket: [pages] } },
  );
  plan.add("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy", "console", {
    securityHeadersConfig: {
      ...{ strictTransportSecurity: { override: true }, contentSecurityPolicy: { override: true } },
      ...{ contentTypeOptions: { override: true }, referrerPolicy: { override: true } },
      frameOptions: { frameOption: "DENY", override: true },
    },
  });
  plan.add("aws:cloudfront/distribution:Distribution", "console", {
    webAclId: "acl",
    viewerCertificate: { acmCertificateArn: "certificate", minimumProtocolVersion: "TLSv1.2_2021" },
    defaultCacheBehavior: { viewerProtocolPolicy: "redirect-to-https", responseHeadersPolicyId: "headers" },
    customErrorResponses: [{ errorCode: 404, responsePagePath: "/index.html" }],
  });
}

function containers(plan: Plan, network: Network): void {
  const open = group(plan, "balancer");
  comesIn(plan, "balancer", open, { fromPort: 443, toPort: 443, cidrIpv4: "0.0.0.0/0" });
  const balancer = plan.add(
    "aws:lb/loadBalancer:LoadBalancer",
    "api",
    { securityGroups: ["balancer"] },
    { from: { securityGroups: [open], subnets: [network.open] } },
  );
  plan.add(
    "aws:wafv2/webAclAssociation:WebAclAssociation",
    "balancer",
    { resourceArn: "balancer" },
    { from: { resourceArn: [balancer] } },
  );
  plan.add("aws:lb/listener:Listener", "https", {
    protocol: "HTTPS",
    sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
  });
  plan.add("aws:lb/listener:Listener", "http", {
    protocol: "HTTP",
    defaultActions: [{ redirect: { protocol: "HTTPS" } }],
  });
  plan.add("aws:lb/listenerRule:ListenerRule", "api", {}, { ignoreChanges: ["actions"] });
  const starts = plan.add("aws:iam/role:Role", "starts", { assumeRolePolicy: trusted("ecs-tasks.amazonaws.com") });
  for (const part of ["api-task", "worker-task"]) {
    const works = plan.add("aws:iam/role:Role", part, { assumeRolePolicy: trusted("ecs-tasks.amazonaws.com") });
    plan.add(
      "aws:ecs/taskDefinition:TaskDefinition",
      part,
      {
        taskRoleArn: part,
        executionRoleArn: "starts",
        containerDefinitions: JSON.stringify([
          {
            image: `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/punctual@sha256:${"0".repeat(64)}`,
            environment: [{ name: "PUNCTUAL_LOG_LEVEL", value: "info" }],
          },
        ]),
      },
      { from: { taskRoleArn: [works], executionRoleArn: [starts] } },
    );
  }
  plan.add(
    "aws:ecs/service:Service",
    "api",
    {
      networkConfiguration: { assignPublicIp: false },
      deploymentCircuitBreaker: { enable: true, rollback: true },
      alarms: { enable: true, rollback: true, alarmNames: ["api-canary"] },
      deploymentConfiguration: { strategy: "BLUE_GREEN", bakeTimeInMinutes: "5" },
      loadBalancers: [{ advancedConfiguration: { alternateTargetGroupArn: "green" } }],
    },
    { from: { networkConfiguration: [network.inside] } },
  );
  const grows = plan.add("aws:appautoscaling/policy:Policy", "worker", {});
  plan.add(
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "worker-behind",
    { name: "worker-behind", alarmActions: ["grows"], treatMissingData: "notBreaching" },
    { from: { alarmActions: [grows] } },
  );
  plan.add("aws:ecr/repository:Repository", "punctual", { encryptionConfigurations: [{ kmsKey: "key" }] });
}
