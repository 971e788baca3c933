import type { Input } from "@pulumi/pulumi";
import { functionsOf, lookerOf, measured, servicesOf } from "../objectives.js";
import {
  type Metric,
  ofDatabase,
  ofDoor,
  ofFunction,
  ofNat,
  ofProxy,
  ofQueue,
  ofService,
  type Watched,
} from "../metrics.js";
import { line, type Widget } from "./dashboard.js";
import { own, quantiles } from "./own-lines.js";

/** Whether everything runs, and where it hurts. */
export function operations(watched: Watched, alarms: readonly Input<string>[]): readonly Widget[] {
  const { database, network, frontDoor } = watched;
  const door = ofDoor(frontDoor);
  const looker = lookerOf(watched).name;
  return [
    { title: "Alarms", alarms },
    {
      title: "API: requests",
      lines: [
        ...door.requests.map((one) => line("requests", one)),
        line("refused", door.refusals),
        ...door.failures.map((one) => line("failed", one)),
      ],
    },
    { title: `API: latency, ${door.inUnit(1_000) === 1 ? "s" : "ms"}`, lines: quantiles(door.latency) },
    {
      title: "Scheduler",
      lines: [
        ...own(watched, "rounds", "Heartbeats", looker, "Sum"),
        ...own(watched, "oldest due, ms", "OldestDueAge", looker, "Maximum"),
        ...own(watched, "oldest snapshot, ms", "OldestSnapshotAge", looker, "Maximum"),
      ],
    },
    {
      title: "Troubles",
      lines: measured(watched).flatMap(({ name }) => own(watched, name, "Troubles", name, "Sum")),
    },
    ...functionWidgets(watched),
    ...serviceWidgets(watched),
    ...queueWidgets(watched),
    {
      title: "Database: load, %",
      lines: [line("processor", ofDatabase(database, "CPUUtilization", "Average"))],
    },
    {
      title: "Database: connections",
      lines: connections(database),
    },
    {
      title: "Database: room, bytes",
      lines: [
        line("storage left", ofDatabase(database, "FreeStorageSpace", "Minimum")),
        line("memory left", ofDatabase(database, "FreeableMemory", "Minimum")),
      ],
    },
    {
      title: "Database: latency",
      lines: [
        line("read, s", ofDatabase(database, "ReadLatency", "Average")),
        line("write, s", ofDatabase(database, "WriteLatency", "Average")),
      ],
    },
    {
      title: "Way out: connections without a port",
      lines: network.natGateways.map(({ id }, index) =>
        line(`gateway ${String(index)}`, ofNat(id, "ErrorPortAllocation", "Sum")),
      ),
    },
  ];
}

function connections(database: Watched["database"]) {
  const { proxyName } = database;
  if (proxyName === undefined) return [line("to the database", ofDatabase(database, "DatabaseConnections", "Maximum"))];
  return [
    line("to the database", ofProxy(proxyName, "DatabaseConnections", "Sum")),
    line("allowed", ofProxy(proxyName, "MaxDatabaseConnectionsAllowed", "Sum")),
    line("to the proxy", ofProxy(proxyName, "ClientConnections", "Sum")),
  ];
}

function functionWidgets(watched: Watched): readonly Widget[] {
  const graph = (title: string, name: string, stat: Metric["stat"]): Widget => ({
    title: `Functions: ${title}`,
    lines: functionsOf(watched).map((one) => line(one.workload.name, ofFunction(one, name, stat))),
  });
  return [
    graph("calls", "Invocations", "Sum"),
    graph("errors", "Errors", "Sum"),
    graph("duration, p99 ms", "Duration", "p99"),
    graph("at one time", "ConcurrentExecutions", "Maximum"),
    graph("throttled", "Throttles", "Sum"),
  ];
}

function serviceWidgets(watched: Watched): readonly Widget[] {
  const services = servicesOf(watched);
  const graph = (title: string, name: string): Widget => ({
    title: `Services: ${title}`,
    lines: services.map((one) => line(one.workload.name, ofService(one, name, "Average"))),
  });
  return [
    {
      title: "Services: tasks",
      // Each tells of its processor once a minute.
      lines: services.map((one) => line(one.workload.name, ofService(one, "CPUUtilization", "SampleCount"))),
    },
    graph("processor, %", "CPUUtilization"),
    graph("memory, %", "MemoryUtilization"),
  ];
}

function queueWidgets({ queues }: Watched): readonly Widget[] {
  const graph = (title: string, name: string): Widget => ({
    title: `Queues: ${title}`,
    lines: Object.entries(queues).map(([queue, part]) => line(queue, ofQueue(part, name, "Maximum"))),
  });
  return [
    graph("waiting", "ApproximateNumberOfMessagesVisible"),
    graph("under way", "ApproximateNumberOfMessagesNotVisible"),
    graph("oldest, s", "ApproximateAgeOfOldestMessage"),
  ];
}
