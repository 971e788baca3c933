import type { World } from "@punctual/stack-testkit";
import { awsWorld } from "@punctual/stack-testkit/worlds";

export const ACCOUNT = "111111111111";
export const REGION = "eu-west-1";

type Inputs = Readonly<Record<string, unknown>>;

const arn = (service: string, rest: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
const text = (value: unknown, otherwise: string) => (typeof value === "string" ? value : otherwise);

/** What AWS would say of what it was asked to make: only what something else is made of. */
const OUTPUTS: Readonly<Record<string, (name: string, inputs: Inputs) => Inputs>> = {
  "aws:backup/vault:Vault": (name) => ({ arn: arn("backup", `backup-vault:${name}`), name }),
  "aws:cloudwatch/logGroup:LogGroup": (name, inputs) => ({
    arn: arn("logs", `log-group:${text(inputs["name"], name)}`),
  }),
  "aws:ec2/eip:Eip": (name) => ({ allocationId: `eipalloc-${name}` }),
  "aws:iam/role:Role": (name) => ({ arn: `arn:aws:iam::${ACCOUNT}:role/${name}`, name }),
  "aws:kms/key:Key": (name) => ({ arn: arn("kms", `key/${name}`), keyId: name }),
  "aws:lambda/alias:Alias": (_, inputs) => {
    const aliased = arn("lambda", `function:${text(inputs["functionName"], "")}:${text(inputs["name"], "")}`);
    return {
      arn: aliased,
      invokeArn: `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/${aliased}/invocations`,
    };
  },
  "aws:lambda/function:Function": (_, inputs) => ({
    arn: arn("lambda", `function:${text(inputs["name"], "")}`),
    version: "1",
  }),
  "aws:rds/instance:Instance": (_, inputs) => ({
    arn: arn("rds", `db:${text(inputs["identifier"], "")}`),
    address: `${text(inputs["identifier"], "")}.abc.${REGION}.rds.amazonaws.com`,
    resourceId: "db-ABC0123456789",
    masterUserSecrets: [{ secretArn: arn("secretsmanager", "secret:rds!db-1"), secretStatus: "active" }],
  }),
  "aws:rds/proxy:Proxy": (_, inputs) => ({
    arn: arn("rds", "db-proxy:prx-0123456789"),
    endpoint: `${text(inputs["name"], "")}.proxy-abc.${REGION}.rds.amazonaws.com`,
  }),
  "aws:rds/subnetGroup:SubnetGroup": (name) => ({ name }),
  "aws:rds/parameterGroup:ParameterGroup": (name) => ({ name }),
  "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": () => ({ name: "default" }),
  "aws:secretsmanager/secret:Secret": (name) => ({ arn: arn("secretsmanager", `secret:${name}-AbCdEf`) }),
  "aws:sqs/queue:Queue": (_, inputs) => ({
    arn: arn("sqs", text(inputs["name"], "")),
    url: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${text(inputs["name"], "")}`,
  }),
  "random:index/randomBytes:RandomBytes": () => ({ base64: `${"A".repeat(43)}=` }),
};

/** What stands at the edge is asked no more of than that it has the right shape. */
const AT_THE_EDGE = /^aws:(?:acm|apigateway|cloudfront|ecs|lb|route53|s3|wafv2)\//;
const elsewhere = awsWorld({ accountId: ACCOUNT, region: REGION });

export const AWS: World = {
  outputs: (asked) =>
    OUTPUTS[asked.type]?.(asked.name, asked.inputs) ?? (AT_THE_EDGE.test(asked.type) ? elsewhere.outputs(asked) : {}),
  call: (token) => {
    throw new Error(`Nothing is asked of AWS, and this was: ${token}`);
  },
};
