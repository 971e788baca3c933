import { contract, openApiOf } from "@punctual/api/contract";
import { Validator } from "@seriousme/openapi-schema-validator";
import { expect } from "chai";
import { bodyOf } from "../../src/api/body.js";

const parts = {
  name: "punctual-dev-api",
  api: "invoke:api",
  authorizer: { uri: "invoke:authorizer", role: "arn:role" },
  origins: ["https://console.example.com", "https://other.example.com"],
};
const document = openApiOf(contract, { version: "1" });

interface Method {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly [extension: `x-${string}`]: unknown;
}
interface Response {
  readonly statusCode?: string;
  readonly responseParameters: Readonly<Record<string, string>>;
  readonly responseTemplates: Readonly<Record<string, string>>;
}

function bodyFor(origins = parts.origins) {
  const body = bodyOf(document, { ...parts, origins });
  const paths = body["paths"] as Readonly<Record<string, Readonly<Record<string, Method>>>>;
  const methods = Object.entries(paths).flatMap(([path, all]) =>
    Object.entries(all).map(([method, one]) => ({ path, method, one })),
  );
  const responses = body["x-amazon-apigateway-gateway-responses"] as Readonly<Record<string, Response>>;
  return { body, responses, methods, routes: methods.filter(({ method }) => method !== "options") };
}

describe("The document of the REST API", () => {
  it("has every route of the contract once, and no other", () => {
    const { routes } = bodyFor();

    expect(routes.map(({ path, method }) => `${method} ${path}`)).to.have.members(
      contract.map(({ path, method }) => `${method} ${path}`),
    );
  });

  it("passes each on to the alias, for as long as a REST API waits", () => {
    for (const { path, one } of bodyFor().methods) {
      expect(one["x-amazon-apigateway-integration"], path).to.deep.equal({
        type: "aws_proxy",
        httpMethod: "POST",
        uri: "invoke:api",
        passthroughBehavior: "when_no_match",
        timeoutInMillis: 29_000,
      });
    }
  });

  it("asks the authorizer for all that are not for anybody", () => {
    const { routes } = bodyFor();
    const open = routes.filter(({ one }) => one.security.length === 0).map(({ path, method }) => `${method} ${path}`);

    expect(open).to.have.members(
      contract.filter(({ access }) => access === "anybody").map(({ path, method }) => `${method} ${path}`),
    );
    expect(open).to.include("get /health/live").and.not.include("get /health");
  });

  it("knows the authorizer by its alias, its role, the form of a token, and for five minutes", () => {
    expect(bodyFor().body["components"]).to.deep.equal({
      securitySchemes: {
        bearer: {
          type: "apiKey",
          name: "Authorization",
          in: "header",
          "x-amazon-apigateway-authtype": "custom",
          "x-amazon-apigateway-authorizer": {
            type: "token",
            authorizerUri: "invoke:authorizer",
            authorizerCredentials: "arn:role",
            identityValidationExpression: String.raw`^[Bb][Ee][Aa][Rr][Ee][Rr] [-\w]+\.[-\w]+\.[-\w]+$`,
            authorizerResultTtlInSeconds: 300,
          },
        },
      },
    });
  });

  it("validates the parameters of each route, all those that the contract has", () => {
    const { body, routes } = bodyFor();
    const described = document["paths"] as Readonly<Record<string, Readonly<Record<string, Method>>>>;

    expect(body["x-amazon-apigateway-request-validators"]).to.deep.equal({
      parameters: { validateRequestParameters: true, validateRequestBody: false },
    });
    for (const { path, method, one } of routes) {
      expect(one["x-amazon-apigateway-request-validator"], path).to.equal("parameters");
      const names = (all: Method["parameters"]) => all.map(({ name }) => name);
      expect(names(one.parameters), path).to.deep.equal(names(described[path]?.[method]?.parameters ?? []));
    }
  });

  it("leaves a missing revision to the application, and sees that a window is there", () => {
    const required = (path: string, method: string) =>
      bodyFor()
        .routes.filter((one) => one.path === path && one.method === method)
        .flatMap(({ one }) => one.parameters.filter((each) => each.required).map(({ name }) => name));

    expect(required("/v1/schedules/{id}", "patch")).to.deep.equal(["id"]);
    expect(required("/v1/reconcile", "get")).to.deep.equal(["from", "to"]);
    expect(required("/v1/schedules", "get")).to.deep.equal([]);
  });

  it("lets browsers ask before, on every path and without a token, where pages may ask at all", () => {
    const { methods } = bodyFor();
    const preflights = methods.filter(({ method }) => method === "options");

    expect(preflights.map(({ path }) => path)).to.have.members([...new Set(contract.map(({ path }) => path))]);
    for (const { one } of preflights) expect(one.security).to.be.empty;
    expect(bodyFor([]).methods.some(({ method }) => method === "options")).to.be.false;
  });

  it("has paths and names that a gateway takes, and in one place one name for what is told by the path", () => {
    const { routes } = bodyFor();
    const operations = routes.map(({ one }) => one.operationId);
    const variables = new Map<string, string>();

    expect(new Set(operations).size).to.equal(operations.length);
    for (const operation of operations) expect(operation).to.match(/^[a-zA-Z\d]{1,64}$/);
    for (const { path } of routes) {
      const parts = path.split("/").slice(1);
      for (const [at, part] of parts.entries()) {
        expect(part, path).to.match(/^(?:[\w.,:-]+|\{\w+\})$/);
        const before = parts.slice(0, at).join("/");
        if (part.startsWith("{")) expect(variables.get(before) ?? part, path).to.equal(part);
        if (part.startsWith("{")) variables.set(before, part);
      }
    }
    expect(variables.size).to.be.above(5);
  });

  it("is OpenAPI 3.0", async () => {
    const { body } = bodyFor();
    const { valid, errors } = await new Validator().validate(structuredClone(body));

    expect(errors ?? "").to.equal("");
    expect(valid).to.be.true;
    expect(body["openapi"]).to.equal("3.0.1");
    expect(body["info"])
      .to.deep.include({ title: "punctual-dev-api" })
      .and.have.property("description")
      .which.is.a("string");
  });

  it("has no schemas of its own: the gateway knows less than they say", () => {
    expect(JSON.stringify(bodyFor().body)).not.to.match(/\$ref|anyOf|oneOf|"const"|additionalProperties|prefixItems/);
  });

  it("is the same for the same contract, and another for another", () => {
    const less = openApiOf(contract.slice(1), { version: "1" });

    expect(JSON.stringify(bodyFor().body)).to.equal(
      JSON.stringify(bodyOf(openApiOf(contract, { version: "1" }), parts)),
    );
    expect(JSON.stringify(bodyOf(less, parts))).not.to.equal(JSON.stringify(bodyFor().body));
  });
});

