import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { Plan } from "../parts.js";

/** Of a second one request is traced, and of the rest one in twenty. */
const EACH_SECOND = 1;
const SHARE = 0.05;
/** Before the rule that AWS has for whoever has none. */
const PRIORITY = 1_000;

/** Which requests are followed through all that they pass. */
export class Tracing extends ComponentResource {
  constructor(name: string, { blueprint: { names } }: Plan, opts?: ComponentResourceOptions) {
    super("punctual:aws:Tracing", name, {}, opts);
    const mine = { parent: this };
    new aws.xray.SamplingRule(
      `${name}-sample`,
      {
        ruleName: names.of("sample"),
        version: 1,
        priority: PRIORITY,
        reservoirSize: EACH_SECOND,
        fixedRate: SHARE,
        // Of this environment alone: a rule is for a whole account.
        serviceName: `${names.prefix}-*`,
        serviceType: "*",
        host: "*",
        httpMethod: "*",
        urlPath: "*",
        resourceArn: "*",
      },
      mine,
    );
    new aws.xray.Group(
      `${name}-trouble`,
      {
        groupName: names.of("trouble"),
        filterExpression: `service("${names.of("api")}/live") { fault = true OR responsetime > 2 }`,
        insightsConfiguration: { insightsEnabled: false, notificationsEnabled: false },
      },
      mine,
    );
    this.registerOutputs({});
  }
}
