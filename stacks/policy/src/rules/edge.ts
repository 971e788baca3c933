import { CONTAINED, mentions, piecesOf } from "../documents.js";
import { madeOf, pointingAt } from "../links.js";
import {
  at,
  entriesOf,
  isMissing,
  isNot,
  isUncertain,
  isUnknown,
  jsonOf,
  listOf,
  textOf,
  textsIn,
} from "../reading.js";
import { amongAll, ofEach, type Rule } from "../rule.js";

const REST_API = "aws:apigateway/restApi:RestApi";
const AUTHORIZER = "aws:apigateway/authorizer:Authorizer";
const STAGE = "aws:apigateway/stage:Stage";
const SETTINGS = "aws:apigateway/methodSettings:MethodSettings";
const BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const DISTRIBUTION = "aws:cloudfront/distribution:Distribution";
const HEADERS = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy";
const ACL = "aws:wafv2/webAcl:WebAcl";
const ARMOR = "gcp:compute/securityPolicy:SecurityPolicy";

/** How long a gateway may remember what an authorizer said. */
const REMEMBERED_SECONDS = 300;

const ORIGINS = [
  ...["aws:lambda/function:Function", ...CONTAINED, REST_API, "aws:apigateway/response:Response"],
  ...[HEADERS, "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration", "gcp:storage/bucket:Bucket"],
];

