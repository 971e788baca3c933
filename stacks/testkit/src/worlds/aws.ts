import type { Asked, World } from "../world.js";
import { awsCall } from "./aws-calls.js";
import { AWS_OUTPUTS } from "./aws-outputs.js";
import { type Fields, physicalNameOf, textOf } from "./made-up.js";
import { randomOutputs } from "./random.js";

export interface AwsPlace {
  readonly accountId?: string;
  readonly region?: string;
}

/** An account in which everything is made at once: what AWS would say has the right shape, and is never true. */
export function awsWorld({ accountId = "111111111111", region = "eu-west-1" }: AwsPlace = {}): World {
  return {
    outputs: (asked) => {
      const random = randomOutputs(asked);
      if (random !== undefined) return random;
      if (!asked.type.startsWith("aws:")) return {};
      const place = { accountId, region: textOf(asked, "region", region) };
      return AWS_OUTPUTS[asked.type]?.(asked, place) ?? anything(asked, place);
    },
    call: (token, args) => awsCall(token, args, { accountId, region }),
  };
}

/** `arn:aws:backup:eu-west-1:111111111111:vault/name`: near enough where nobody looks closely. */
function anything(asked: Asked, { accountId, region }: Required<AwsPlace>): Fields {
  const [, service = "", kind = ""] = /^aws:(\w+)\/(\w+):/.exec(asked.type) ?? [];
  const name = physicalNameOf(asked);
  return { id: name, arn: `arn:aws:${service}:${region}:${accountId}:${kind}/${name}`, name };
}
