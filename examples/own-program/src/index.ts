import * as aws from "@pulumi/aws";
import { Config } from "@pulumi/pulumi";
import { AwsPlatform, objectionsToAws, providersOf, readAwsSettings } from "@punctual/stack-aws";
import { blueprintOf, readSettings } from "@punctual/stack-blueprint";

export default function program() {
  const environment = "dev";
  const settings = readSettings(
    {
      environment,
      alertEmail: "alerts@example.com",
      tokens: { kind: "secret", issuer: "https://accounts.example.com/", audience: "punctual" },
    },
    { cloud: "aws", environment },
  );
  const own = readAwsSettings({
    accountId: new Config().require("accountId"),
    region: "eu-west-1",
    artifacts: { folder: "../../apps/functions/dist/lambda" },
  });
  if (settings.ok === undefined || own.ok === undefined)
    throw new RangeError([...(settings.wrong ?? []), ...(own.wrong ?? [])].join("\n"));
  const plan = { blueprint: blueprintOf("punctual", "aws", settings.ok), own: own.ok };
  const wrong = objectionsToAws(plan.own, plan.blueprint);
  if (wrong.length > 0) throw new RangeError(wrong.join("\n"));

  const providers = providersOf(plan);
  const punctual = new AwsPlatform("punctual", { ...plan, providers });

  // Something of this program's own: where the rest of the shop looks for the API.
  const parameter = new aws.ssm.Parameter(
    "punctual-url",
    { name: "/shop/punctual/url", type: "String", insecureValue: punctual.outputs.api },
    { provider: providers.here },
  );
  return { api: punctual.outputs.api, parameter: parameter.name };
}
