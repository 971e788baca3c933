/** Types of resources by module, as the SDKs name them. What is not here has not been looked at. */
const AWS: Readonly<Record<string, readonly string[]>> = {
  acm: ["Certificate", "CertificateValidation"],
  apigateway: [
    ...["Account", "ApiKey", "Authorizer", "BasePathMapping", "Deployment", "DomainName", "Integration", "Method"],
    ...["MethodSettings", "Model", "RequestValidator", "Response", "RestApi", "Stage", "UsagePlan", "UsagePlanKey"],
  ],
  appautoscaling: ["Policy", "Target"],
  backup: ["Plan", "Selection", "Vault"],
  budgets: ["Budget"],
  cloudfront: ["Distribution", "Function", "OriginAccessControl", "ResponseHeadersPolicy"],
  cloudwatch: [
    ...["CompositeAlarm", "Dashboard", "LogDelivery", "LogDeliveryDestination", "LogDeliverySource", "LogGroup"],
    ...["LogMetricFilter", "LogResourcePolicy", "MetricAlarm"],
  ],
  codedeploy: ["Application", "DeploymentConfig", "DeploymentGroup"],
  ec2: [
    ...["DefaultSecurityGroup", "Eip", "FlowLog", "InternetGateway", "NatGateway", "NetworkAcl", "Route", "RouteTable"],
    ...["NetworkAclAssociation", "NetworkAclRule", "RouteTableAssociation", "SecurityGroup", "Subnet", "Vpc"],
    ...["VpcEndpoint"],
  ],
  ecr: ["LifecyclePolicy", "Repository"],
  ecs: ["Cluster", "ClusterCapacityProviders", "Service", "TaskDefinition"],
  elasticache: ["ParameterGroup", "ReplicationGroup", "ServerlessCache", "SubnetGroup", "User", "UserGroup"],
  iam: ["Policy", "Role", "RolePolicy", "RolePolicyAttachment"],
  kms: ["Alias", "Key", "ReplicaKey"],
  lambda: [
    ...["Alias", "CodeSigningConfig", "EventSourceMapping", "Function", "FunctionEventInvokeConfig", "Permission"],
    ...["ProvisionedConcurrencyConfig"],
  ],
  lb: ["Listener", "ListenerRule", "LoadBalancer", "TargetGroup"],
  rds: [
    ...["Instance", "InstanceAutomatedBackupsReplication", "ParameterGroup", "Proxy", "ProxyDefaultTargetGroup"],
    ...["ProxyTarget", "SubnetGroup"],
  ],
  route53: ["HealthCheck", "Record"],
  s3: [
    ...["Bucket", "BucketCorsConfiguration", "BucketLifecycleConfiguration", "BucketLogging", "BucketObjectv2"],
    ...["BucketOwnershipControls", "BucketPolicy", "BucketPublicAccessBlock", "BucketVersioning"],
    ...["BucketServerSideEncryptionConfiguration"],
  ],
  scheduler: ["Schedule", "ScheduleGroup"],
  secretsmanager: ["Secret", "SecretPolicy", "SecretRotation", "SecretVersion"],
  sns: ["Topic", "TopicPolicy", "TopicSubscription"],
  sqs: ["Queue", "QueuePolicy", "RedriveAllowPolicy", "RedrivePolicy"],
  synthetics: ["Canary"],
  vpc: ["SecurityGroupEgressRule", "SecurityGroupIngressRule"],
  wafv2: ["WebAcl", "WebAclAssociation", "WebAclLoggingConfiguration"],
  xray: ["Group", "SamplingRule"],
};

const GCP: Readonly<Record<string, readonly string[]>> = {
  artifactregistry: ["Repository", "RepositoryIamMember"],
  billing: ["Budget"],
  certificatemanager: ["Certificate", "CertificateMap", "CertificateMapEntry", "DnsAuthorization"],
  cloudrunv2: ["Job", "JobIamMember", "Service", "ServiceIamMember", "WorkerPool", "WorkerPoolIamMember"],
  cloudscheduler: ["Job"],
  cloudtasks: ["Queue", "QueueIamMember"],
  compute: [
    ...["Address", "BackendBucket", "BackendService", "Firewall", "GlobalAddress", "GlobalForwardingRule"],
    ...["ManagedSslCertificate", "Network", "RegionNetworkEndpointGroup", "Router", "RouterNat", "SSLPolicy"],
    ...["SecurityPolicy", "SecurityPolicyRule", "Subnetwork", "TargetHttpProxy", "TargetHttpsProxy", "URLMap"],
  ],
  dns: ["ManagedZone", "RecordSet"],
  kms: ["CryptoKey", "CryptoKeyIAMMember", "KeyRing"],
  logging: ["Metric", "ProjectBucketConfig"],
  memorystore: ["Instance"],
  monitoring: [
    ...["AlertPolicy", "CustomService", "Dashboard", "MetricDescriptor", "NotificationChannel", "Slo"],
    ...["UptimeCheckConfig"],
  ],
  projects: ["IAMMember", "ServiceIdentity"],
  pubsub: ["Subscription", "SubscriptionIAMMember", "Topic", "TopicIAMMember"],
  redis: ["Instance"],
  secretmanager: ["Secret", "SecretIamMember", "SecretVersion"],
  serviceaccount: ["Account", "IAMMember"],
  servicenetworking: ["Connection"],
  sql: ["Database", "DatabaseInstance", "User"],
  storage: ["Bucket", "BucketIAMMember", "BucketObject"],
};

const RANDOM: Readonly<Record<string, readonly string[]>> = {
  index: ["RandomBytes", "RandomId", "RandomPassword", "RandomString"],
};

/** What must not be used at all, and has a rule of its own that says why. */
export const REFUSED = {
  replacesGrants: /^gcp:.*I[Aa][Mm](?:Binding|Policy)$/,
  isKey: /^gcp:serviceaccount\/key:Key$/,
};

function tokensOf(sdk: string, modules: Readonly<Record<string, readonly string[]>>): readonly string[] {
  return Object.entries(modules).flatMap(([module, names]) =>
    names.map((name) => {
      const folder = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
      return `${sdk}:${module}/${folder}:${name}`;
    }),
  );
}

export const KNOWN_TYPES: ReadonlySet<string> = new Set([
  ...tokensOf("aws", AWS),
  ...tokensOf("gcp", GCP),
  ...tokensOf("random", RANDOM),
]);
