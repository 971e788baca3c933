import { madeOf, pointingAt } from "../links.js";
import { at, isBelow, isMissing, isNot, isUncertain, isUnknown, listOf, secondsOf, textOf } from "../reading.js";
import { amongAll, ofEach, type Rule, type Stack } from "../rule.js";

/** Where it says that it is sealed; the first that is there counts. */
const SEALED: Readonly<Record<string, readonly string[]>> = {
  "aws:rds/instance:Instance": ["storageEncrypted"],
  "aws:sqs/queue:Queue": ["sqsManagedSseEnabled", "kmsMasterKeyId"],
  "aws:sns/topic:Topic": ["kmsMasterKeyId"],
  "aws:elasticache/replicationGroup:ReplicationGroup": ["atRestEncryptionEnabled"],
};

/** Where it says by which key. */
const KEY: Readonly<Record<string, string>> = {
  "aws:rds/instance:Instance": "kmsKeyId",
  "aws:sqs/queue:Queue": "kmsMasterKeyId",
  "aws:secretsmanager/secret:Secret": "kmsKeyId",
  "aws:backup/vault:Vault": "kmsKeyArn",
  "aws:ecr/repository:Repository": "encryptionConfigurations.0.kmsKey",
  "aws:elasticache/replicationGroup:ReplicationGroup": "kmsKeyId",
  "gcp:sql/databaseInstance:DatabaseInstance": "encryptionKeyName",
  "gcp:pubsub/topic:Topic": "kmsKeyName",
  "gcp:secretmanager/secret:Secret": "replication.userManaged.replicas.0.customerManagedEncryption.kmsKeyName",
  "gcp:storage/bucket:Bucket": "encryption.defaultKmsKeyName",
  "gcp:artifactregistry/repository:Repository": "kmsKeyName",
  "gcp:memorystore/instance:Instance": "kmsKey",
  "gcp:redis/instance:Instance": "customerManagedKey",
};

const LOGGING = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration";
const BUCKET = "aws:s3/bucket:Bucket";
const DAY_SECONDS = 86_400;
const MODERN = /^(?:TLS_1_[23]|SecurityPolicy_TLS1[23]_)/;

const keptDays = ({ environment }: Stack) => (environment === "production" ? 30 : 7);