export const EDGE: readonly Rule[] = [
  ofEach(
    {
      id: "aws-authorizer",
      number: 41,
      says: "The gateway asks its authorizer of what looks like a token alone, and remembers for five minutes.",
    },
    [AUTHORIZER, REST_API],
    ({ type, inputs }) => {
      const authorizers =
        type === AUTHORIZER
          ? [inputs]
          : entriesOf(at(jsonOf(inputs["body"]), "components.securitySchemes")).flatMap(
              ([, scheme]) => at(scheme, "x-amazon-apigateway-authorizer") ?? [],
            );
      return authorizers.flatMap((one) => [
        ...(isNot(at(one, "authorizerResultTtlInSeconds"), REMEMBERED_SECONDS)
          ? ["is remembered for another time"]
          : []),
        ...(isMissing(at(one, "identityValidationExpression")) ? ["is asked of whatever comes"] : []),
      ]);
    },
  ),
  amongAll(
    { id: "aws-throttled", number: 41, says: "The gateway lets in so much and no more, and writes no bodies down." },
    STAGE,
    (one, graph) => {
      const [api] = madeOf(graph, one, "restApi", REST_API);
      const settings = graph
        .all(SETTINGS)
        .filter((each) => api === undefined || madeOf(graph, each, "restApi", REST_API).includes(api))
        .map(({ inputs }) => inputs["settings"]);
      return [
        ...(settings.some(
          (each) => !isMissing(at(each, "throttlingRateLimit")) && !isMissing(at(each, "throttlingBurstLimit")),
        )
          ? []
          : ["lets everything in"]),
        ...(settings.some((each) => isNot(at(each, "dataTraceEnabled"), false, undefined))
          ? ["writes bodies down"]
          : []),
      ];
    },
  ),
  ofEach(
    { id: "origins-named", number: 42, says: "Outside dev pages of named origins alone may ask from a browser." },
    ORIGINS,
    (one, { environment }) => environment !== "dev" && originsOf(one).includes("*") && "lets pages of any origin ask",
  ),
  amongAll(
    { id: "aws-firewall", number: 43, says: "Outside dev a firewall stands before everything that is open." },
    [STAGE, BALANCER, DISTRIBUTION],
    (one, graph, { environment }) => {
      if (environment === "dev" || one.inputs["internal"] === true) return undefined;
      const behind =
        one.type === DISTRIBUTION
          ? !isMissing(one.inputs["webAclId"])
          : pointingAt(graph, one, "aws:wafv2/webAclAssociation:WebAclAssociation", "resourceArn").length > 0;
      return !behind && "has no firewall before it";
    },
  ),
  amongAll(
    { id: "aws-firewall-discreet", number: 43, says: "A firewall writes down what it saw, but for tokens." },
    ACL,
    (one, graph) => {
      const logs = pointingAt(
        graph,
        one,
        "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
        "resourceArn",
      );
      if (logs.length === 0) return "writes nothing down";
      const hides = ({ inputs }: (typeof logs)[number]) =>
        isUnknown(inputs["redactedFields"]) ||
        listOf(inputs["redactedFields"]).some((field) => !isNot(at(field, "singleHeader.name"), "authorization"));
      return !logs.every(hides) && "writes tokens down";
    },
  ),
  amongAll(
    {
      id: "gcp-firewall",
      number: 43,
      says: "Outside dev Cloud Armor stands before everything that is open, and throttles.",
    },
    ["gcp:compute/backendService:BackendService", ARMOR],
    (one, graph, { environment }) => {
      if (environment === "dev") return undefined;
      if (one.type !== ARMOR) return isMissing(one.inputs["securityPolicy"]) && "has no firewall before it";
      if (one.inputs["type"] === "CLOUD_ARMOR_EDGE") return undefined;
      const beside = pointingAt(graph, one, "gcp:compute/securityPolicyRule:SecurityPolicyRule", "securityPolicy");
      const rules = [...listOf(one.inputs["rules"]), ...beside.map(({ inputs }) => inputs)];
      const throttles = rules.some((rule) => !isNot(at(rule, "action"), "throttle", "rate_based_ban"));
      return !throttles && !isUnknown(one.inputs["rules"]) && "does not throttle";
    },
  ),
  ofEach(
    {
      id: "aws-console-headers",
      number: 44,
      says: "The console tells browsers what they must not do, and serves its page for every path.",
    },
    [DISTRIBUTION, HEADERS],
    ({ type, inputs }) => {
      if (type === DISTRIBUTION) {
        const errors = inputs["customErrorResponses"];
        const functions = at(inputs, "defaultCacheBehavior.functionAssociations");
        const serves =
          isUnknown(errors) ||
          !isMissing(functions) ||
          listOf(errors).some((each) => !isNot(at(each, "responsePagePath"), "/index.html"));
        return [
          ...(isMissing(at(inputs, "defaultCacheBehavior.responseHeadersPolicyId")) ? ["sends no such headers"] : []),
          ...(serves ? [] : ["knows no path but files"]),
        ];
      }
      const parts = ["strictTransportSecurity", "contentSecurityPolicy", "contentTypeOptions", "referrerPolicy"];
      const headers = inputs["securityHeadersConfig"];
      return [
        ...parts.filter((part) => isMissing(at(headers, part))).map((part) => `says nothing of ${part}`),
        ...(isNot(at(headers, "frameOptions.frameOption"), "DENY") ? ["may be put into a frame"] : []),
      ];
    },
  ),
  ofEach(
    { id: "gcp-console-headers", number: 44, says: "The console tells browsers what they must not do." },
    "gcp:compute/backendBucket:BackendBucket",
    ({ inputs }) => {
      const given = inputs["customResponseHeaders"];
      if (isUncertain(given)) return [];
      const said = textsIn(given).join("\n").toLowerCase();
      return ["strict-transport-security", "content-security-policy", "x-content-type-options", "x-frame-options"]
        .filter((header) => !said.includes(`${header}:`))
        .map((header) => `says nothing of ${header}`);
    },
  ),
  ofEach(
    { id: "index-not-cached", number: 44, says: "Nobody keeps the console's first page: it names the others." },
    ["aws:s3/bucketObjectv2:BucketObjectv2", "gcp:storage/bucketObject:BucketObject"],
    ({ inputs }) =>
      [inputs["key"], inputs["name"]].includes("index.html") &&
      !isUnknown(inputs["cacheControl"]) &&
      !mentions(inputs["cacheControl"], /no-cache|no-store/) &&
      "is kept by browsers",
  ),
  ofEach(
    { id: "aws-redeploys", number: 45, says: "A changed document of the API is deployed, and the same one is not." },
    "aws:apigateway/deployment:Deployment",
    ({ inputs }) => {
      const triggers = inputs["triggers"];
      const texts = entriesOf(triggers).map(([, value]) => value);
      return (
        !isUnknown(triggers) &&
        !texts.some((each) => isUnknown(each) || /^[\w+/=-]{16,}$/.test(textOf(each) ?? "")) &&
        "is not deployed when its document changes"
      );
    },
  ),
];

function originsOf({
  type,
  inputs,
}: {
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}): readonly string[] {
  switch (type) {
    case "aws:apigateway/response:Response":
    case REST_API:
      return headersIn(type === REST_API ? jsonOf(inputs["body"]) : inputs);
    case HEADERS:
      return textsIn(at(inputs, "corsConfig.accessControlAllowOrigins"));
    case "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration":
      return listOf(inputs["corsRules"]).flatMap((rule) => textsIn(at(rule, "allowedOrigins")));
    case "gcp:storage/bucket:Bucket":
      return listOf(inputs["cors"]).flatMap((rule) => textsIn(at(rule, "origins")));
    default:
      return piecesOf({ type, inputs })
        .flatMap(({ variables }) => variables)
        .filter(([name]) => name === "PUNCTUAL_CORS_ORIGINS")
        .flatMap(([, value]) => textOf(value)?.split(",") ?? []);
  }
}

/** What is sent as `Access-Control-Allow-Origin`, wherever a document of API Gateway says it. */
function headersIn(value: unknown): readonly string[] {
  return entriesOf(value).flatMap(([name, part]) =>
    /Access-Control-Allow-Origin$/i.test(name)
      ? textsIn(part).map((text) => text.replaceAll("'", ""))
      : headersIn(part),
  );
}
