import { isMissing, textOf } from "../reading.js";
import { ofEach, type Rule } from "../rule.js";

/** What Pulumi puts behind a name that it makes: a hyphen and seven letters. */
const ADDED = 8;

/** By which input a thing is named, and how long that may be. What is named by itself, or may be longer than any name here, is left out. */
const LONGEST: Readonly<Record<string, readonly [input: string, longest: number]>> = {
  "aws:backup/plan:Plan": ["name", 50],
  "aws:backup/selection:Selection": ["name", 50],
  "aws:backup/vault:Vault": ["name", 50],
  "aws:cloudfront/function:Function": ["name", 64],
  "aws:cloudfront/originAccessControl:OriginAccessControl": ["name", 64],
  "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": ["name", 60],
  "aws:cloudwatch/logDeliverySource:LogDeliverySource": ["name", 60],
  "aws:iam/role:Role": ["name", 64],
  "aws:lambda/function:Function": ["name", 64],
  "aws:lb/loadBalancer:LoadBalancer": ["name", 32],
  "aws:lb/targetGroup:TargetGroup": ["name", 32],
  "aws:rds/instance:Instance": ["identifier", 63],
  "aws:rds/proxy:Proxy": ["name", 63],
  "aws:s3/bucket:Bucket": ["bucket", 63],
  "aws:scheduler/schedule:Schedule": ["name", 64],
  "aws:scheduler/scheduleGroup:ScheduleGroup": ["name", 64],
  "aws:sqs/queue:Queue": ["name", 80],
  "aws:xray/group:Group": ["groupName", 32],
  "aws:xray/samplingRule:SamplingRule": ["ruleName", 32],
  "gcp:cloudrunv2/job:Job": ["name", 49],
  "gcp:cloudrunv2/service:Service": ["name", 49],
  "gcp:cloudrunv2/workerPool:WorkerPool": ["name", 49],
  "gcp:kms/cryptoKey:CryptoKey": ["name", 63],
  "gcp:kms/keyRing:KeyRing": ["name", 63],
  "gcp:serviceaccount/account:Account": ["accountId", 30],
  "gcp:storage/bucket:Bucket": ["name", 63],
};
const COMPUTE: readonly [input: string, longest: number] = ["name", 63];

const limitOf = (type: string) => LONGEST[type] ?? (type.startsWith("gcp:compute/") ? COMPUTE : undefined);

export const NAMES: readonly Rule[] = [
  ofEach(
    {
      id: "names-fit",
      number: 1,
      says: "Names are no longer than a cloud lets them be, with what Pulumi adds to those it makes.",
    },
    (type) => limitOf(type) !== undefined,
    ({ type, name, inputs }) => {
      const [input, longest] = limitOf(type) ?? COMPUTE;
      const given = inputs[input];
      const letters = isMissing(given) ? name.length + ADDED : (textOf(given)?.length ?? 0);
      return letters > longest && `has a name of ${String(letters)} letters, and may have ${String(longest)}`;
    },
  ),
];
