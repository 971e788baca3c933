import type * as aws from "@pulumi/aws";
import { expect } from "chai";
import { AwsRestApi } from "../../src/api/rest-api.js";
import type { Graph } from "@punctual/stack-testkit";
import { json, partsOf, planFor, planned, remembered } from "../support/parts.js";

const REST = "aws:apigateway/restApi:RestApi";

/** Each is planned once, and looked at by many. */
const made = remembered(plannedFor);

async function plannedFor(environment: "dev" | "production", raw = {}) {
  const plan = planFor(environment, raw);
  let door: AwsRestApi | undefined;
  const graphs = await planned(() => {
    const { functions, keys } = partsOf(plan);
    const { api, authorizer } = functions;
    if (api === undefined || authorizer === undefined) throw new RangeError("There is no API");
    door = new AwsRestApi("punctual-api", { plan, api, authorizer, keys });
    return { url: door.url, stage: door.stageArn };
  });
  return { ...graphs, plan, door };
}

const inputsOf = (graph: Graph, type: string, name?: string) => graph.one(type, name).inputs;

describe("The REST API", () => {
  it("registers the same where nothing is known yet", async () => {
    for (const environment of ["dev", "production"] as const) {
      const { graph, unknown } = await made(environment);
      expect(unknown.types()).to.deep.equal(graph.types());
    }
  });

  it("is regional, fails on warnings, and takes bodies as they came", async () => {
    const { graph } = await made("dev");

    expect(inputsOf(graph, REST)).to.deep.include({
      name: "punctual-dev-api",
      failOnWarnings: true,
      endpointConfiguration: { types: "REGIONAL" },
      minimumCompressionSize: "1024",
      binaryMediaTypes: ["*/*"],
      disableExecuteApiEndpoint: false,
    });
    expect(json(inputsOf(graph, REST)["body"])).to.have.nested.property("info.title", "punctual-dev-api");
  });

  it("asks both functions by their aliases, the one by a permission and the other by a role of its own", async () => {
    const { graph } = await made("dev");
    const body = String(inputsOf(graph, REST)["body"]);
    const role = graph.one("aws:iam/role:Role", "punctual-api-authorizer");

    expect(body).to.contain("invoke:alias-api").and.to.contain("invoke:alias-authorizer");
    expect(body).to.contain("arn:aws:iam/role:Role:punctual-api-authorizer");
    expect(inputsOf(graph, "aws:lambda/permission:Permission")).to.deep.equal({
      action: "lambda:InvokeFunction",
      principal: "apigateway.amazonaws.com",
      function: "punctual-dev-api",
      qualifier: "live",
      sourceArn: "arn:execute-api:rest/live/*",
      sourceAccount: "111111111111",
    });
    expect(json(role.inputs["assumeRolePolicy"])).to.have.nested.property(
      "Statement[0].Condition.StringEquals.aws:SourceAccount",
      "111111111111",
    );
    const policy = json(inputsOf(graph, "aws:iam/rolePolicy:RolePolicy")["policy"]);
    expect(policy).to.have.nested.property("Statement[0].Resource", "arn:aws:lambda/alias:Alias:alias-authorizer");
    expect(policy).to.have.nested.property("Statement[0].Action", "lambda:InvokeFunction");
  });

  it("is deployed anew when its document changes, and only then", async () => {
    const hash = async (raw = {}) =>
      inputsOf((await plannedFor("dev", raw)).graph, "aws:apigateway/deployment:Deployment")["triggers"];

    expect(await hash()).to.deep.equal(await hash());
    expect(await hash({ corsOrigins: [] })).not.to.deep.equal(await hash());
  });

  it("lets everybody's pages ask where dev is told so: before a request, and where it refuses one itself", async () => {
    const { graph } = await plannedFor("dev", { corsOrigins: ["*"] });
    const body = json(inputsOf(graph, "aws:apigateway/restApi:RestApi")["body"]);
    const { UNAUTHORIZED } = body["x-amazon-apigateway-gateway-responses"] as Readonly<Record<string, object>>;

    expect(body).to.have.nested.property("paths./v1/schedules.options");
    expect(UNAUTHORIZED).to.have.deep.property("responseParameters").that.includes({
      "gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
    });
  });

  it("traces, logs each request as JSON into a group of its own, and no bodies", async () => {
    const { graph } = await made("production");
    const stage = inputsOf(graph, "aws:apigateway/stage:Stage");
    const log = graph.one("aws:cloudwatch/logGroup:LogGroup", "punctual-api-access");

    expect(stage).to.deep.include({ stageName: "live", xrayTracingEnabled: true });
    expect(stage["accessLogSettings"]).to.have.property(
      "destinationArn",
      "arn:aws:cloudwatch/logGroup:LogGroup:punctual-api-access",
    );
    const format = (stage["accessLogSettings"] as aws.types.output.apigateway.StageAccessLogSettings).format;
    expect(Object.keys(json(format))).to.include.members(["requestId", "ip", "method", "route", "status", "latencyMs"]);
    expect(format).not.to.match(/querystring|header|body|\n/i);
    expect(log.inputs).to.deep.include({ retentionInDays: 7, kmsKeyId: "arn:aws:kms/key:Key:key-4" });
    expect(log.retainOnDelete).to.be.true;
    expect(inputsOf(graph, "aws:apigateway/methodSettings:MethodSettings")).to.deep.include({
      methodPath: "*/*",
      settings: {
        throttlingRateLimit: 500,
        throttlingBurstLimit: 1_000,
        loggingLevel: "ERROR",
        dataTraceEnabled: false,
        metricsEnabled: false,
        cachingEnabled: false,
      },
    });
  });

  it("keeps its own troubles as long as all logs, in a group that is there before the stage", async () => {
    const { graph } = await made("production");
    const log = graph.one("aws:cloudwatch/logGroup:LogGroup", "punctual-api-execution");

    expect(log.inputs).to.deep.include({
      name: "API-Gateway-Execution-Logs_punctual-api-rest-id/live",
      retentionInDays: 7,
      kmsKeyId: "arn:aws:kms/key:Key:key-4",
    });
    expect(graph.dependsOn(graph.one("aws:apigateway/stage:Stage"), log)).to.be.true;
  });

  it("has a name of its own by TLS 1.2, proven in its zone, and then no other", async () => {
    const { graph, door } = await made("production");
    const proof = inputsOf(graph, "aws:route53/record:Record", "punctual-api-name-certificate-proof");

    expect(inputsOf(graph, REST)["disableExecuteApiEndpoint"]).to.be.true;
    expect(graph.outputs["url"]).to.equal("https://punctual.example.com");
    expect(inputsOf(graph, "aws:apigateway/domainName:DomainName")).to.deep.include({
      domainName: "punctual.example.com",
      securityPolicy: "TLS_1_2",
      regionalCertificateArn: "arn:aws:acm/certificate:Certificate:punctual-api-name-certificate-certificate",
    });
    expect(proof).to.deep.include({
      name: "_proof.punctual.example.com",
      type: "CNAME",
      zoneId: "Z0123456789ABCDEFGHIJ",
    });
    expect(inputsOf(graph, "aws:route53/record:Record", "punctual-api-name-record")).to.deep.include({
      type: "A",
      aliases: [{ name: "d.example.com", zoneId: "ZDOOR", evaluateTargetHealth: false }],
    });
    expect(door?.certificate).not.to.be.undefined;
  });

  it("has no certificate without a name", async () => {
    const { graph, door } = await made("dev");

    expect(graph.all("aws:acm/certificate:Certificate")).to.be.empty;
    expect(door?.certificate).to.be.undefined;
    expect(graph.outputs["url"]).to.equal("https://rest.example.com/live");
  });

  it("is counted by its name and its stage", async () => {
    const { door } = await made("dev");

    expect(door?.metrics).to.deep.equal({
      namespace: "AWS/ApiGateway",
      dimensions: { ApiName: "punctual-dev-api", Stage: "live" },
    });
  });
});
