import type { Service } from "./cloud.js";

export interface FakeAlarm {
  readonly AlarmName: string;
  StateValue: "OK" | "ALARM" | "INSUFFICIENT_DATA";
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
  readonly Metrics?: readonly object[];
  readonly AlarmActions?: readonly string[];
  readonly composite?: boolean;
}

const PAGE = 2;

/** CloudWatch: alarms, whose states are set. Composite ones are told of where they are asked for alone. */
export class FakeCloudWatch implements Service {
  readonly alarms: FakeAlarm[] = [];

  operations: Service["operations"] = {
    "GraniteServiceVersion20100801.DescribeAlarms": (input) => {
      const types = (input["AlarmTypes"] as readonly string[] | undefined) ?? ["MetricAlarm"];
      const found = this.alarms.filter(
        (one) =>
          one.AlarmName.startsWith(input["AlarmNamePrefix"] as string) &&
          one.StateValue === (input["StateValue"] ?? one.StateValue) &&
          types.includes(one.composite === true ? "CompositeAlarm" : "MetricAlarm"),
      );
      const at = Number(input["NextToken"] ?? 0);
      const page = found.slice(at, at + PAGE);
      return {
        MetricAlarms: page.filter(({ composite }) => composite !== true),
        CompositeAlarms: page.filter(({ composite }) => composite === true),
        ...(at + PAGE < found.length && { NextToken: String(at + PAGE) }),
      };
    },
  };
}