export const ENCRYPTION: readonly Rule[] = [
  ofEach(
    { id: "aws-sealed", number: 20, says: "What is kept is sealed." },
    Object.keys(SEALED),
    ({ type, inputs }) =>
      !(SEALED[type] ?? []).some((input) => inputs[input] !== false && !isMissing(inputs[input])) && "is not sealed",
  ),
  ofEach(
    { id: "own-keys", number: 20, says: "In production what is kept is sealed by keys of our own." },
    Object.keys(KEY),
    ({ type, inputs }, { environment }) =>
      environment === "production" && isMissing(at(inputs, KEY[type] ?? "")) && "is sealed by no key of ours",
  ),
  amongAll(
    {
      id: "aws-logs-own-keys",
      number: 20,
      says: "In production logs are sealed by keys of our own, where we have keys.",
    },
    "aws:cloudwatch/logGroup:LogGroup",
    (one, graph, { environment }) => {
      // A firewall of CloudFront writes where CloudFront is at home, in us-east-1, and no key of ours is there.
      const ofCloudFront = pointingAt(graph, one, LOGGING, "logDestinationConfigs").some((each) =>
        madeOf(graph, each, "resourceArn", "aws:wafv2/webAcl:WebAcl").some(
          ({ inputs }) => !isNot(inputs["scope"], "CLOUDFRONT"),
        ),
      );
      return environment === "production" && !ofCloudFront && isMissing(one.inputs["kmsKeyId"])
        ? "is sealed by no key of ours"
        : undefined;
    },
  ),
  amongAll(
    { id: "aws-buckets-sealed", number: 20, says: "Buckets say how they are sealed." },
    BUCKET,
    (one, graph) =>
      pointingAt(
        graph,
        one,
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "bucket",
      ).length === 0 && "does not say how it is sealed",
  ),
  ofEach(
    { id: "aws-keys-rotate", number: 21, says: "Keys rotate, and can be saved for some time from being deleted." },
    "aws:kms/key:Key",
    ({ inputs }, stack) => [
      ...(isNot(inputs["enableKeyRotation"], true) ? ["does not rotate"] : []),
      // Thirty days are AWS's own default.
      ...(isBelow(inputs["deletionWindowInDays"] ?? 30, keptDays(stack))
        ? ["is gone too soon when it is deleted"]
        : []),
    ],
  ),
  ofEach(
    { id: "gcp-keys-rotate", number: 21, says: "Keys rotate, and can be saved for some time from being destroyed." },
    "gcp:kms/cryptoKey:CryptoKey",
    ({ inputs }, stack) => {
      const kept = inputs["destroyScheduledDuration"];
      return [
        ...(isMissing(inputs["rotationPeriod"]) && inputs["purpose"] !== "ASYMMETRIC_SIGN" ? ["does not rotate"] : []),
        ...(kept !== undefined && !isUnknown(kept) && isBelow(secondsOf(kept), keptDays(stack) * DAY_SECONDS)
          ? ["is gone too soon when it is destroyed"]
          : []),
      ];
    },
  ),
  amongAll(
    { id: "aws-database-tls", number: 22, says: "The database and its proxy talk to nobody without TLS." },
    ["aws:rds/instance:Instance", "aws:rds/proxy:Proxy"],
    (one, graph) => {
      if (one.type === "aws:rds/proxy:Proxy") return isNot(one.inputs["requireTls"], true) && "talks without TLS";
      const groups = madeOf(graph, one, "parameterGroupName", "aws:rds/parameterGroup:ParameterGroup");
      if (groups.some(({ inputs }) => isUncertain(inputs["parameters"]))) return undefined;
      const forced = groups.flatMap(({ inputs }) =>
        listOf(inputs["parameters"]).filter(
          (each) => at(each, "name") === "rds.force_ssl" && !isNot(at(each, "value"), "1"),
        ),
      );
      return forced.length === 0 && "talks without TLS";
    },
  ),
  ofEach(
    {
      id: "aws-tls",
      number: 22,
      says: "Whatever listens outside takes TLS 1.2 or newer, and plain HTTP only to say so.",
    },
    [
      ...[
        "aws:apigateway/domainName:DomainName",
        "aws:cloudfront/distribution:Distribution",
        "aws:lb/listener:Listener",
      ],
      "aws:elasticache/replicationGroup:ReplicationGroup",
    ],
    ({ type, inputs }) => {
      switch (type) {
        case "aws:apigateway/domainName:DomainName":
          return (
            !isUnknown(inputs["securityPolicy"]) && !MODERN.test(String(inputs["securityPolicy"])) && "takes old TLS"
          );
        case "aws:cloudfront/distribution:Distribution":
          return distribution(inputs);
        case "aws:lb/listener:Listener":
          return listener(inputs);
        default:
          return isNot(inputs["transitEncryptionEnabled"], true) && "talks without TLS";
      }
    },
  ),
  amongAll(
    { id: "gcp-tls", number: 22, says: "Whatever listens takes TLS 1.2 or newer, and plain HTTP only to say so." },
    [
      ...["gcp:sql/databaseInstance:DatabaseInstance", "gcp:compute/sSLPolicy:SSLPolicy"],
      ...["gcp:compute/targetHttpsProxy:TargetHttpsProxy", "gcp:compute/targetHttpProxy:TargetHttpProxy"],
      ...["gcp:memorystore/instance:Instance", "gcp:redis/instance:Instance"],
    ],
    (one, graph) => {
      const { type, inputs } = one;
      switch (type) {
        case "gcp:sql/databaseInstance:DatabaseInstance":
          return (
            isNot(
              at(inputs, "settings.ipConfiguration.sslMode"),
              "ENCRYPTED_ONLY",
              "TRUSTED_CLIENT_CERTIFICATE_REQUIRED",
            ) && "talks without TLS"
          );
        case "gcp:memorystore/instance:Instance":
        case "gcp:redis/instance:Instance":
          return isNot(inputs["transitEncryptionMode"], "SERVER_AUTHENTICATION") && "talks without TLS";
        case "gcp:compute/sSLPolicy:SSLPolicy":
          return (
            (isNot(inputs["minTlsVersion"], "TLS_1_2", "TLS_1_3") ||
              isNot(inputs["profile"], "MODERN", "RESTRICTED")) &&
            "takes old TLS"
          );
        case "gcp:compute/targetHttpsProxy:TargetHttpsProxy":
          return isMissing(inputs["sslPolicy"]) && "takes old TLS";
        default:
          return (
            madeOf(graph, one, "urlMap", "gcp:compute/uRLMap:URLMap").some(({ inputs: map }) =>
              isNot(at(map, "defaultUrlRedirect.httpsRedirect"), true),
            ) && "answers without TLS"
          );
      }
    },
  ),
  amongAll(
    {
      id: "aws-buckets-closed",
      number: 23,
      says: "Buckets are closed, owned, versioned, and forget what was never finished.",
    },
    BUCKET,
    (one, graph) => {
      const beside = (kind: string) =>
        pointingAt(graph, one, `aws:s3/${kind.charAt(0).toLowerCase()}${kind.slice(1)}:${kind}`, "bucket").map(
          ({ inputs }) => inputs,
        );
      const blocks = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];
      const closed = beside("BucketPublicAccessBlock").some((block) =>
        blocks.every((each) => !isNot(block[each], true)),
      );
      const owned = beside("BucketOwnershipControls").some(
        (controls) => !isNot(at(controls, "rule.objectOwnership"), "BucketOwnerEnforced"),
      );
      const versioned = beside("BucketVersioning").some(
        (versioning) => !isNot(at(versioning, "versioningConfiguration.status"), "Enabled"),
      );
      const forgets = beside("BucketLifecycleConfiguration").some(
        ({ rules }) =>
          isUnknown(rules) || listOf(rules).some((each) => !isMissing(at(each, "abortIncompleteMultipartUpload"))),
      );
      return [
        ...(closed ? [] : ["is not closed"]),
        ...(owned ? [] : ["has objects of other owners"]),
        ...(versioned ? [] : ["keeps no versions"]),
        ...(forgets ? [] : ["keeps what was never finished"]),
      ];
    },
  ),
  ofEach(
    {
      id: "gcp-buckets-closed",
      number: 23,
      says: "Buckets are closed, versioned, and forget what was never finished.",
    },
    "gcp:storage/bucket:Bucket",
    ({ inputs }) => {
      const { lifecycleRules } = inputs;
      const forgets =
        isUnknown(lifecycleRules) ||
        listOf(lifecycleRules).some((each) => !isNot(at(each, "action.type"), "AbortIncompleteMultipartUpload"));
      return [
        ...(isNot(inputs["uniformBucketLevelAccess"], true) ? ["has rights of single objects"] : []),
        ...(isNot(inputs["publicAccessPrevention"], "enforced") ? ["is not closed"] : []),
        ...(isNot(at(inputs, "versioning.enabled"), true) ? ["keeps no versions"] : []),
        ...(forgets ? [] : ["keeps what was never finished"]),
      ];
    },
  ),
];