describe("What the gateway says by itself", () => {
  const filled = (text: string) => text.replaceAll("$context.error.messageString", `"text"`);

  it("is a problem with the status that it goes with", () => {
    for (const [type, { statusCode, responseTemplates, responseParameters }] of Object.entries(bodyFor().responses)) {
      const problem = JSON.parse(filled(responseTemplates["application/json"] ?? "")) as Record<string, unknown>;
      expect(Object.keys(problem), type).to.have.members(["type", "title", "status", "code", "detail", "requestId"]);
      expect(problem["type"], type).to.equal(`about:blank#${String(problem["code"])}`);
      expect(responseParameters["gatewayresponse.header.Content-Type"], type).to.equal("'application/problem+json'");
      if (!type.startsWith("DEFAULT_")) expect(String(problem["status"]), type).to.equal(statusCode);
    }
  });

  it("leaves the status of what has no answer of its own as it is", () => {
    const { responses } = bodyFor();

    for (const type of ["DEFAULT_4XX", "DEFAULT_5XX"]) expect(responses[type]).not.to.have.property("statusCode");
  });

  it("says what the application would: 401 without a good token, 404 for no route, 422 for what is missing", () => {
    const { responses } = bodyFor();

    expect(responses["UNAUTHORIZED"]?.statusCode).to.equal("401");
    expect(responses["UNAUTHORIZED"]?.responseParameters["gatewayresponse.header.WWW-Authenticate"]).to.equal(
      "'Bearer'",
    );
    expect(responses["MISSING_AUTHENTICATION_TOKEN"]?.statusCode).to.equal("404");
    expect(responses["BAD_REQUEST_PARAMETERS"]?.statusCode).to.equal("422");
  });

  it("may be read by pages of an origin that was named, and of no other", () => {
    const header = "gatewayresponse.header.Access-Control-Allow-Origin";

    for (const { responseParameters } of Object.values(bodyFor().responses)) {
      expect(responseParameters[header]).to.equal("'https://console.example.com'");
    }
    for (const { responseParameters } of Object.values(bodyFor([]).responses)) {
      expect(responseParameters).not.to.have.property(header);
    }
  });
});
