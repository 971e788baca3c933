import type { Graph, Planned } from "@punctual/stack-testkit";
import { tellsNobody } from "../alarms.js";
import { functionsOf, madeOf } from "../links.js";
import { at, isMissing, listOf, textOf } from "../reading.js";
import { altered, type Find, fits, forgotten, found, given, type Mutation, reworded } from "./mutation.js";

const provider = "pulumi:providers:aws";
const platform = "punctual:aws:Platform";
const stack = "pulumi:pulumi:Stack";
const queue = "aws:sqs/queue:Queue";
const lambda = "aws:lambda/function:Function";
const alias = "aws:lambda/alias:Alias";
const instance = "aws:rds/instance:Instance";
const vpc = "aws:ec2/vpc:Vpc";
const subnet = "aws:ec2/subnet:Subnet";
const nodes = "aws:elasticache/replicationGroup:ReplicationGroup";
const subnetGroup = "aws:rds/subnetGroup:SubnetGroup";
const bucket = "aws:s3/bucket:Bucket";
const alarm = "aws:cloudwatch/metricAlarm:MetricAlarm";
const mapping = "aws:lambda/eventSourceMapping:EventSourceMapping";
const schedule = "aws:scheduler/schedule:Schedule";
const group = "aws:codedeploy/deploymentGroup:DeploymentGroup";
const role = "aws:iam/role:Role";
const ingress = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const distribution = "aws:cloudfront/distribution:Distribution";
const service = "aws:ecs/service:Service";
const task = "aws:ecs/taskDefinition:TaskDefinition";
const balancer = "aws:lb/loadBalancer:LoadBalancer";

const redrives: Find = [queue, ({ inputs }) => !isMissing(inputs["redrivePolicy"])];
const deadLetters: Find = [
  queue,
  (one, graph) => graph.all(queue).some((other) => graph.sourcesOf(other, "redrivePolicy").includes(one)),
];
/** One that has another before it. */
const laterLambda: Find = [lambda, (one, graph) => graph.all(lambda).indexOf(one) > 0];
const laterTask: Find = [task, (one, graph) => graph.all(task).indexOf(one) > 0];
const gatewaysLambda: Find = [
  lambda,
  (one, graph) =>
    graph
      .all("aws:lambda/permission:Permission")
      .some(
        (each) =>
          each.inputs["principal"] === "apigateway.amazonaws.com" && functionsOf(graph, each, "function").includes(one),
      ),
];
/** By a way out that is not a way in. */
const wayOut: Find = [
  "aws:ec2/route:Route",
  (route, graph) => madeOf(graph, route, "natGatewayId", "aws:ec2/natGateway:NatGateway").length > 0,
];
const intoDatabase: Find = [
  ingress,
  (one, graph) =>
    madeOf(graph, one, "securityGroupId", "aws:ec2/securityGroup:SecurityGroup").some((own) =>
      graph.all(instance).some((database) => graph.sourcesOf(database, "vpcSecurityGroupIds").includes(own)),
    ),
];
const fromGroup: Find = [ingress, ({ inputs }) => !isMissing(inputs["referencedSecurityGroupId"])];
const released: Find = [group, ({ inputs }) => /Canary/.test(String(inputs["deploymentConfigName"]))];
const releases: Find = [
  alarm,
  (one, graph) => graph.all(group).some((each) => graph.sourcesOf(each, "alarmConfiguration").includes(one)),
];
const telling: Find = [alarm, (one, graph) => !isMissing(one.inputs["alarmActions"]) && !tellsNobody(graph, one)];
const heartbeat: Find = [alarm, ({ inputs }) => inputs["treatMissingData"] === "breaching"];
const ofCertificate: Find = [alarm, ({ inputs }) => /DaysToExpiry/.test(JSON.stringify(inputs))];
const ofDeadLetters: Find = [
  alarm,
  ({ inputs }, graph) =>
    graph
      .all(queue)
      .some((one) => fits(deadLetters, one, graph) && at(inputs, "dimensions.QueueName") === one.inputs["name"]),
];
const inVpc: Find = [lambda, ({ inputs }) => at(inputs, "environment.variables.PUNCTUAL_DATABASE_URL") !== undefined];
const qualified: Find = [
  "aws:lambda/permission:Permission",
  (one, graph) => !isMissing(one.inputs["qualifier"]) && madeOf(graph, one, "function", alias).length === 0,
];
const fromAnywhere: Find = [ingress, ({ inputs }) => inputs["cidrIpv4"] === "0.0.0.0/0"];
const https: Find = ["aws:lb/listener:Listener", ({ inputs }) => inputs["protocol"] === "HTTPS"];
const http: Find = ["aws:lb/listener:Listener", ({ inputs }) => inputs["protocol"] === "HTTP"];
const withAuthorizer: Find = [
  "aws:apigateway/restApi:RestApi",
  ({ inputs }) => String(inputs["body"]).includes("identityValidationExpression"),
];

