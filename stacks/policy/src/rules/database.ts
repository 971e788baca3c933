import { at, isBelow, isMissing, isNot, isUncertain, lacks, listOf } from "../reading.js";
import { ofEach, type Rule } from "../rule.js";

const INSTANCE = "aws:rds/instance:Instance";
const GOOGLES = "gcp:sql/databaseInstance:DatabaseInstance";

const LEAST_DAYS = 7;

export const DATABASE: readonly Rule[] = [
  ofEach(
    {
      id: "aws-backups",
      number: 36,
      says: "A week of backups; outside dev a standby, and no end without a last copy.",
    },
    INSTANCE,
    ({ inputs }, { environment }) => [
      ...(isBelow(inputs["backupRetentionPeriod"], LEAST_DAYS) ? ["has no week of backups"] : []),
      ...(environment === "dev"
        ? []
        : [
            ...(isNot(inputs["multiAz"], true) ? ["has no standby"] : []),
            ...(isNot(inputs["deletionProtection"], true) ? ["can be deleted"] : []),
            ...(isNot(inputs["skipFinalSnapshot"], false) || isMissing(inputs["finalSnapshotIdentifier"])
              ? ["leaves no last copy"]
              : []),
          ]),
    ],
  ),
  ofEach(
    {
      id: "gcp-backups",
      number: 36,
      says: "A week of backups, to the second; outside dev a standby, and no end by mistake.",
    },
    GOOGLES,
    ({ inputs }, { environment }) => {
      const backups = at(inputs, "settings.backupConfiguration");
      const kept = [at(backups, "transactionLogRetentionDays"), at(backups, "backupRetentionSettings.retainedBackups")];
      return [
        ...(isNot(at(backups, "enabled"), true) || isNot(at(backups, "pointInTimeRecoveryEnabled"), true)
          ? ["has no backups to the second"]
          : []),
        ...(kept.some((days) => isBelow(days, LEAST_DAYS)) ? ["has no week of backups"] : []),
        ...(environment === "dev"
          ? []
          : [
              ...(isNot(at(inputs, "settings.availabilityType"), "REGIONAL") ? ["has no standby"] : []),
              ...(isNot(inputs["deletionProtection"], true, undefined) ||
              isNot(at(inputs, "settings.deletionProtectionEnabled"), true)
                ? ["can be deleted"]
                : []),
            ]),
      ];
    },
  ),
  ofEach(
    {
      id: "aws-no-password",
      number: 37,
      says: "Nobody holds the master's password, and workloads log in by who they are.",
    },
    [INSTANCE, "aws:rds/proxy:Proxy"],
    ({ type, inputs }) =>
      type === INSTANCE
        ? [
            ...(isNot(inputs["manageMasterUserPassword"], true) || !isMissing(inputs["password"])
              ? ["has a password that somebody holds"]
              : []),
            ...(isNot(inputs["iamDatabaseAuthenticationEnabled"], true) ? ["lets nobody in by IAM"] : []),
          ]
        : listOf(inputs["auths"]).flatMap((auth) =>
            isNot(at(auth, "iamAuth"), "REQUIRED") ? ["lets in by passwords"] : [],
          ),
  ),
  ofEach(
    { id: "gcp-no-password", number: 37, says: "There is no password, and workloads log in by who they are." },
    [GOOGLES, "gcp:sql/user:User"],
    ({ type, inputs }) => {
      if (type !== GOOGLES) {
        return (
          (!isMissing(inputs["password"]) || isNot(inputs["type"], "CLOUD_IAM_SERVICE_ACCOUNT", "CLOUD_IAM_GROUP")) &&
          "logs in by a password"
        );
      }
      const flags = at(inputs, "settings.databaseFlags");
      const on = listOf(flags).some(
        (flag) => at(flag, "name") === "cloudsql.iam_authentication" && !isNot(at(flag, "value"), "on"),
      );
      return [
        ...(on || isUncertain(flags) ? [] : ["lets nobody in by IAM"]),
        ...(isMissing(inputs["rootPassword"]) ? [] : ["has a password that somebody holds"]),
      ];
    },
  ),
  ofEach(
    { id: "aws-storage", number: 38, says: "Storage grows, to an end; the database tells what it does." },
    INSTANCE,
    ({ inputs }) => {
      const logs = inputs["enabledCloudwatchLogsExports"];
      return [
        ...(isMissing(inputs["maxAllocatedStorage"]) || isBelow(inputs["maxAllocatedStorage"], 1)
          ? ["does not grow, or without an end"]
          : []),
        ...(isNot(inputs["performanceInsightsEnabled"], true) ? ["shows nothing of its queries"] : []),
        ...(lacks(logs, "postgresql") ? ["keeps its log to itself"] : []),
      ];
    },
  ),
  ofEach(
    { id: "gcp-storage", number: 38, says: "Storage grows, to an end; the database tells what it does." },
    GOOGLES,
    ({ inputs }) => {
      const { diskAutoresize, diskAutoresizeLimit } = {
        diskAutoresize: at(inputs, "settings.diskAutoresize"),
        diskAutoresizeLimit: at(inputs, "settings.diskAutoresizeLimit"),
      };
      return [
        ...(isNot(diskAutoresize, true) || isBelow(diskAutoresizeLimit, 1) ? ["does not grow, or without an end"] : []),
        ...(isNot(at(inputs, "settings.insightsConfig.queryInsightsEnabled"), true)
          ? ["shows nothing of its queries"]
          : []),
      ];
    },
  ),
];
