import type { Fields } from "./made-up.js";

/** What functions of the provider answer. One that is not here is refused: a made-up answer would pass for a true one. */
export function awsCall(
  token: string,
  args: Fields,
  { accountId, region }: { readonly accountId: string; readonly region: string },
): Fields {
  switch (token) {
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return {
        id: accountId,
        accountId,
        arn: `arn:aws:sts::${accountId}:assumed-role/deploy/session`,
        userId: "AROAEXAMPLE:session",
      };
    case "aws:index/getRegion:getRegion":
      return {
        id: region,
        region,
        name: region,
        description: "Europe (Ireland)",
        endpoint: `ec2.${region}.amazonaws.com`,
      };
    case "aws:index/getPartition:getPartition":
      return { id: "aws", partition: "aws", dnsSuffix: "amazonaws.com", reverseDnsPrefix: "com.amazonaws" };
    case "aws:index/getAvailabilityZones:getAvailabilityZones": {
      const names = ["a", "b", "c"].map((letter) => `${region}${letter}`);
      return { id: region, names, zoneIds: names.map((_, at) => `euw1-az${String(at + 1)}`), state: "available" };
    }
    case "aws:route53/getZone:getZone": {
      const name = typeof args["name"] === "string" ? args["name"] : "example.com";
      return { id: "Z0123456789ABCDEFGHIJ", zoneId: "Z0123456789ABCDEFGHIJ", name, privateZone: false };
    }
    default:
      throw new RangeError(
        `this world has no answer for ${token}: write it into stacks/testkit/src/worlds/aws-calls.ts`,
      );
  }
}
