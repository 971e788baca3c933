import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { policyOf } from "./sealed-bucket.js";

/**
 * By which role API Gateway writes logs. There is one for a region of an account: two environments in one account would take it
 * from each other.
 */
export class GatewayLogs extends ComponentResource {
  constructor(name: string, opts?: ComponentResourceOptions) {
    super("punctual:aws:GatewayLogs", name, {}, opts);
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        // API Gateway tries the role when it is told of it, and says nowhere that it names an account then.
        assumeRolePolicy: policyOf([
          {
            Effect: "Allow",
            Principal: { Service: "apigateway.amazonaws.com" },
            Action: "sts:AssumeRole",
          },
        ]),
      },
      { parent: this },
    );
    const attached = new aws.iam.RolePolicyAttachment(
      `${name}-push`,
      { role: role.name, policyArn: "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs" },
      { parent: this },
    );
    new aws.apigateway.Account(
      `${name}-account`,
      { cloudwatchRoleArn: role.arn },
      { parent: this, dependsOn: [attached] },
    );
    this.registerOutputs({ role: role.arn });
  }
}
