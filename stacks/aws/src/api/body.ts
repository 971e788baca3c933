import type { Input } from "@pulumi/pulumi";
import { gatewayResponses } from "./gateway-responses.js";

type Json = Readonly<Record<string, unknown>>;

/** What of an operation the gateway is told. */
interface Described {
  readonly operationId: string;
  /** There and empty where anybody may ask. */
  readonly security?: readonly unknown[];
  readonly parameters: readonly Parameter[];
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
}

export interface GatewayParts {
  /** The import calls the API by the document's title. */
  readonly name: string;
  /** What invokes the alias of `api`. */
  readonly api: Input<string>;
  readonly authorizer: { readonly uri: Input<string>; readonly role: Input<string> };
  /** Whose pages may ask from a browser. */
  readonly origins: readonly string[];
}

/** The longest that a REST API waits. */
const PATIENCE_MS = 29_000;
/** How long a policy is remembered by its token. */
export const REMEMBERED_S = 300;
/** As the API reads it: what is no token in its form is refused without asking anybody. */
export const TOKEN = String.raw`^[Bb][Ee][Aa][Rr][Ee][Rr] [-\w]+\.[-\w]+\.[-\w]+$`;
const PARAMETERS_ALONE = "parameters";

/**
 * The document of a REST API, from the one that describes the application: its routes and no others. Everything that belongs
 * to the API stands in it (authorizer, validator, gateway's own answers), because an import removes what does not.
 *
 * The gateway reads OpenAPI 3.0 with schemas of draft 4, and fails on warnings. It takes neither 3.1, `const`, `anyOf`,
 * `additionalProperties`, limits of arrays nor numbers with formats, and of a parameter its name, place and whether it must be
 * there. So bodies are not described: every one of ours forbids unknown fields, which could not be said, and the gateway's
 * refusal is `Invalid request body`, where the application's names each field that is wrong (422) and tells it from a text
 * that is no JSON (400). The validator looks at parameters alone; the application validates both.
 */
export function bodyOf(document: Json, parts: GatewayParts): Json {
  const { description } = document["info"] as { readonly description: string };
  const paths = document["paths"] as Readonly<Record<string, Readonly<Record<string, Described>>>>;
  return {
    openapi: "3.0.1",
    info: { title: parts.name, version: "1", description },
    paths: Object.fromEntries(Object.entries(paths).map(([path, methods]) => [path, methodsOf(methods, parts)])),
    components: { securitySchemes: { bearer: bearerOf(parts) } },
    "x-amazon-apigateway-request-validators": {
      [PARAMETERS_ALONE]: { validateRequestParameters: true, validateRequestBody: false },
    },
    "x-amazon-apigateway-gateway-responses": gatewayResponses(parts.origins),
  };
}

function methodsOf(methods: Readonly<Record<string, Described>>, parts: GatewayParts): Json {
  const [first] = Object.values(methods);
  return {
    ...Object.fromEntries(Object.entries(methods).map(([method, one]) => [method, methodOf(one, parts)])),
    ...(parts.origins.length > 0 && { options: preflightOf(first?.parameters ?? [], parts) }),
  };
}

function methodOf({ operationId, security, parameters, responses }: Described, parts: GatewayParts): Json {
  return {
    operationId,
    security: security?.length === 0 ? [] : [{ bearer: [] }],
    parameters: parameters.map(told),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, { description }]) => [status, { description }]),
    ),
    "x-amazon-apigateway-request-validator": PARAMETERS_ALONE,
    "x-amazon-apigateway-integration": integrationOf(parts),
  };
}

/** The application knows its origins: it answers by itself what a browser asks before. */
function preflightOf(parameters: readonly Parameter[], parts: GatewayParts): Json {
  return {
    security: [],
    parameters: parameters.filter((one) => one.in === "path").map(told),
    responses: { 204: { description: "Whether a page may ask." } },
    "x-amazon-apigateway-integration": integrationOf(parts),
  };
}

/** That `If-Match` is missing is for the application to say: it answers 428, and the gateway cannot. */
function told({ name, in: place, required }: Parameter): Json {
  return { name, in: place, required: required && place !== "header", schema: { type: "string" } };
}

function integrationOf({ api }: GatewayParts): Json {
  return {
    type: "aws_proxy",
    // How the function is invoked, whatever the request's own method.
    httpMethod: "POST",
    uri: api,
    passthroughBehavior: "when_no_match",
    timeoutInMillis: PATIENCE_MS,
  };
}

/** An authorizer must be a key in a header: the gateway takes no scheme of `http`. */
function bearerOf({ authorizer }: GatewayParts): Json {
  return {
    type: "apiKey",
    name: "Authorization",
    in: "header",
    "x-amazon-apigateway-authtype": "custom",
    "x-amazon-apigateway-authorizer": {
      type: "token",
      authorizerUri: authorizer.uri,
      authorizerCredentials: authorizer.role,
      identityValidationExpression: TOKEN,
      authorizerResultTtlInSeconds: REMEMBERED_S,
    },
  };
}
