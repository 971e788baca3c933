import { deliverersIn, enders, lookerOf } from "../objectives.js";
import { ofOurs, type Watched } from "../metrics.js";
import { line, type Line, type Widget } from "./dashboard.js";
import { quantiles } from "./operations.js";

const STATES = ["completed", "failed", "cancelled", "skipped"];
/** What a receiver may answer, and what an attempt may fail for. */
const OUTCOMES = [
  ...["2xx", "3xx", "4xx", "5xx"],
  ...["dns", "connect", "tls", "timeout", "reset", "protocol", "blocked_address", "unknown"],
];

/** Whether what was promised is delivered, and in time. */
export function business(watched: Watched): readonly Widget[] {
  const looker = lookerOf(watched).name;
  const deliverers = deliverersIn(watched).map(({ name }) => name);
  const ended = enders(watched).map(({ name }) => name);
  const split =
    (metric: "EventsFinished" | "AttemptDuration", by: string, values: readonly string[]) => (name: Names) =>
      values.map((value): Line => {
        const stat = metric === "AttemptDuration" ? "SampleCount" : "Sum";
        return line(`${name}: ${value}`, ofOurs(watched, metric, name, stat, { [by]: value }));
      });
  return [
    { title: "Events ended", lines: ended.flatMap(split("EventsFinished", "State", STATES)), stacked: true },
    {
      title: "Lateness, ms",
      lines: deliverers.flatMap((name) => quantiles((stat) => ofOurs(watched, "Lateness", name, stat))),
    },
    { title: "Attempts", lines: deliverers.flatMap(split("AttemptDuration", "Outcome", OUTCOMES)), stacked: true },
    {
      title: "Receivers: duration, ms",
      lines: deliverers.flatMap((name) => quantiles((stat) => ofOurs(watched, "AttemptDuration", name, stat))),
    },
    {
      title: "Events ahead",
      lines: [
        line("open", ofOurs(watched, "OpenEvents", looker, "Maximum")),
        line("due", ofOurs(watched, "DueEvents", looker, "Maximum")),
      ],
    },
    {
      title: "Events taken up",
      lines: [
        line("claimed", ofOurs(watched, "Claimed", looker, "Sum")),
        line("handed over", ofOurs(watched, "HandedOver", looker, "Sum", { Result: "accepted" })),
        line("refused", ofOurs(watched, "HandedOver", looker, "Sum", { Result: "refused" })),
        line("planned", ofOurs(watched, "Planned", looker, "Sum")),
      ],
    },
    {
      title: "Held back",
      lines: deliverers.flatMap((name) => [
        line(`${name}: postponed`, ofOurs(watched, "Postponed", name, "Sum")),
        line(`${name}: claims lost`, ofOurs(watched, "ClaimsLost", name, "Sum")),
        line(`${name}: breakers`, ofOurs(watched, "BreakerChanges", name, "Sum")),
        line(`${name}: destinations disabled`, ofOurs(watched, "DestinationsDisabled", name, "Sum")),
      ]),
    },
    {
      title: "Given up by the queue",
      lines: ended.map((name) => line(name, ofOurs(watched, "DeadLetters", name, "Sum"))),
    },
    {
      title: "Requests to the API",
      lines: [
        line("all", ofOurs(watched, "RequestDuration", "api", "SampleCount")),
        line("failed", ofOurs(watched, "RequestErrors", "api", "Sum")),
      ],
    },
  ];
}

type Names = ReturnType<typeof deliverersIn>[number]["name"];
