type Inputs = Readonly<Record<string, unknown>>;

/** How a resource is said to CloudFormation. What is left out is not looked at. */
export interface Mapping {
  readonly as: string;
  /** Properties whose name differs from the input's in its first letter alone. */
  readonly same?: readonly string[];
  /** Properties that come from an input of another name. */
  readonly from?: Readonly<Record<string, string>>;
  /** The rest. */
  readonly make?: (inputs: Inputs) => Readonly<Record<string, unknown>>;
}

/** Policies are texts here, and documents there. */
const parsed = (text: unknown): unknown => (typeof text === "string" && text.startsWith("{") ? JSON.parse(text) : text);
const asText = (value: unknown): unknown => (value === undefined ? undefined : JSON.stringify(value));
const dimensions = (of: unknown): unknown =>
  of === undefined ? undefined : Object.entries(of as Inputs).map(([Name, Value]) => ({ Name, Value }));
const each = (list: unknown, change: (one: Inputs) => unknown): unknown =>
  Array.isArray(list) ? (list as readonly Inputs[]).map(change) : undefined;

/** Somewhere: archives are looked at by nobody here. */
const CODE = { S3Bucket: "artifacts", S3Key: "function.zip" };

/** Those whose values are worth being looked at: AWS knows which of them there are. */
export const MAPPINGS: Readonly<Record<string, Mapping>> = {
  "aws:lambda/function:Function": {
    as: "AWS::Lambda::Function",
    same: [
      ...["Runtime", "Handler", "Role", "Architectures", "MemorySize", "Timeout", "ReservedConcurrentExecutions"],
      ...["Description", "Environment", "TracingConfig", "VpcConfig", "KmsKeyArn", "EphemeralStorage", "LoggingConfig"],
    ],
    from: { FunctionName: "name" },
    make: () => ({ Code: CODE }),
  },
  "aws:lambda/eventSourceMapping:EventSourceMapping": {
    as: "AWS::Lambda::EventSourceMapping",
    same: [
      ...["EventSourceArn", "FunctionName", "BatchSize", "MaximumBatchingWindowInSeconds", "FunctionResponseTypes"],
      ...["ScalingConfig", "Enabled"],
    ],
  },
  "aws:lambda/permission:Permission": {
    as: "AWS::Lambda::Permission",
    same: ["Action", "Principal", "SourceArn", "SourceAccount"],
    from: { FunctionName: "function" },
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
    as: "AWS::Lambda::EventInvokeConfig",
    same: ["FunctionName", "MaximumRetryAttempts"],
    from: { MaximumEventAgeInSeconds: "maximumEventAgeInSeconds" },
    make: ({ qualifier }) => ({ Qualifier: qualifier ?? "$LATEST" }),
  },
  "aws:scheduler/schedule:Schedule": {
    as: "AWS::Scheduler::Schedule",
    same: ["Name", "GroupName", "ScheduleExpression", "FlexibleTimeWindow", "Target", "State", "KmsKeyArn"],
  },
  "aws:sqs/queue:Queue": {
    as: "AWS::SQS::Queue",
    same: ["KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled", "DelaySeconds", "FifoQueue"],
    from: {
      QueueName: "name",
      VisibilityTimeout: "visibilityTimeoutSeconds",
      MessageRetentionPeriod: "messageRetentionSeconds",
      ReceiveMessageWaitTimeSeconds: "receiveWaitTimeSeconds",
      MaximumMessageSize: "maxMessageSize",
    },
    make: ({ redrivePolicy }) => ({ RedrivePolicy: parsed(redrivePolicy) }),
  },
  "aws:sqs/queuePolicy:QueuePolicy": {
    as: "AWS::SQS::QueuePolicy",
    make: ({ queueUrl, policy }) => ({ Queues: [queueUrl], PolicyDocument: parsed(policy) }),
  },
  "aws:rds/instance:Instance": {
    as: "AWS::RDS::DBInstance",
    same: [
      ...["Engine", "StorageType", "StorageEncrypted", "KmsKeyId", "MaxAllocatedStorage"],
      ...["BackupRetentionPeriod", "DeletionProtection", "PubliclyAccessible", "CopyTagsToSnapshot"],
      ...["MonitoringInterval", "MonitoringRoleArn", "AutoMinorVersionUpgrade", "ManageMasterUserPassword"],
      ...["PerformanceInsightsRetentionPeriod", "DeleteAutomatedBackups"],
    ],
    from: {
      DBInstanceClass: "instanceClass",
      DBName: "dbName",
      MultiAZ: "multiAz",
      MasterUsername: "username",
      VPCSecurityGroups: "vpcSecurityGroupIds",
      DBSubnetGroupName: "dbSubnetGroupName",
      DBParameterGroupName: "parameterGroupName",
      EnablePerformanceInsights: "performanceInsightsEnabled",
      EnableIAMDatabaseAuthentication: "iamDatabaseAuthenticationEnabled",
      EnableCloudwatchLogsExports: "enabledCloudwatchLogsExports",
      PreferredBackupWindow: "backupWindow",
      PreferredMaintenanceWindow: "maintenanceWindow",
      CACertificateIdentifier: "caCertIdentifier",
    },
    make: ({ allocatedStorage, port, engineVersion }) => ({
      AllocatedStorage: asText(allocatedStorage),
      Port: asText(port),
      // Of a major version alone AWS takes the newest; cfn-lint knows whole ones.
      EngineVersion: typeof engineVersion === "string" && /^\d+$/.test(engineVersion) ? undefined : engineVersion,
    }),
  },
  "aws:rds/parameterGroup:ParameterGroup": {
    as: "AWS::RDS::DBParameterGroup",
    same: ["Family"],
    make: ({ description, parameters }) => ({
      Description: description ?? "parameters",
      Parameters: Object.fromEntries(
        ((parameters ?? []) as readonly { name: string; value: unknown }[]).map(({ name, value }) => [name, value]),
      ),
    }),
  },
  "aws:rds/proxy:Proxy": {
    as: "AWS::RDS::DBProxy",
    same: ["EngineFamily", "RoleArn", "VpcSubnetIds", "VpcSecurityGroupIds", "IdleClientTimeout", "DebugLogging"],
    from: { DBProxyName: "name", RequireTLS: "requireTls" },
    make: ({ name, auths }) => ({
      DBProxyName: name ?? "proxy",
      Auth: each(auths, ({ iamAuth, secretArn, authScheme, clientPasswordAuthType }) => ({
        IAMAuth: iamAuth,
        SecretArn: secretArn,
        AuthScheme: authScheme,
        ClientPasswordAuthType: clientPasswordAuthType,
      })),
    }),
  },
  "aws:iam/role:Role": {
    as: "AWS::IAM::Role",
    same: ["Description", "MaxSessionDuration", "Path"],
    from: { RoleName: "name" },
    make: ({ assumeRolePolicy }) => ({ AssumeRolePolicyDocument: parsed(assumeRolePolicy) }),
  },
  "aws:iam/rolePolicy:RolePolicy": {
    as: "AWS::IAM::RolePolicy",
    from: { RoleName: "role" },
    make: ({ name, policy }) => ({ PolicyName: name ?? "policy", PolicyDocument: parsed(policy) }),
  },
  "aws:iam/policy:Policy": {
    as: "AWS::IAM::ManagedPolicy",
    same: ["Description"],
    make: ({ policy }) => ({ PolicyDocument: parsed(policy) }),
  },
  "aws:kms/key:Key": {
    as: "AWS::KMS::Key",
    same: ["Description", "EnableKeyRotation", "KeySpec", "KeyUsage", "MultiRegion"],
    from: { PendingWindowInDays: "deletionWindowInDays" },
    make: ({ policy }) => ({ KeyPolicy: parsed(policy) }),
  },
  "aws:secretsmanager/secret:Secret": {
    as: "AWS::SecretsManager::Secret",
    same: ["Description", "KmsKeyId", "Name"],
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    as: "AWS::Logs::LogGroup",
    same: ["KmsKeyId", "RetentionInDays"],
    from: { LogGroupName: "name" },
  },
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": {
    as: "AWS::Logs::MetricFilter",
    same: ["LogGroupName"],
    make: ({ pattern, metricTransformation }) => ({
      FilterPattern: pattern,
      MetricTransformations: each([metricTransformation], ({ name, namespace, value }) => ({
        MetricName: name,
        MetricNamespace: namespace,
        MetricValue: value,
      })),
    }),
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    as: "AWS::CloudWatch::Alarm",
    same: [
      ...["MetricName", "Namespace", "Period", "Statistic", "ExtendedStatistic", "Unit", "Threshold"],
      ...["ComparisonOperator", "EvaluationPeriods", "DatapointsToAlarm", "TreatMissingData", "AlarmActions"],
      ...["InsufficientDataActions", "ActionsEnabled"],
    ],
    from: { AlarmName: "name", AlarmDescription: "alarmDescription", OKActions: "okActions" },
    make: (inputs) => ({
      Dimensions: dimensions(inputs["dimensions"]),
      Metrics: each(inputs["metricQueries"], ({ id, expression, label, returnData, metric, period }) => ({
        Id: id,
        Expression: expression,
        Label: label,
        ReturnData: returnData,
        Period: period,
        MetricStat: metric === undefined ? undefined : statOf(metric as Inputs),
      })),
    }),
  },
  "aws:sns/topicSubscription:TopicSubscription": {
    as: "AWS::SNS::Subscription",
    from: { TopicArn: "topic" },
    same: ["Protocol", "Endpoint"],
  },
  "aws:s3/bucketPolicy:BucketPolicy": {
    as: "AWS::S3::BucketPolicy",
    same: ["Bucket"],
    make: ({ policy }) => ({ PolicyDocument: parsed(policy) }),
  },
  "aws:ec2/subnet:Subnet": {
    as: "AWS::EC2::Subnet",
    same: ["VpcId", "CidrBlock", "AvailabilityZone", "MapPublicIpOnLaunch"],
  },
  "aws:ec2/vpcEndpoint:VpcEndpoint": {
    as: "AWS::EC2::VPCEndpoint",
    same: [
      ...["VpcId", "ServiceName", "VpcEndpointType", "PrivateDnsEnabled", "SubnetIds", "SecurityGroupIds"],
      "RouteTableIds",
    ],
    make: ({ policy }) => ({ PolicyDocument: parsed(policy) }),
  },
  "aws:ec2/flowLog:FlowLog": {
    as: "AWS::EC2::FlowLog",
    same: ["TrafficType", "MaxAggregationInterval", "LogDestination", "LogDestinationType"],
    from: { ResourceId: "vpcId", DeliverLogsPermissionArn: "iamRoleArn" },
    make: () => ({ ResourceType: "VPC" }),
  },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
    as: "AWS::EC2::SecurityGroupIngress",
    same: ["Description", "FromPort", "ToPort", "IpProtocol"],
    from: { GroupId: "securityGroupId", SourceSecurityGroupId: "referencedSecurityGroupId", CidrIp: "cidrIpv4" },
  },
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {
    as: "AWS::EC2::SecurityGroupEgress",
    same: ["Description", "FromPort", "ToPort", "IpProtocol"],
    from: {
      GroupId: "securityGroupId",
      DestinationSecurityGroupId: "referencedSecurityGroupId",
      DestinationPrefixListId: "prefixListId",
      CidrIp: "cidrIpv4",
    },
  },
  "aws:backup/plan:Plan": {
    as: "AWS::Backup::BackupPlan",
    make: ({ name, rules }) => ({
      BackupPlan: {
        BackupPlanName: name ?? "plan",
        BackupPlanRule: each(rules, ({ ruleName, targetVaultName, schedule, lifecycle, copyActions }) => ({
          RuleName: ruleName,
          TargetBackupVault: targetVaultName,
          ScheduleExpression: schedule,
          Lifecycle: keptOf(lifecycle),
          CopyActions: each(copyActions, (copy) => ({
            DestinationBackupVaultArn: copy["destinationVaultArn"],
            Lifecycle: keptOf(copy["lifecycle"]),
          })),
        })),
      },
    }),
  },
  "aws:ecs/taskDefinition:TaskDefinition": {
    as: "AWS::ECS::TaskDefinition",
    same: [
      ...["Family", "Cpu", "Memory", "NetworkMode", "RequiresCompatibilities", "ExecutionRoleArn", "TaskRoleArn"],
      "RuntimePlatform",
    ],
    make: ({ containerDefinitions }) => ({ ContainerDefinitions: JSON.parse(String(containerDefinitions)) as unknown }),
  },
  "aws:ecs/cluster:Cluster": { as: "AWS::ECS::Cluster", from: { ClusterSettings: "settings", ClusterName: "name" } },
  "aws:appautoscaling/target:Target": {
    as: "AWS::ApplicationAutoScaling::ScalableTarget",
    same: ["MinCapacity", "MaxCapacity", "ResourceId", "ScalableDimension", "ServiceNamespace"],
  },
  "aws:apigateway/authorizer:Authorizer": {
    as: "AWS::ApiGateway::Authorizer",
    same: [
      ...["Name", "Type", "AuthorizerUri", "AuthorizerCredentials", "IdentitySource", "IdentityValidationExpression"],
      "AuthorizerResultTtlInSeconds",
    ],
    from: { RestApiId: "restApi" },
  },
  "aws:apigateway/domainName:DomainName": {
    as: "AWS::ApiGateway::DomainName",
    same: ["DomainName", "RegionalCertificateArn", "SecurityPolicy"],
  },
  "aws:lb/listener:Listener": {
    as: "AWS::ElasticLoadBalancingV2::Listener",
    same: ["LoadBalancerArn", "Port", "Protocol", "SslPolicy"],
    make: ({ certificateArn }) => ({
      Certificates: certificateArn === undefined ? undefined : [{ CertificateArn: certificateArn }],
      DefaultActions: [{ Type: "fixed-response", FixedResponseConfig: { StatusCode: "404" } }],
    }),
  },
  "aws:codedeploy/deploymentGroup:DeploymentGroup": {
    as: "AWS::CodeDeploy::DeploymentGroup",
    same: ["DeploymentConfigName", "DeploymentGroupName", "ServiceRoleArn", "DeploymentStyle"],
    from: { ApplicationName: "appName", AutoRollbackConfiguration: "autoRollbackConfiguration" },
    make: ({ alarmConfiguration }) => {
      const {
        enabled,
        ignorePollAlarmFailure,
        alarms = [],
      } = (alarmConfiguration ?? {}) as {
        readonly enabled?: boolean;
        readonly ignorePollAlarmFailure?: boolean;
        readonly alarms?: readonly string[];
      };
      const named = alarms.map((Name) => ({ Name }));
      return {
        AlarmConfiguration: { Enabled: enabled, IgnorePollAlarmFailure: ignorePollAlarmFailure, Alarms: named },
      };
    },
  },
};

function statOf({ metricName, namespace, dimensions: of, period, stat, unit }: Inputs) {
  return {
    Metric: { MetricName: metricName, Namespace: namespace, Dimensions: dimensions(of) },
    Period: period,
    Stat: stat,
    Unit: unit,
  };
}

function keptOf(lifecycle: unknown): unknown {
  if (lifecycle === undefined) return undefined;
  const { deleteAfter, coldStorageAfter } = lifecycle as Inputs;
  return { DeleteAfterDays: deleteAfter, MoveToColdStorageAfterDays: coldStorageAfter };
}
