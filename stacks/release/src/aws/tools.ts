import { z } from "zod";
import type { CloudParts, CloudTools, Ground } from "../cli/parts.js";
import { detailOf } from "../detail.js";
import type { AwsAccount } from "./account.js";
import { AlarmJudge } from "./alarm-judge.js";
import { EcsMover } from "./ecs-mover.js";
import { LambdaMigrator } from "./lambda-migrator.js";
import { LambdaMover } from "./lambda-mover.js";
import { S3Journal } from "./s3-journal.js";
import { TaskMigrator } from "./task-migrator.js";

const OWN = z.object({ region: z.string() });
const PLACE = z.object({
  cluster: z.string(),
  taskDefinition: z.string(),
  subnets: z.string(),
  securityGroups: z.string(),
});

/** Releases on AWS; whoever asks for it, and where, are those that the SDK finds unless they are given. */
export function awsTools(given: Partial<AwsAccount> = {}): CloudTools {
  return {
    partsOf: (ground) => partsOf(ground, accountOf(ground, given)),
    journalIn: (bucket, prefix, ground) => new S3Journal(accountOf(ground, given), { bucket, prefix }, ground.pace),
  };
}

export const tools = awsTools();

function accountOf({ settings }: Pick<Ground, "settings">, given: Partial<AwsAccount>): AwsAccount {
  return { region: OWN.parse(settings["punctual:aws"]).region, ...given };
}

function partsOf({ prefix, settings, outputs, known, pace }: Ground, account: AwsAccount): CloudParts {
  const place = async () => PLACE.optional().parse((await outputs())["migration"]);
  return {
    movers: { lambda: new LambdaMover(account, pace), ecs: new EcsMover(account, pace) },
    judge: new AlarmJudge(account, prefix),
    migrator:
      settings["punctual:runtime"] === "containers"
        ? new TaskMigrator(account, place, known, pace)
        : new LambdaMigrator(account, `${prefix}-migrate`, known),
    versionOf: detailOf("version"),
    movesByUpdates: false,
  };
}
