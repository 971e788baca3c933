/** What AWS measures by itself, of what is looked at here, and by which sets of dimensions. */
export const AWS_METRICS: Readonly<
  Record<string, { readonly by: readonly string[]; readonly names: readonly string[] }>
> = {
  "AWS/ApiGateway": {
    by: ["ApiName,Stage"],
    names: ["Count", "4XXError", "5XXError", "Latency", "IntegrationLatency"],
  },
  "AWS/ApplicationELB": {
    by: ["LoadBalancer"],
    names: [
      "RequestCount",
      "HTTPCode_Target_4XX_Count",
      "HTTPCode_Target_5XX_Count",
      "HTTPCode_ELB_5XX_Count",
      "TargetResponseTime",
    ],
  },
  "AWS/ECS": { by: ["ClusterName,ServiceName"], names: ["CPUUtilization", "MemoryUtilization"] },
  "AWS/Lambda": {
    by: ["FunctionName", "FunctionName,Resource"],
    names: ["Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions"],
  },
  "AWS/SQS": {
    by: ["QueueName"],
    names: [
      "ApproximateNumberOfMessagesVisible",
      "ApproximateNumberOfMessagesNotVisible",
      "ApproximateAgeOfOldestMessage",
      "NumberOfMessagesSent",
    ],
  },
  "AWS/RDS": {
    by: ["DBInstanceIdentifier", "ProxyName"],
    names: [
      ...["CPUUtilization", "FreeStorageSpace", "FreeableMemory", "ReadLatency", "WriteLatency"],
      ...["DatabaseConnections", "MaxDatabaseConnectionsAllowed", "ClientConnections"],
    ],
  },
  "AWS/NATGateway": { by: ["NatGatewayId"], names: ["ErrorPortAllocation", "BytesOutToDestination"] },
  "AWS/CertificateManager": { by: ["CertificateArn"], names: ["DaysToExpiry"] },
  "AWS/Logs": { by: ["LogGroupName"], names: ["IncomingBytes"] },
  "AWS/Billing": { by: ["Currency", "Currency,ServiceName"], names: ["EstimatedCharges"] },
};
