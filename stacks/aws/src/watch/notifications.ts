import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, jsonStringify, secret } from "@pulumi/pulumi";
import type { Objective } from "@punctual/stack-blueprint";
import type { Keys, Plan } from "../parts.js";

export interface NotificationsArgs {
  readonly plan: Plan;
  /** CloudWatch must be allowed to use the key, or nobody is ever told. */
  readonly keys: Pick<Keys, "messages">;
}

/** Who is told of alarms: all of them by mail, and where there is a pager, whoever is on duty of those that wake. */
export class Notifications extends ComponentResource {
  readonly alerts: aws.sns.Topic;
  readonly #pages: aws.sns.Topic | undefined;

  constructor(name: string, args: NotificationsArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Notifications", name, {}, opts);
    const { settings, defaults } = args.plan.blueprint;
    const mine = { parent: this };
    this.alerts = this.#topic(`${name}-alerts`, args);
    new aws.sns.TopicSubscription(
      `${name}-mail`,
      { topic: this.alerts.arn, protocol: "email", endpoint: settings.alertEmail },
      mine,
    );
    if (defaults.pager && settings.pagerUrl !== undefined) {
      this.#pages = this.#topic(`${name}-pages`, args);
      new aws.sns.TopicSubscription(
        `${name}-pager`,
        // Whoever knows the address can wake people.
        {
          topic: this.#pages.arn,
          protocol: "https",
          endpoint: secret(settings.pagerUrl),
          endpointAutoConfirms: true,
        },
        mine,
      );
    }
    this.registerOutputs({ alerts: this.alerts.arn });
  }

  /** Whom an alarm tells that it began, and that it is over. */
  topicsFor(severity: Objective["severity"]): aws.sns.Topic[] {
    return [this.alerts, ...(severity === "page" && this.#pages !== undefined ? [this.#pages] : [])];
  }

  #topic(name: string, { plan, keys }: NotificationsArgs): aws.sns.Topic {
    const mine = { parent: this };
    const topic = new aws.sns.Topic(name, { kmsMasterKeyId: keys.messages.arn }, mine);
    new aws.sns.TopicPolicy(
      `${name}-policy`,
      {
        arn: topic.arn,
        policy: jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Sid: "Alarms",
              Effect: "Allow",
              Principal: { Service: "cloudwatch.amazonaws.com" },
              Action: "sns:Publish",
              Resource: topic.arn,
              Condition: { StringEquals: { "aws:SourceAccount": plan.own.accountId } },
            },
            {
              Sid: "TlsOnly",
              Effect: "Deny",
              Principal: "*",
              Action: "sns:Publish",
              Resource: topic.arn,
              Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
          ],
        }),
      },
      mine,
    );
    return topic;
  }
}
