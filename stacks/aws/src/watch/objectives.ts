import { interpolate } from "@pulumi/pulumi";
import { needs, type Objective, type ObjectiveId, type QueueName, type Workload } from "@punctual/stack-blueprint";
import { mostConnectionsOf } from "../connections.js";
import type { FunctionPart, ServicePart } from "../parts.js";
import { instanceClassOf, reservesScheduler } from "../settings.js";
import { type Alarm, lasting, percent, sumOf, together } from "./alarm.js";
import { ofDatabase, ofDoor, ofFunction, ofNat, ofOurs, ofProxy, ofQueue, type Watched } from "./metrics.js";

/** By which alarms it is seen that an objective is missed; `a budget` is seen by what the month will cost. */
type Watch = ((watched: Watched, objective: Objective) => readonly Alarm[]) | "a budget";

const DAY_S = 86_400;
const GIB = 1_073_741_824;

/** All of them: one that is new in the blueprint and not here does not compile. */
export const WATCHES: Readonly<Record<ObjectiveId, Watch>> = {
  "api-errors": ({ frontDoor }, it) => {
    const { failures, requests } = ofDoor(frontDoor);
    return [{ ...lasting(it), value: percent(failures, requests) }];
  },
  "api-latency": ({ frontDoor }, it) => {
    const { latency, inUnit } = ofDoor(frontDoor);
    return [{ ...lasting(it), value: latency("p99"), threshold: inUnit(it.above) }];
  },
  "function-errors": (watched, it) =>
    each(watched, (one) => ({
      ...lasting(it),
      value: percent([ofFunction(one, "Errors", "Sum")], [ofFunction(one, "Invocations", "Sum")]),
    })),
  "function-duration": (watched, it) =>
    each(watched, (one) => ({
      ...lasting(it),
      value: ofFunction(one, "Duration", "p99"),
      threshold: (it.above / 100) * one.workload.timeoutSeconds * 1_000,
    })),
  // Of the one that has a single place a tick is turned away whenever the one before is still at work: that is what it is for.
  throttles: (watched, it) =>
    each(watched, (one) => ({ ...lasting(it), value: ofFunction(one, "Throttles", "Sum") })).filter(
      ({ part }) => !(part === "scheduler" && reservesScheduler(watched.plan.own, watched.plan.blueprint.settings)),
    ),
  // It counts what has looked, not what was invoked: a function may be invoked and come to nothing.
  heartbeat: (watched, it) => [
    {
      ...lasting(it),
      value: ofOurs(watched, "Heartbeats", lookerOf(watched).name, "Sum"),
      when: "<",
      threshold: it.above + 1,
    },
  ],
  "oldest-due": (watched, it) => [
    {
      ...lasting(it),
      value: ofOurs(watched, "OldestDueAge", lookerOf(watched).name, "Maximum"),
      threshold: it.above * 1_000,
    },
  ],
  "expired-leases": (watched, it) => [
    {
      ...together(it),
      value: sumOf(deliverersIn(watched).map(({ name }) => ofOurs(watched, "ClaimsLost", name, "Sum"))),
    },
  ],
  "delivery-success": (watched, it) => [{ ...together(it), value: failedShare(watched) }],
  troubles: (watched, it) => [
    {
      ...together(it),
      value: sumOf(measured(watched).map(({ name }) => ofOurs(watched, "Troubles", name, "Sum"))),
    },
  ],
  "queue-depth": (watched, it) => onQueue(watched, "events", { ...lasting(it) }, VISIBLE),
  "queue-age": (watched, it) => onQueue(watched, "events", { ...lasting(it) }, "ApproximateAgeOfOldestMessage"),
  "dead-letters": (watched, it) => onQueue(watched, "dead-letters", { ...lasting(it) }, VISIBLE),
  unreadable: (watched, it) => onQueue(watched, "unreadable", { ...lasting(it) }, VISIBLE),
  "database-cpu": ({ database }, it) => [{ ...lasting(it), value: ofDatabase(database, "CPUUtilization", "Average") }],
  // A proxy has them all, and knows how many the instance allows, whatever its class.
  "database-connections": ({ database, plan: { own, blueprint } }, it) => {
    const { proxyName } = database;
    if (proxyName === undefined) {
      const threshold = Math.floor((it.above / 100) * allowedBy(instanceClassOf(own, blueprint.settings)));
      return [{ ...lasting(it), value: ofDatabase(database, "DatabaseConnections", "Maximum"), threshold }];
    }
    const open = ofProxy(proxyName, "DatabaseConnections", "Sum");
    const allowed = ofProxy(proxyName, "MaxDatabaseConnectionsAllowed", "Sum");
    return [{ ...lasting(it), value: percent([open], [allowed]) }];
  },
  // As it is now: storage grows by itself.
  "database-storage": ({ database }, it) => [
    {
      ...lasting(it),
      value: {
        formula: interpolate`100 - 100 * free / (${database.instance.allocatedStorage} * ${GIB})`,
        of: { free: ofDatabase(database, "FreeStorageSpace", "Minimum") },
      },
    },
  ],
  // Told of twice a day, and renewed sixty days before its end.
  certificate: ({ frontDoor: { certificate } }, it) =>
    certificate === undefined
      ? []
      : [
          {
            value: {
              namespace: "AWS/CertificateManager",
              name: "DaysToExpiry",
              dimensions: { CertificateArn: certificate.arn },
              stat: "Minimum",
            },
            when: "<",
            threshold: it.above,
            periodSeconds: DAY_S,
            periods: 1,
          },
        ],
  nat: ({ network }, it) =>
    network.natGateways.map(({ id }, index) => ({
      ...together(it),
      part: String(index),
      value: ofNat(id, "ErrorPortAllocation", "Sum"),
    })),
  budget: "a budget",
};

