import { deliverersIn, enders, lookerOf } from "../objectives.js";
import type { Watched } from "../metrics.js";
import type { Widget } from "./dashboard.js";
import { own, parts, times } from "./own-lines.js";

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
  return [
    {
      title: "Events ended",
      lines: ended.flatMap((name) => parts(watched, "EventsFinished", name, "Sum", ["State", STATES])),
      stacked: true,
    },
    {
      title: "Lateness, ms",
      lines: deliverers.flatMap((name) => times(watched, "Lateness", name)),
    },
    {
      title: "Attempts",
      lines: deliverers.flatMap((name) =>
        parts(watched, "AttemptDuration", name, "SampleCount", ["Outcome", OUTCOMES]),
      ),
      stacked: true,
    },
    {
      title: "Receivers: duration, ms",
      lines: deliverers.flatMap((name) => times(watched, "AttemptDuration", name)),
    },
    {
      title: "Events ahead",
      lines: [
        ...own(watched, "open", "OpenEvents", looker, "Maximum"),
        ...own(watched, "due", "DueEvents", looker, "Maximum"),
      ],
    },
    {
      title: "Events taken up",
      lines: [
        ...own(watched, "claimed", "Claimed", looker, "Sum"),
        ...own(watched, "handed over", "HandedOver", looker, "Sum", { Result: "accepted" }),
        ...own(watched, "refused", "HandedOver", looker, "Sum", { Result: "refused" }),
        ...own(watched, "planned", "Planned", looker, "Sum"),
      ],
    },
    {
      title: "Held back",
      lines: deliverers.flatMap((name) => [
        ...own(watched, `${name}: postponed`, "Postponed", name, "Sum"),
        ...own(watched, `${name}: claims lost`, "ClaimsLost", name, "Sum"),
        ...own(watched, `${name}: breakers`, "BreakerChanges", name, "Sum"),
        ...own(watched, `${name}: destinations disabled`, "DestinationsDisabled", name, "Sum"),
      ]),
    },
    {
      title: "Given up by the queue",
      lines: ended.flatMap((name) => own(watched, name, "DeadLetters", name, "Sum")),
    },
    {
      title: "Requests to the API",
      lines: [
        ...own(watched, "all", "RequestDuration", "api", "SampleCount"),
        ...own(watched, "failed", "RequestErrors", "api", "Sum"),
      ],
    },
  ];
}
