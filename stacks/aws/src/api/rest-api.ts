import * as aws from "@pulumi/aws";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type CustomResourceOptions,
  type Input,
  interpolate,
  jsonStringify,
  type Output,
} from "@pulumi/pulumi";
import { contract, openApiOf } from "@punctual/api/contract";
import { createHash } from "node:crypto";
import type { FrontDoor, FunctionPart, Keys, Plan } from "../parts.js";
import { ACCESS_LOG } from "./access-log.js";
import { bodyOf } from "./body.js";
import { OwnName } from "./own-name.js";

export interface RestApiArgs {
  readonly plan: Plan;
  readonly api: FunctionPart;
  readonly authorizer: FunctionPart;
  readonly keys: Pick<Keys, "logs">;
}

/** Not `v1`: the paths begin with that, and a stage stands before them. */
const STAGE = "live";
const COMPRESSED_FROM = "1024";

/** API Gateway before the functions `api` and `authorizer`. */
export class AwsRestApi extends ComponentResource implements FrontDoor {
  readonly url: Output<string>;
  readonly metrics: FrontDoor["metrics"];
  readonly certificate: aws.acm.Certificate | undefined;
  /** What a firewall stands before. */
  readonly stageArn: Output<string>;

  constructor(name: string, args: RestApiArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:RestApi", name, {}, opts);
    const mine = { parent: this };
    const { blueprint, own } = args.plan;
    const { domain, zone } = blueprint.settings;
    const apiName = blueprint.names.of("api");
    const body = this.#body(name, apiName, args);
    const rest = new aws.apigateway.RestApi(
      `${name}-rest`,
      {
        name: apiName,
        body,
        failOnWarnings: true,
        endpointConfiguration: { types: "REGIONAL" },
        minimumCompressionSize: COMPRESSED_FROM,
        // Bodies go through as the bytes that came: what is not UTF-8 is for the application to refuse, not for a gateway to mend.
        binaryMediaTypes: ["*/*"],
        // Where there is a name of our own, nobody comes in beside it.
        disableExecuteApiEndpoint: domain !== undefined,
      },
      mine,
    );
    new aws.lambda.Permission(
      `${name}-invoke`,
      {
        action: "lambda:InvokeFunction",
        principal: "apigateway.amazonaws.com",
        function: args.api.function.name,
        qualifier: args.api.alias.name,
        sourceArn: interpolate`${rest.executionArn}/${STAGE}/*`,
        sourceAccount: own.accountId,
      },
      mine,
    );
    const stage = this.#stage(name, rest, body, args);
    this.metrics = { namespace: "AWS/ApiGateway", dimensions: { ApiName: apiName, Stage: STAGE } };
    this.stageArn = stage.arn;
    const named =
      domain === undefined || zone === undefined
        ? undefined
        : new OwnName(`${name}-name`, { domain, zoneId: zone, rest, stage }, mine);
    this.certificate = named?.certificate;
    this.url = named?.url ?? stage.invokeUrl;
    this.registerOutputs({ url: this.url, stageArn: this.stageArn });
  }

  #body(name: string, apiName: string, { plan, api, authorizer }: RestApiArgs): Output<string> {
    const role = invoker(name, plan.own.accountId, authorizer, { parent: this });
    return jsonStringify(
      bodyOf(openApiOf(contract, { version: "1" }), {
        name: apiName,
        api: api.alias.invokeArn,
        authorizer: { uri: authorizer.alias.invokeArn, role: role.arn },
        origins: plan.blueprint.settings.corsOrigins,
      }),
    );
  }

  #stage(
    name: string,
    rest: aws.apigateway.RestApi,
    body: Output<string>,
    { plan: { blueprint }, keys }: RestApiArgs,
  ): aws.apigateway.Stage {
    const mine = { parent: this };
    const { settings, defaults, names } = blueprint;
    const logGroup = (what: string, called: Input<string>) =>
      new aws.cloudwatch.LogGroup(
        `${name}-${what}`,
        {
          name: called,
          retentionInDays: settings.logDays ?? defaults.logs.days,
          kmsKeyId: keys.logs.arn,
        },
        { ...mine, retainOnDelete: settings.environment === "production" },
      );
    const access = logGroup("access", `/aws/apigateway/${names.of("api")}/access`);
    // API Gateway would make it by itself, unsealed and for ever.
    const execution = logGroup("execution", interpolate`API-Gateway-Execution-Logs_${rest.id}/${STAGE}`);
    const deployment = new aws.apigateway.Deployment(
      `${name}-deployment`,
      // A stage shows what was deployed, not what the document says: each other document is deployed.
      { restApi: rest.id, triggers: { redeployment: body.apply(hashOf) } },
      mine,
    );
    const stage = new aws.apigateway.Stage(
      `${name}-stage`,
      {
        restApi: rest.id,
        deployment: deployment.id,
        stageName: STAGE,
        xrayTracingEnabled: true,
        accessLogSettings: { destinationArn: access.arn, format: ACCESS_LOG },
      },
      { ...mine, dependsOn: [execution] },
    );
    new aws.apigateway.MethodSettings(
      `${name}-methods`,
      {
        restApi: rest.id,
        stageName: stage.stageName,
        methodPath: "*/*",
        settings: {
          throttlingRateLimit: defaults.throttle.perSecond,
          throttlingBurstLimit: defaults.throttle.burst,
          loggingLevel: settings.environment === "dev" ? "OFF" : "ERROR",
          // It would write out bodies and tokens.
          dataTraceEnabled: false,
          // Those of each route the API measures by itself.
          metricsEnabled: false,
          cachingEnabled: false,
        },
      },
      mine,
    );
    return stage;
  }
}

/** As whom the gateway asks the authorizer. */
function invoker(name: string, accountId: string, authorizer: FunctionPart, mine: CustomResourceOptions): aws.iam.Role {
  const role = new aws.iam.Role(
    `${name}-authorizer`,
    {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: "sts:AssumeRole",
            Principal: { Service: "apigateway.amazonaws.com" },
            Condition: { StringEquals: { "aws:SourceAccount": accountId } },
          },
        ],
      }),
    },
    mine,
  );
  new aws.iam.RolePolicy(
    `${name}-authorizer-invoke`,
    {
      role: role.id,
      policy: jsonStringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: authorizer.alias.arn }],
      }),
    },
    mine,
  );
  return role;
}

function hashOf(body: string): string {
  return createHash("sha256").update(body).digest("hex");
}
