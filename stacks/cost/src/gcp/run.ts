import type { Planned } from "@punctual/stack-testkit";
import { at, itemsAt, MINUTES, numberAt, type Rules, SECONDS, share, type Situation } from "../rule.js";
import { workloadOf } from "../workload.js";
import { item } from "./item.js";
import { probesIn } from "./watch.js";

export const run: Rules = {
  "gcp:cloudrunv2/service:Service": (one, situation) => {
    const { usage } = situation;
    const { vcpus, gigabytes, collected } = sizeOf(one);
    const { requests, seconds } = workOf(one, situation);
    const kept = SECONDS * keptBy(one);
    const always = Math.max(kept, Math.min(SECONDS, seconds + requests * STAYS));
    return [
      ...(byRequests(one)
        ? [
            item("functions", "runVcpuSecond", seconds * vcpus),
            item("functions", "runMemoryGbSecond", seconds * gigabytes),
            item("functions", "runRequest", requests),
            item("kept warm", "runIdleVcpuSecond", Math.max(0, kept - seconds) * vcpus),
            item("kept warm", "runIdleMemoryGbSecond", Math.max(0, kept - seconds) * gigabytes),
          ]
        : [
            item("functions", "runAlwaysVcpuSecond", always * vcpus),
            item("functions", "runAlwaysMemoryGbSecond", always * gigabytes),
          ]),
      item("logs", "logGb", share(one, situation, usage.logGb)),
      ...(collected ? [item("metrics and traces", "samples", share(one, situation, usage.metrics * MINUTES))] : []),
      ...(workloadOf(one) === "api" ? [item("API", "outGb", (usage.apiRequests * usage.answerKb) / 1_000_000)] : []),
    ];
  },
  "gcp:cloudrunv2/workerPool:WorkerPool": (one) => {
    const { vcpus, gigabytes } = sizeOf(one);
    const most = Math.max(
      numberAt(0, one.inputs, "scaling", "manualInstanceCount"),
      numberAt(0, one.inputs, "scaling", "minInstanceCount"),
    );
    const seconds = SECONDS * Math.max(1, most);
    return [
      item("containers", "poolVcpuSecond", seconds * vcpus),
      item("containers", "poolMemoryGbSecond", seconds * gigabytes),
    ];
  },
  "gcp:cloudrunv2/job:Job": () => [
    item("functions", "runAlwaysVcpuSecond", 20 * 60),
    item("functions", "runAlwaysMemoryGbSecond", (20 * 60) / 2),
  ],
};

/** All containers of an instance together. */
function sizeOf({ inputs }: Planned) {
  const containers = itemsAt(inputs, "template", "containers");
  const limits = containers.map((container) => at(container, "resources", "limits"));
  return {
    vcpus: limits.reduce<number>((all, limit) => all + vcpusOf(at(limit, "cpu") ?? "1"), 0),
    gigabytes: limits.reduce<number>((all, limit) => all + gigabytesOf(at(limit, "memory") ?? "512Mi"), 0),
    collected: containers.length > 1,
  };
}

/** `1`, `0.5`, `500m` */
function vcpusOf(text: unknown): number {
  const [, number, milli] = /^([\d.]+)(m?)$/.exec(String(text)) ?? [];
  if (number === undefined) throw new TypeError(`${String(text)} is no number of CPUs`);
  return Number(number) / (milli === "m" ? 1_000 : 1);
}

/** `512Mi`, `1Gi` */
function gigabytesOf(text: unknown): number {
  const [, number, unit] = /^([\d.]+)(Mi|Gi|M|G)$/.exec(String(text)) ?? [];
  if (number === undefined) throw new TypeError(`${String(text)} is no amount of memory`);
  return Number(number) / (unit?.startsWith("M") === true ? 1_024 : 1);
}

function keptBy({ inputs }: Planned): number {
  const ofService = numberAt(0, inputs, "scaling", "minInstanceCount");
  return Math.max(ofService, numberAt(0, inputs, "template", "scaling", "minInstanceCount"));
}

/** Whoever says anything of resources, and not this, has its CPU always. */
function byRequests({ inputs }: Planned): boolean {
  const resources = at(inputs, "template", "containers", 0, "resources");
  return resources === undefined || resources === null || at(resources, "cpuIdle") === true;
}

/** Seconds that an instance which always has its CPU is still there, and paid for, when nobody asks it any more. */
const STAYS = 15 * 60;
/** A request is paid for as if it took so long at the least. */
const LEAST_MS = 100;

/** How many requests there are, and for how many seconds an instance has any. */
function workOf(one: Planned, { graph, usage }: Situation): { readonly requests: number; readonly seconds: number } {
  switch (workloadOf(one)) {
    case "api": {
      const requests = usage.apiRequests + probesIn(graph);
      return { requests, seconds: (requests * Math.max(usage.apiMs, LEAST_MS)) / 1_000 };
    }
    case "scheduler":
      return { requests: MINUTES, seconds: MINUTES * lingerOf(one) };
    case "worker":
      return {
        requests: usage.deliveries,
        seconds: (usage.deliveries * usage.deliveryMs) / 1_000 / usage.deliveriesAtOnce,
      };
    case "dead-letters":
      return { requests: usage.deliveries / 1_000, seconds: usage.deliveries / 10_000 };
    case "authorizer":
    case "migrate":
    case "health":
      return { requests: 0, seconds: 0 };
  }
}

/** A tick stays until the next relieves it, unless it is told not to. */
function lingerOf({ inputs }: Planned): number {
  const variables = itemsAt(inputs, "template", "containers", 0, "envs");
  const valueOf = (name: string) =>
    at(
      variables.find((one) => at(one, "name") === name),
      "value",
    );
  const usual = valueOf("PUNCTUAL_TRANSPORT") === "cloud-tasks" ? 0 : 840;
  return Math.min(60, Math.max(1, Number(valueOf("PUNCTUAL_SCHEDULER_LINGER_SECONDS") ?? usual)));
}