function distribution(inputs: Readonly<Record<string, unknown>>): readonly string[] {
  const { viewerCertificate } = inputs;
  // With CloudFront's own name its own rules hold, and nobody can say others.
  const own = at(viewerCertificate, "cloudfrontDefaultCertificate") === true;
  const version = at(viewerCertificate, "minimumProtocolVersion");
  const behaviours = [inputs["defaultCacheBehavior"], ...listOf(inputs["orderedCacheBehaviors"])];
  const plain = behaviours.some((each) => isNot(at(each, "viewerProtocolPolicy"), "redirect-to-https", "https-only"));
  return [
    ...(!own && !isUnknown(version) && !/^TLSv1\.(?:2_2021|[2-9]_202[5-9])$/.test(String(version))
      ? ["takes old TLS"]
      : []),
    ...(plain ? ["answers without TLS"] : []),
  ];
}

function listener(inputs: Readonly<Record<string, unknown>>): string | undefined {
  if (inputs["protocol"] === "HTTPS") {
    return /TLS13-1-[23]/.test(textOf(inputs["sslPolicy"]) ?? "") || isUnknown(inputs["sslPolicy"])
      ? undefined
      : "takes old TLS";
  }
  const redirects = listOf(inputs["defaultActions"]).every((each) => !isNot(at(each, "redirect.protocol"), "HTTPS"));
  return isNot(inputs["protocol"], "HTTP") || redirects ? undefined : "answers without TLS";
}
