import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, type Output, secret } from "@pulumi/pulumi";
import type { Names } from "@punctual/stack-blueprint";
import * as random from "@pulumi/random";
import { ACCESS, NOBODY, USER } from "../access.js";

const ENGINE = "valkey";
/** ElastiCache takes 16 to 128. */
const LENGTH = 64;
const LONGEST = 40;

/** One user that may do what carrying messages takes, and nobody without a name. */
export class AwsRedisUsers extends ComponentResource {
  readonly group: aws.elasticache.UserGroup;
  readonly password: Output<string>;

  constructor(name: string, { names }: { readonly names: Names }, opts?: ComponentResourceOptions) {
    super("punctual:aws:RedisUsers", name, {}, opts);
    const within = { parent: this };
    const user = (part: string, userName: string, accessString: string) => {
      const password = new random.RandomPassword(
        `${name}-${part}-password`,
        { length: LENGTH, special: false },
        within,
      );
      const made = new aws.elasticache.User(
        `${name}-${part}`,
        {
          ...{ engine: ENGINE, userId: names.of(`transport-${part}`, LONGEST), userName, accessString },
          authenticationMode: { type: "password", passwords: [secret(password.result)] },
        },
        within,
      );
      return { made, password };
    };
    const carrier = user("user", USER, ACCESS);
    const nobody = user("default", "default", NOBODY);
    this.group = new aws.elasticache.UserGroup(
      `${name}-group`,
      {
        ...{ engine: ENGINE, userGroupId: names.of("transport", LONGEST) },
        userIds: [carrier.made.userId, nobody.made.userId],
      },
      within,
    );
    this.password = carrier.password.result;
    this.registerOutputs({});
  }
}