/** An input is not there, and nothing was made for it. */
const dropped =
  (input: string) =>
  ({ propertyDependencies, inputs }: Planned) => ({
    propertyDependencies: Object.fromEntries(Object.entries(propertyDependencies).filter(([name]) => name !== input)),
    inputs: Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== input)),
  });

export const AWS_MUTATIONS: readonly Mutation[] = [
  altered("under-platform", "made beside the platform", queue, (_, graph) => ({ parent: graph.one(stack).urn })),
  altered("names-begin-alike", "named alone", queue, () => ({ name: "events" })),
  given("names-fit", role, "name", `punctual-production-${"of-".repeat(15)}role`),
  altered("names-fit", "so long that Pulumi has no place behind it", role, ({ name }) => ({
    name: name.padEnd(57, "e"),
  })),
  altered("explicit-provider", "made by whatever provider", queue, () => ({ provider: undefined })),
  altered("explicit-provider", "made by the default one", queue, ({ urn }) => ({
    provider: `${urn.split("::", 2).join("::")}::pulumi:providers:aws::default_7_48_0::id`,
  })),
  given("aws-one-account", provider, "allowedAccountIds", undefined),
  given("aws-one-account", provider, "region", undefined),
  reworded("marked", provider, "defaultTags", '"environment"', '"surroundings"'),
  reworded("marked", provider, "defaultTags", '"cloud":"aws"', '"cloud":"gcp"'),
  given("marks-agree", queue, "tags", { environment: "test" }),
  altered("protected", "not protected", instance, () => ({ protect: false })),
  altered("protected", "not protected", queue, () => ({ protect: false })),
  altered("passwords-are-secret", "in clear", "aws:secretsmanager/secretVersion:SecretVersion", () => ({
    secrets: [],
  })),
  altered(
    "pager-is-secret",
    "in clear",
    ["aws:sns/topicSubscription:TopicSubscription", ({ inputs }) => inputs["protocol"] === "https"],
    () => ({ secrets: [] }),
  ),
  altered("secrets-stay-secret", "repeated in a text", queue, ({ inputs }, graph) => {
    const secret = textOf(graph.all("aws:secretsmanager/secretVersion:SecretVersion")[0]?.inputs["secretString"]);
    return secret === undefined ? undefined : { inputs: { ...inputs, description: `with ${secret}` } };
  }),
  altered("known-types", "of a type that nobody knows", "aws:xray/samplingRule:SamplingRule", () => ({
    type: "aws:msk/serverlessCluster:ServerlessCluster",
  })),

  altered("aws-own-role", "with the role of another", laterLambda, ({ inputs, propertyDependencies }, graph) => {
    const [first] = graph.all(lambda);
    return {
      inputs: { ...inputs, role: first?.inputs["role"] },
      propertyDependencies: { ...propertyDependencies, role: first?.propertyDependencies["role"] ?? [] },
    };
  }),
  altered("aws-own-role", "with the role of another", laterTask, ({ inputs, propertyDependencies }, graph) => {
    const [first] = graph.all(task);
    return {
      inputs: { ...inputs, taskRoleArn: first?.inputs["taskRoleArn"] },
      propertyDependencies: { ...propertyDependencies, taskRoleArn: first?.propertyDependencies["taskRoleArn"] ?? [] },
    };
  }),
  altered("aws-own-role", "with the role that starts it", task, ({ inputs, propertyDependencies }) => ({
    inputs: { ...inputs, taskRoleArn: inputs["executionRoleArn"] },
    propertyDependencies: { ...propertyDependencies, taskRoleArn: propertyDependencies["executionRoleArn"] ?? [] },
  })),
  reworded("aws-no-wildcards", "aws:iam/rolePolicy:RolePolicy", "policy", /"sqs:\w+"/, '"sqs:*"'),
  reworded(
    "aws-no-wildcards",
    "aws:iam/rolePolicy:RolePolicy",
    "policy",
    "cloudwatch:namespace",
    "aws:RequestedRegion",
  ),
  reworded("aws-trust", role, "assumeRolePolicy", "aws:SourceAccount", "aws:RequestedRegion"),
  reworded(
    "aws-tls-alone",
    "aws:sqs/queuePolicy:QueuePolicy",
    "policy",
    "aws:SecureTransport",
    "aws:ViaAWSService",
    queue,
  ),
  forgotten("aws-tls-alone", "aws:s3/bucketPolicy:BucketPolicy", bucket),
  reworded("aws-no-strangers", "aws:kms/key:Key", "policy", /arn:aws:iam::\d{12}/, "arn:aws:iam::999999999999"),

  given("aws-ingress", fromGroup, "cidrIpv4", "0.0.0.0/0"),
  given("aws-ingress", fromAnywhere, "fromPort", 22),
  forgotten("aws-default-group", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", vpc),
  given("aws-default-group", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "ingress", [{ protocol: "-1" }], vpc),
  given("aws-inside", inVpc, "vpcConfig", undefined),
  altered("aws-inside", "in an open subnet", "aws:rds/proxy:Proxy", inOpenSubnet("vpcSubnetIds")),
  altered("aws-inside", "in an open subnet", service, inOpenSubnet("networkConfiguration")),
  given("aws-no-public-address", instance, "publiclyAccessible", true),
  given("aws-no-public-address", subnet, "mapPublicIpOnLaunch", true),
  given("aws-no-public-address", service, "networkConfiguration.assignPublicIp", true),
  altered("aws-database-by-clients", "from somebody else", intoDatabase, dropped("referencedSecurityGroupId")),
  altered(
    "aws-database-isolated",
    "of the database's subnets",
    wayOut,
    ({ propertyDependencies }, graph) => ({
      propertyDependencies: { ...propertyDependencies, routeTableId: tablesOfDatabase(graph).map(({ urn }) => urn) },
    }),
    subnetGroup,
  ),
  altered("aws-zones", "in one subnet", subnetGroup, ({ propertyDependencies }) => ({
    propertyDependencies: {
      ...propertyDependencies,
      subnetIds: propertyDependencies["subnetIds"]?.slice(0, 1) ?? [],
    },
  })),
  altered(
    "aws-ways-out",
    "in the subnet of another",
    "aws:ec2/natGateway:NatGateway",
    ({ propertyDependencies }, graph) => ({
      propertyDependencies: {
        ...propertyDependencies,
        subnetId: graph.all("aws:ec2/natGateway:NatGateway").at(-1)?.propertyDependencies["subnetId"] ?? [],
      },
    }),
    vpc,
  ),
  given("aws-flow-logs", "aws:ec2/flowLog:FlowLog", "trafficType", "ACCEPT", vpc),
  forgotten(
    "aws-endpoints",
    ["aws:ec2/vpcEndpoint:VpcEndpoint", ({ inputs }) => String(inputs["serviceName"]).endsWith(".s3")],
    vpc,
  ),

  given("aws-sealed", instance, "storageEncrypted", false),
  given("aws-logs-own-keys", "aws:cloudwatch/logGroup:LogGroup", "kmsKeyId", undefined),
  given("own-keys", "aws:secretsmanager/secret:Secret", "kmsKeyId", undefined),
  given("aws-sealed", nodes, "atRestEncryptionEnabled", false),
  given("own-keys", nodes, "kmsKeyId", undefined),
  given("aws-tls", nodes, "transitEncryptionEnabled", false),
  given("aws-transport-asks", nodes, "userGroupIds", undefined),
  given(
    "aws-transport-keeps",
    "aws:elasticache/parameterGroup:ParameterGroup",
    "parameters",
    [{ name: "maxmemory-policy", value: "allkeys-lru" }],
    nodes,
  ),
  given("aws-transport-keeps", "aws:elasticache/parameterGroup:ParameterGroup", "parameters", [], nodes),
  altered("protected", "could be deleted", nodes, () => ({ protect: false })),
  altered("aws-inside", "in an open subnet", "aws:elasticache/subnetGroup:SubnetGroup", inOpenSubnet("subnetIds")),
  forgotten(
    "aws-buckets-sealed",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    bucket,
  ),
  given("aws-keys-rotate", "aws:kms/key:Key", "enableKeyRotation", false),
  given("aws-keys-rotate", "aws:kms/key:Key", "deletionWindowInDays", 7),
  given("aws-database-tls", "aws:rds/proxy:Proxy", "requireTls", false),
  given("aws-database-tls", "aws:rds/parameterGroup:ParameterGroup", "parameters", [], instance),
  given("aws-tls", "aws:apigateway/domainName:DomainName", "securityPolicy", "TLS_1_0"),
  given("aws-tls", distribution, "viewerCertificate.minimumProtocolVersion", "TLSv1"),
  given("aws-tls", distribution, "defaultCacheBehavior.viewerProtocolPolicy", "allow-all"),
  given("aws-tls", https, "sslPolicy", "ELBSecurityPolicy-2016-08"),
  given("aws-tls", http, "defaultActions", [{ type: "forward" }]),
  ...["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"].map((input) =>
    given("aws-buckets-closed", "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", input, false, bucket),
  ),
  forgotten("aws-buckets-closed", "aws:s3/bucketOwnershipControls:BucketOwnershipControls", bucket),
  forgotten("aws-buckets-closed", "aws:s3/bucketVersioning:BucketVersioning", bucket),
  given("aws-buckets-closed", "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "rules", [], bucket),

  given("aws-functions-modern", lambda, "runtime", "nodejs18.x"),
  given("aws-functions-modern", lambda, "architectures", ["x86_64"]),
  given("aws-functions-modern", lambda, "memorySize", 64),
  given("aws-functions-modern", lambda, "loggingConfig.logFormat", "Text"),
  given("aws-functions-modern", lambda, "tracingConfig.mode", "PassThrough"),
  given("aws-api-in-time", gatewaysLambda, "timeout", 30),
  altered("aws-log-group-first", "before its log group", lambda, ({ propertyDependencies, dependencies }, graph) => {
    const logs = graph.all("aws:cloudwatch/logGroup:LogGroup");
    const rest = (urns: readonly string[]) => urns.filter((urn) => !leadsTo(graph, urn, logs));
    return {
      dependencies: rest(dependencies),
      propertyDependencies: Object.fromEntries(
        Object.entries(propertyDependencies).map(([input, urns]) => [input, rest(urns)]),
      ),
    };
  }),
  given("aws-logs-end", "aws:cloudwatch/logGroup:LogGroup", "retentionInDays", 365),
  altered("aws-callers-name-alias", "calls the function", mapping, ({ propertyDependencies }, graph) => {
    const [called] = propertyDependencies["functionName"] ?? [];
    const behind = called === undefined ? [] : (graph.at(called)?.propertyDependencies["functionName"] ?? []);
    return { propertyDependencies: { ...propertyDependencies, functionName: behind } };
  }),
  given("aws-permissions-narrow", "aws:lambda/permission:Permission", "sourceArn", undefined),
  given("aws-permissions-narrow", qualified, "qualifier", undefined),
  altered("aws-releases-move-alias", "takes traffic back", alias, () => ({ ignoreChanges: [] })),
  given("aws-releases-move-alias", lambda, "publish", false),
  given("no-secrets-in-variables", lambda, "environment.variables.PUNCTUAL_AUTH_SECRET", "not-so-long"),
  given(
    "no-secrets-in-variables",
    inVpc,
    "environment.variables.PUNCTUAL_DATABASE_URL",
    "postgres://punctual:word@proxy.example.com/punctual",
  ),
  given(
    "no-secrets-in-variables",
    lambda,
    "environment.variables.PUNCTUAL_ALLOW",
    "q3Zy8Jx0PvK1mW7sTnR5uLbC2dEfGhAiYoXkVtMzBwQ=",
  ),
  given("no-secrets-in-variables", task, "containerDefinitions.0.environment.0", {
    name: "PUNCTUAL_AUTH_SECRET",
    value: "not-so-long",
  }),

  altered(
    "aws-visibility",
    "as long as its consumer",
    [queue, (one, graph) => graph.all(mapping).some((each) => graph.sourcesOf(each, "eventSourceArn").includes(one))],
    ({ inputs }) => ({ inputs: { ...inputs, visibilityTimeoutSeconds: 1 } }),
    mapping,
  ),
  altered("aws-dead-letters", "without dead letters", redrives, dropped("redrivePolicy")),
  given("aws-dead-letters", redrives, "redrivePolicy.maxReceiveCount", 10),
  given("aws-dead-letters", deadLetters, "messageRetentionSeconds", 345_600),
  reworded(
    "aws-redrive-limited",
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
    "redriveAllowPolicy",
    "byQueue",
    "allowAll",
    deadLetters,
  ),
  given("aws-batches", mapping, "functionResponseTypes", []),
  given("aws-batches", mapping, "batchSize", 100),
  given("aws-batches", mapping, "scalingConfig", undefined),
  given("aws-tick", schedule, "flexibleTimeWindow.mode", "FLEXIBLE"),
  given("aws-tick", schedule, "scheduleExpression", "rate(5 minutes)"),
  given("aws-tick", schedule, "target.retryPolicy.maximumRetryAttempts", 3),
  given("aws-tick", schedule, "target.deadLetterConfig", undefined),
  given(
    "aws-tick-once",
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    "maximumRetryAttempts",
    2,
    schedule,
  ),
  altered(
    "aws-one-tick",
    "may be two",
    [lambda, ({ inputs }) => inputs["reservedConcurrentExecutions"] === 1],
    dropped("reservedConcurrentExecutions"),
    schedule,
  ),
  forgotten("aws-dead-letters-watched", ofDeadLetters, deadLetters),

  given("aws-backups", instance, "backupRetentionPeriod", 1),
  given("aws-backups", instance, "multiAz", false),
  given("aws-backups", instance, "deletionProtection", false),
  given("aws-backups", instance, "skipFinalSnapshot", true),
  given("aws-no-password", instance, "manageMasterUserPassword", false),
  given("aws-no-password", instance, "iamDatabaseAuthenticationEnabled", false),
  given("aws-no-password", "aws:rds/proxy:Proxy", "auths.0.iamAuth", "DISABLED"),
  given("aws-storage", instance, "maxAllocatedStorage", undefined),
  given("aws-storage", instance, "performanceInsightsEnabled", false),
  given("aws-storage", instance, "enabledCloudwatchLogsExports", []),

  reworded(
    "aws-authorizer",
    withAuthorizer,
    "body",
    /"authorizerResultTtlInSeconds":\s*300/,
    '"authorizerResultTtlInSeconds":0',
  ),
  given("aws-authorizer", "aws:apigateway/authorizer:Authorizer", "authorizerResultTtlInSeconds", 0),
  given("aws-authorizer", "aws:apigateway/authorizer:Authorizer", "identityValidationExpression", undefined),
  given(
    "aws-throttled",
    "aws:apigateway/methodSettings:MethodSettings",
    "settings.throttlingRateLimit",
    undefined,
    "aws:apigateway/stage:Stage",
  ),
  given(
    "aws-throttled",
    "aws:apigateway/methodSettings:MethodSettings",
    "settings.dataTraceEnabled",
    true,
    "aws:apigateway/stage:Stage",
  ),
  given("origins-named", lambda, "environment.variables.PUNCTUAL_CORS_ORIGINS", "*"),
  given("origins-named", task, "containerDefinitions.0.environment.0", { name: "PUNCTUAL_CORS_ORIGINS", value: "*" }),
  given("origins-named", "aws:apigateway/response:Response", "responseParameters", {
    "gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
  }),
  altered(
    "aws-firewall",
    "before nothing",
    [
      "aws:wafv2/webAclAssociation:WebAclAssociation",
      (one, graph) => graph.sourcesOf(one, "resourceArn").some(({ type }) => type.endsWith(":Stage")),
    ],
    dropped("resourceArn"),
    "aws:apigateway/stage:Stage",
  ),
  altered(
    "aws-firewall",
    "before nothing",
    [
      "aws:wafv2/webAclAssociation:WebAclAssociation",
      (one, graph) => graph.sourcesOf(one, "resourceArn").some(({ type }) => type === balancer),
    ],
    dropped("resourceArn"),
    balancer,
  ),
  given("aws-firewall", distribution, "webAclId", undefined),
  altered(
    "aws-firewall-discreet",
    "with tokens",
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
    dropped("redactedFields"),
    [
      "aws:wafv2/webAcl:WebAcl",
      (one, graph) => {
        const [first] = graph.all("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration");
        return first !== undefined && graph.sourcesOf(first, "resourceArn").includes(one);
      },
    ],
  ),
  given("aws-console-headers", distribution, "defaultCacheBehavior.responseHeadersPolicyId", undefined),
  given(
    "aws-console-headers",
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
    "securityHeadersConfig.contentSecurityPolicy",
    undefined,
  ),
  given(
    "index-not-cached",
    ["aws:s3/bucketObjectv2:BucketObjectv2", ({ inputs }) => inputs["key"] === "index.html"],
    "cacheControl",
    "max-age=31536000",
  ),
  given("aws-redeploys", "aws:apigateway/deployment:Deployment", "triggers", undefined),

  forgotten(
    "aws-releasable",
    [group, (one, graph) => graph.all(group)[0] === one],
    [
      lambda,
      (one, graph) => {
        const first = String(graph.all(group)[0]?.inputs["deploymentGroupName"]);
        const called = String(one.inputs["name"]);
        return called === first || called.endsWith(`-${first}`) || first.startsWith(`${called}-`);
      },
    ],
  ),
  given("aws-rollback", group, "autoRollbackConfiguration.enabled", false),
  given("aws-rollback", group, "autoRollbackConfiguration.events", ["DEPLOYMENT_FAILURE"]),
  given("aws-rollback", group, "alarmConfiguration.enabled", false),
  given("aws-rollback", released, "deploymentConfigName", "CodeDeployDefault.LambdaAllAtOnce"),
  altered(
    "aws-canary-outlasts-alarm",
    "after ten minutes",
    releases,
    ({ inputs }) => ({
      inputs: {
        ...inputs,
        evaluationPeriods: 10,
        ...(inputs["period"] === undefined
          ? { metricQueries: listOf(inputs["metricQueries"]).map((each) => slower(each)) }
          : { period: 60 }),
      },
    }),
    [
      group,
      (one, graph) => {
        const first = found(graph, releases);
        return first !== undefined && graph.sourcesOf(one, "alarmConfiguration").includes(first);
      },
    ],
  ),
  given("aws-services-released", service, "deploymentCircuitBreaker.rollback", false),
  given("aws-services-released", service, "alarms", undefined),
  given(
    "aws-services-released",
    [service, ({ inputs }) => !isMissing(inputs["loadBalancers"])],
    "deploymentConfiguration.bakeTimeInMinutes",
    "1",
  ),
  given(
    "aws-services-released",
    [service, ({ inputs }) => !isMissing(inputs["loadBalancers"])],
    "loadBalancers.0.advancedConfiguration",
    undefined,
  ),
  altered("aws-rules-move", "takes weights back", "aws:lb/listenerRule:ListenerRule", () => ({ ignoreChanges: [] })),
  given("pinned", [lambda, ({ inputs }) => !isMissing(inputs["s3Bucket"])], "s3ObjectVersion", undefined),
  reworded("pinned", "aws:ecs/taskDefinition:TaskDefinition", "containerDefinitions", /@sha256:[\da-f]{64}/, ":latest"),

  given("aws-alarms-tell", telling, "alarmActions", []),
  given("aws-alarms-tell", telling, "okActions", undefined),
  given("aws-alarms-tell", telling, "treatMissingData", undefined),
  forgotten("dashboards", "aws:cloudwatch/dashboard:Dashboard", platform),
  given("heartbeat-watched", heartbeat, "treatMissingData", "notBreaching", platform),
  forgotten("certificate-watched", ofCertificate, platform),
  given("budget", "aws:budgets/budget:Budget", "costFilters", undefined, platform),
  given("budget", "aws:budgets/budget:Budget", "notifications", [], platform),
  given("sampled", "aws:xray/samplingRule:SamplingRule", "fixedRate", 1),
];

function leadsTo(graph: Graph, urn: string, others: readonly Planned[]): boolean {
  const one = graph.at(urn);
  return one !== undefined && others.some((other) => other === one || graph.dependsOn(one, other));
}

function tablesOfDatabase(graph: Graph): readonly Planned[] {
  const subnets = graph.all(subnetGroup).flatMap((own) => graph.sourcesOf(own, "subnetIds"));
  const associations = graph
    .all("aws:ec2/routeTableAssociation:RouteTableAssociation")
    .filter((one) => graph.sourcesOf(one, "subnetId").some((each) => subnets.includes(each)));
  return associations.flatMap((one) => madeOf(graph, one, "routeTableId", "aws:ec2/routeTable:RouteTable"));
}

function slower(query: unknown): unknown {
  return at(query, "metric") === undefined
    ? query
    : { ...(query as object), metric: { ...(at(query, "metric") as object), period: 60 } };
}

function inOpenSubnet(input: string) {
  return ({ propertyDependencies }: Planned, graph: Graph): Partial<Planned> => ({
    propertyDependencies: {
      ...propertyDependencies,
      [input]: graph.all("aws:ec2/natGateway:NatGateway").flatMap((one) => one.propertyDependencies["subnetId"] ?? []),
    },
  });
}
