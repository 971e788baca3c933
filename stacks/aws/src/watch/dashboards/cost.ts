import type { Runtime } from "@punctual/stack-blueprint";
import { functionsOf, servicesOf } from "../objectives.js";
import { type Metric, ofDoor, ofFunction, ofNat, ofQueue, ofService, type Watched } from "../metrics.js";
import { line, type Widget } from "./dashboard.js";

/** As bills name them. */
const SERVICES = ["AmazonRDS", "AmazonEC2", "AmazonVPC", "AmazonCloudWatch", "AWSSecretsManager", "awskms"];
const AT_THE_EDGE = ["awswaf", "AmazonCloudFront", "AmazonS3"];
const OF_RUNTIME: Readonly<Record<Runtime, readonly string[]>> = {
  serverless: ["AWSLambda", "AmazonApiGateway", "AWSQueueService"],
  // Fargate is a part of ECS there.
  containers: ["AmazonECS", "AmazonECR", "AWSELB"],
};
const HOUR_S = 3_600;
const SIX_HOURS_S = 6 * HOUR_S;
/** What things cost is told nowhere else, and for the whole account. */
const BILLS = { region: "us-east-1", periodSeconds: SIX_HOURS_S };

/** What it costs, and what makes it cost that. */
export function cost(watched: Watched): readonly Widget[] {
  const functions = functionsOf(watched);
  const services = servicesOf(watched);
  const billed = [...SERVICES, ...OF_RUNTIME[watched.plan.blueprint.settings.shape.runtime], ...AT_THE_EDGE];
  const charged = (dimensions: Readonly<Record<string, string>>): Metric => ({
    ...{ namespace: "AWS/Billing", name: "EstimatedCharges", stat: "Maximum" },
    dimensions: { ...dimensions, Currency: "USD" },
  });
  const hourly = { periodSeconds: HOUR_S };
  return [
    { ...BILLS, title: "The account's month so far, USD", lines: [line("all", charged({}))] },
    {
      ...BILLS,
      title: "By service, USD",
      lines: billed.map((ServiceName) => line(ServiceName, charged({ ServiceName }))),
      stacked: true,
    },
    {
      ...hourly,
      title: "API: requests",
      lines: ofDoor(watched.frontDoor).requests.map((one) => line("requests", one)),
    },
    {
      ...hourly,
      title: "Functions: calls",
      lines: functions.map((one) => line(one.workload.name, ofFunction(one, "Invocations", "Sum"))),
    },
    {
      ...hourly,
      title: "Functions: busy, ms",
      lines: functions.map((one) => line(one.workload.name, ofFunction(one, "Duration", "Sum"))),
    },
    {
      ...hourly,
      // Each tells of its processor once a minute.
      title: "Services: minutes of tasks",
      lines: services.map((one) => line(one.workload.name, ofService(one, "CPUUtilization", "SampleCount"))),
    },
    {
      ...hourly,
      title: "Logs: bytes",
      lines: [
        ...functions.map((one) => line(one.workload.name, written(`/aws/lambda/${one.physicalName}`))),
        ...services.map((one) => line(one.workload.name, written(one.logs))),
      ],
    },
    {
      ...hourly,
      title: "Way out: bytes",
      lines: watched.network.natGateways.map(({ id }, index) =>
        line(`gateway ${String(index)}`, ofNat(id, "BytesOutToDestination", "Sum")),
      ),
    },
    {
      ...hourly,
      title: "Queues: messages",
      lines: Object.entries(watched.queues).map(([name, queue]) =>
        line(name, ofQueue(queue, "NumberOfMessagesSent", "Sum")),
      ),
    },
  ];
}

function written(LogGroupName: string): Metric {
  return { namespace: "AWS/Logs", name: "IncomingBytes", dimensions: { LogGroupName }, stat: "Sum" };
}
