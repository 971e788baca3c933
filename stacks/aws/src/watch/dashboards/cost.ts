import { functionsOf } from "../objectives.js";
import { type Metric, ofDoor, ofFunction, ofNat, ofQueue, type Watched } from "../metrics.js";
import { line, type Widget } from "./dashboard.js";

/** As bills name them. */
const SERVICES = [
  ...["AmazonRDS", "AWSLambda", "AmazonApiGateway", "AmazonEC2", "AmazonVPC", "AWSQueueService", "AmazonCloudWatch"],
  ...["AWSSecretsManager", "awskms", "awswaf", "AmazonCloudFront", "AmazonS3"],
];
const HOUR_S = 3_600;
const SIX_HOURS_S = 6 * HOUR_S;
/** What things cost is told nowhere else, and for the whole account. */
const BILLS = { region: "us-east-1", periodSeconds: SIX_HOURS_S };

/** What it costs, and what makes it cost that. */
export function cost(watched: Watched): readonly Widget[] {
  const functions = functionsOf(watched);
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
      lines: SERVICES.map((ServiceName) => line(ServiceName, charged({ ServiceName }))),
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
      title: "Logs: bytes",
      lines: functions.map((one) => line(one.workload.name, written(`/aws/lambda/${one.physicalName}`))),
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