function allowedBy(instanceClass: string): number {
  const most = mostConnectionsOf(instanceClass);
  if (most === undefined) throw new RangeError(`How many connections ${instanceClass} bears is not known`);
  return most;
}

const VISIBLE = "ApproximateNumberOfMessagesVisible";

function each(watched: Watched, alarm: (one: FunctionPart) => Alarm): readonly Alarm[] {
  return functionsOf(watched).map((one) => ({ ...alarm(one), part: one.workload.name }));
}

/** In the order of the blueprint. */
export function functionsOf({ plan, functions }: Pick<Watched, "plan" | "functions">): readonly FunctionPart[] {
  return plan.blueprint.workloads.flatMap(({ name }) => functions[name] ?? []);
}

export function servicesOf({ plan, services }: Pick<Watched, "plan" | "services">): readonly ServicePart[] {
  return plan.blueprint.workloads.flatMap(({ name }) => services[name] ?? []);
}

/** Who measures itself: a task that runs once and ends has no collector beside it. */
export function measured({ plan, functions, services }: Watched): readonly Workload[] {
  return plan.blueprint.workloads.filter(({ name }) => functions[name] !== undefined || services[name] !== undefined);
}

function onQueue({ queues }: Watched, name: QueueName, alarm: Omit<Alarm, "value">, metric: string): readonly Alarm[] {
  const queue = queues[name];
  return queue === undefined ? [] : [{ ...alarm, value: ofQueue(queue, metric, "Maximum") }];
}

/** Who looks for what is due. */
export function lookerOf({ plan: { blueprint } }: Pick<Watched, "plan">): Workload {
  const found = blueprint.workloads.find(({ trigger }) => trigger.kind === "minute" || trigger.kind === "always");
  if (found === undefined) throw new RangeError("No workload looks for what is due");
  return found;
}

/** Who calls receivers of itself. */
export function deliverersIn({ plan: { blueprint } }: Pick<Watched, "plan">): readonly Workload[] {
  return blueprint.workloads.filter((one) => one.trigger.kind !== "http" && needs(one, "egress"));
}

/** With those who end what could not be delivered. */
export function enders(watched: Pick<Watched, "plan">): readonly Workload[] {
  const deadLetters = watched.plan.blueprint.workloads.filter(({ name }) => name === "dead-letters");
  return [...deliverersIn(watched), ...deadLetters];
}

function failedShare(watched: Watched): Alarm["value"] {
  const finished = (split: Readonly<Record<string, string>>) =>
    enders(watched).map(({ name }) => ofOurs(watched, "EventsFinished", name, "Sum", split));
  return percent(finished({ State: "failed" }), finished({}));
}
