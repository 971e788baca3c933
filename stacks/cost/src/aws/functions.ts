import type { Planned } from "@punctual/stack-testkit";
import { at, MINUTES, numberOf, type Rules, SECONDS, share, type Situation } from "../rule.js";
import { workloadOf } from "../workload.js";
import { item } from "./item.js";

const FUNCTION = "aws:lambda/function:Function";

export const functions: Rules = {
  [FUNCTION]: (one, situation) => {
    const { calls, seconds } = callsOf(one, situation);
    return [
      item("functions", "lambdaRequest", calls),
      item("functions", "lambdaGbSecond", calls * seconds * gigabytesOf(one)),
      item("metrics and traces", "metric", share(one, situation, situation.usage.metrics)),
    ];
  },
  "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": (one, { graph }) => {
    const warmed = functionBehind(one, (from, input) => graph.sourcesOf(from, input));
    const instances = numberOf(one, "provisionedConcurrentExecutions");
    return [item("kept warm", "lambdaWarmGbSecond", instances * SECONDS * gigabytesOf(warmed))];
  },
  // Five pollers ask for twenty seconds each, all the time; what they bring is the queue's.
  "aws:lambda/eventSourceMapping:EventSourceMapping": () => [item("queues", "sqsRequest", (5 * SECONDS) / 20)],
  "aws:scheduler/schedule:Schedule": () => [item("schedules", "tick", MINUTES)],
  // Sent, received and deleted; what goes through the others comes to nothing.
  "aws:sqs/queue:Queue": (one, { usage }) =>
    /dead|unreadable|letters/.test(one.name) ? [] : [item("queues", "sqsRequest", 3 * usage.deliveries)],
};

function gigabytesOf(one: Planned): number {
  return numberOf(one, "memorySize", 128) / 1_024;
}

/** How often it is called, and how long a call takes. */
function callsOf(one: Planned, { usage }: Situation): { readonly calls: number; readonly seconds: number } {
  switch (workloadOf(one)) {
    case "api":
      return { calls: usage.apiRequests, seconds: usage.apiMs / 1_000 };
    case "authorizer":
      return { calls: usage.apiRequests * usage.authorizedShare, seconds: 0.02 };
    case "scheduler":
      return { calls: MINUTES, seconds: lingerOf(one) };
    case "worker":
      // It holds each to its time: messages come up to a second early.
      return {
        calls: usage.deliveries / usage.deliveriesAtOnce,
        seconds: 0.5 + usage.deliveryMs / 1_000,
      };
    case "dead-letters":
      return { calls: usage.deliveries / 1_000, seconds: 0.1 };
    case "migrate":
      return { calls: 20, seconds: 10 };
    case "health":
      return { calls: 100, seconds: 1 };
  }
}

/** A tick stays for most of its minute unless it is told not to. */
function lingerOf(one: Planned): number {
  const told = at(one.inputs, "environment", "variables", "PUNCTUAL_SCHEDULER_LINGER_SECONDS");
  return Math.max(1, told === null || told === undefined ? 55 : Number(told));
}

/** Its alias is named, and the alias names the function. */
function functionBehind(one: Planned, sources: (from: Planned, input: string) => readonly Planned[]): Planned {
  const named = [...sources(one, "functionName"), ...sources(one, "qualifier")];
  const found = [...named, ...named.flatMap((other) => sources(other, "functionName"))].find(
    ({ type }) => type === FUNCTION,
  );
  if (found === undefined) throw new TypeError(`${one.name} (${one.type}): which function does it keep warm?`);
  return found;
}
