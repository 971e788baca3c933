import type { EnvironmentName } from "@punctual/stack-blueprint";
import type { Graph } from "@punctual/stack-testkit";
import { expect } from "chai";
import { platformOf } from "./support/platform.js";
import { statementsIn } from "./support/policies.js";

const SCHEDULER = "arn:aws:lambda:eu-west-1:111111111111:function:punctual-dev-scheduler:live";
const MISSED = "arn:aws:sqs:eu-west-1:111111111111:punctual-dev-missed-ticks";
const ROLE = "punctual-functions-tick-role";

describe("The tick", () => {
  it("comes each minute to the alias, once or not at all", async () => {
    const graph = await platformOf({});

    expect(graph.one("aws:scheduler/schedule:Schedule").inputs).to.deep.include({
      name: "punctual-dev-tick",
      groupName: "punctual-dev-ticks",
      scheduleExpression: "rate(1 minute)",
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: SCHEDULER,
        roleArn: `arn:aws:iam::111111111111:role/${ROLE}`,
        input: "{}",
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
        deadLetterConfig: { arn: MISSED },
      },
    });
    expect(graph.one("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig").inputs).to.deep.equal({
      functionName: "punctual-dev-scheduler",
      qualifier: "live",
      maximumRetryAttempts: 0,
      maximumEventAgeInSeconds: 60,
    });
  });

  it("lingers, so that the coming minute is on time; in dev it ends, and that waits for the next one", async () => {
    const lingers = async (environment: EnvironmentName) =>
      variablesOf(await platformOf({ environment }))["PUNCTUAL_SCHEDULER_LINGER_SECONDS"];

    expect(await lingers("dev")).to.equal("0");
    // As long as the function does by itself.
    for (const environment of ["staging", "production"] as const) {
      expect(await lingers(environment), environment).to.be.undefined;
    }
  });

  it("is brought by a role that can call the scheduler and keep what was missed, for this group alone", async () => {
    const seal = {
      Sid: "SealMissed",
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: ["arn:aws:kms:eu-west-1:111111111111:key/punctual-keys-messages"],
      Condition: { StringEquals: { "kms:ViaService": "sqs.eu-west-1.amazonaws.com" } },
    };
    const table: readonly (readonly [EnvironmentName, readonly object[]])[] = [
      ["dev", []],
      ["staging", [seal]],
    ];
    for (const [environment, more] of table) {
      const graph = await platformOf({ environment });
      const here = (arn: string) => arn.replace("-dev-", `-${environment}-`);

      expect(statementsIn(graph.one("aws:iam/rolePolicy:RolePolicy", "punctual-functions-tick-policy"))).to.deep.equal([
        { Sid: "CallScheduler", Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource: [here(SCHEDULER)] },
        { Sid: "KeepMissed", Effect: "Allow", Action: ["sqs:SendMessage"], Resource: [here(MISSED)] },
        ...more,
      ]);
      const [trust] = statementsIn(graph.one("aws:iam/role:Role", ROLE), "assumeRolePolicy");
      expect(trust).to.deep.include({
        Principal: { Service: "scheduler.amazonaws.com" },
        Condition: {
          StringEquals: { "aws:SourceAccount": "111111111111" },
          ArnLike: {
            "aws:SourceArn": `arn:aws:scheduler:eu-west-1:111111111111:schedule-group/punctual-${environment}-ticks`,
          },
        },
      });
    }
  });

  it("waits for its role, and is kept for a fortnight where it could not be brought", async () => {
    const graph = await platformOf({});
    const policy = graph.one("aws:iam/rolePolicy:RolePolicy", "punctual-functions-tick-policy");

    expect(graph.dependsOn(graph.one("aws:scheduler/schedule:Schedule"), policy)).to.be.true;
    expect(graph.one("aws:sqs/queue:Queue", "punctual-functions-tick-missed-queue").inputs).to.deep.include({
      name: "punctual-dev-missed-ticks",
      messageRetentionSeconds: 14 * 86_400,
    });
  });
});

function variablesOf(graph: Graph): Readonly<Record<string, string>> {
  const { environment } = graph.one("aws:lambda/function:Function", "punctual-functions-scheduler-function")
    .inputs as unknown as { readonly environment: { readonly variables: Readonly<Record<string, string>> } };
  return environment.variables;
}
