import * as aws from "@pulumi/aws";
import * as random from "@pulumi/random";
import type { Plan } from "./parts.js";

/** Where a platform is made, and what of it has to be elsewhere. Nothing is made by any other. */
export interface AwsProviders {
  readonly here: aws.Provider;
  /** What goes with CloudFront is in us-east-1, wherever everything else is. */
  readonly edge: aws.Provider;
  /** Where backups are copied to, in environments whose backups are. */
  readonly backups: aws.Provider | undefined;
  readonly random: random.Provider;
}

const EDGE = "us-east-1";

export function providersOf({ blueprint, own }: Plan): AwsProviders {
  const { prefix } = blueprint.names;
  const provider = (name: string, region: string) =>
    new aws.Provider(`${prefix}-${name}`, {
      region,
      // Nothing is made with credentials of another account.
      allowedAccountIds: [own.accountId],
      defaultTags: { tags: blueprint.tags },
      // Whoever releases notes on a service which release it was given to.
      ignoreTags: { keys: ["punctual:release"] },
    });
  const { backupRegion } = own;
  return {
    here: provider("aws", own.region),
    edge: provider("aws-edge", EDGE),
    backups:
      blueprint.defaults.backups.elsewhere && backupRegion !== undefined
        ? provider("aws-backups", backupRegion)
        : undefined,
    random: new random.Provider(`${prefix}-random`, {}),
  };
}
