import { CloudWatchClient, DescribeAlarmsCommand, type MetricAlarm } from "@aws-sdk/client-cloudwatch";
import type { ReleaseTarget } from "@punctual/stack-blueprint";
import { GOOD, type Judge, type Verdict } from "../world.js";
import type { AwsAccount } from "./account.js";

/** By which dimensions an alarm says whose it is: a function, a service of ECS, or one that measures itself. */
const OWNERS = ["FunctionName", "ServiceName", "Service"];

/**
 * The alarms of a stack, which are known by how their names begin. One that has too little to look at does not ring. Asked for some
 * targets, it leaves out what looks at functions or services of others alone; queues, databases and the API concern everybody.
 */
export class AlarmJudge implements Judge {
  readonly #cloudWatch: CloudWatchClient;
  readonly #prefix: string;

  constructor(account: AwsAccount, prefix: string) {
    this.#cloudWatch = new CloudWatchClient(account);
    this.#prefix = prefix;
  }

  async verdict(targets: readonly ReleaseTarget[]): Promise<Verdict> {
    const names = new Set(targets.flatMap(({ function: fn, service }) => [fn, service]));
    const ringing = (await this.#ringing()).filter(
      ({ owners }) => targets.length === 0 || owners.length === 0 || owners.some((owner) => names.has(owner)),
    );
    if (ringing.length === 0) return GOOD;
    const told = ringing.map(({ name }) => name).toSorted();
    return { ok: false, because: `${told.length === 1 ? "an alarm rings" : "alarms ring"}: ${told.join(", ")}` };
  }

  async #ringing(): Promise<readonly { readonly name: string; readonly owners: readonly string[] }[]> {
    const ringing: { name: string; owners: readonly string[] }[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.#cloudWatch.send(
        new DescribeAlarmsCommand({
          // Of this stack, and not of one whose name goes on.
          AlarmNamePrefix: `${this.#prefix}-`,
          AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
          StateValue: "ALARM",
          NextToken,
        }),
      );
      const alarms = (page.MetricAlarms ?? []).filter((alarm) => !scales(alarm));
      for (const alarm of alarms) ringing.push({ name: nameOf(alarm), owners: ownersOf(alarm) });
      for (const alarm of page.CompositeAlarms ?? []) ringing.push({ name: nameOf(alarm), owners: [] });
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return ringing;
  }
}

/** What workers come and go by rings as often as not. */
function scales({ AlarmActions = [] }: MetricAlarm): boolean {
  return AlarmActions.length > 0 && AlarmActions.every((action) => action.startsWith("arn:aws:autoscaling:"));
}

function nameOf({ AlarmName }: { readonly AlarmName?: string | undefined }): string {
  return AlarmName ?? "an alarm without a name";
}

function ownersOf({ Dimensions, Metrics }: MetricAlarm): readonly string[] {
  const dimensions = [
    ...(Dimensions ?? []),
    ...(Metrics ?? []).flatMap((one) => one.MetricStat?.Metric?.Dimensions ?? []),
  ];
  return dimensions.flatMap(({ Name, Value }) => (OWNERS.includes(Name ?? "") && Value !== undefined ? [Value] : []));
}
