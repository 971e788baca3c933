/** What is written of each request: never its query, headers or body. */
export const ACCESS_LOG = JSON.stringify({
  requestId: "$context.requestId",
  time: "$context.requestTimeEpoch",
  ip: "$context.identity.sourceIp",
  method: "$context.httpMethod",
  route: "$context.resourcePath",
  status: "$context.status",
  bytes: "$context.responseLength",
  latencyMs: "$context.responseLatency",
  integrationMs: "$context.integrationLatency",
  integrationError: "$context.integration.error",
  authorizerError: "$context.authorizer.error",
  authorizerMs: "$context.authorizer.integrationLatency",
  tenant: "$context.authorizer.tenant",
  refusal: "$context.error.responseType",
  traceId: "$context.xrayTraceId",
});
