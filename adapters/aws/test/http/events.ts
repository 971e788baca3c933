import type { APIGatewayProxyEvent, APIGatewayProxyEventV2, Context } from "aws-lambda";

export const CONTEXT = { awsRequestId: "invocation-1" } as Context;

/** As a REST API makes it. */
export function v1(given: Partial<APIGatewayProxyEvent> & { readonly stage?: string } = {}): APIGatewayProxyEvent {
  const { stage = "live", ...fields } = given;
  return {
    resource: "/{proxy+}",
    path: "/v1/schedules",
    httpMethod: "GET",
    headers: null as unknown as APIGatewayProxyEvent["headers"],
    multiValueHeaders: { Host: ["api.example.org"] },
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    stageVariables: null,
    requestContext: {
      stage,
      requestId: "request-1",
      identity: { sourceIp: "203.0.113.7" },
    } as APIGatewayProxyEvent["requestContext"],
    body: null,
    isBase64Encoded: false,
    ...fields,
  };
}

/** As an HTTP API makes it, or a function's own URL. */
export function v2(
  given: Partial<APIGatewayProxyEventV2> & { readonly method?: string; readonly stage?: string } = {},
): APIGatewayProxyEventV2 {
  const { method = "GET", stage = "$default", ...fields } = given;
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: "/v1/schedules",
    rawQueryString: "",
    headers: { host: "api.example.org" },
    requestContext: {
      stage,
      requestId: "request-1",
      http: { method, path: "/v1/schedules", protocol: "HTTP/1.1", sourceIp: "203.0.113.7", userAgent: "test" },
    } as APIGatewayProxyEventV2["requestContext"],
    isBase64Encoded: false,
    ...fields,
  };
}
