import type { Alarm } from "../watch/alarm.js";
import { percent } from "../watch/alarm.js";
import { type Metric } from "../watch/metrics.js";

/** How traffic goes over to a new version. */
export interface Shift {
  readonly config: string;
  /** How long the first part alone goes there: alarms must have seen it by then. */
  readonly minutes: number;
}

export function shiftOf(canary: boolean): Shift {
  return canary
    ? { config: "CodeDeployDefault.LambdaCanary10Percent10Minutes", minutes: 10 }
    : { config: "CodeDeployDefault.LambdaAllAtOnce", minutes: 0 };
}

/** One call of twenty, as for those alarms that wake people; but seen within minutes. */
const MOST_ERRORS_PERCENT = 5;
const WINDOW = { periodSeconds: 60, periods: 3, enough: 2 } as const;

/** What ends a shift: errors of what is called by the alias, of the old version and the new one together. */
export function canaryAlarm(physicalName: string, alias: string): Alarm {
  const of = (name: string): Metric => ({
    ...{ namespace: "AWS/Lambda", name, stat: "Sum" },
    dimensions: { FunctionName: physicalName, Resource: `${physicalName}:${alias}` },
  });
  return { value: percent([of("Errors")], [of("Invocations")]), when: ">", threshold: MOST_ERRORS_PERCENT, ...WINDOW };
}
