import { type Around, EmfTelemetry } from "@punctual/adapter-aws/wiring";
import { localClock } from "@punctual/adapter-local/wiring";
import { allOf, jsonLogs } from "@punctual/adapter-telemetry/logs";
import type { Clock, Telemetry } from "@punctual/core";
import type { ANY, Of } from "./variables.js";

/** What every function has. Made once for each process, when it is loaded. */
export interface Base {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** What goes round each invocation; `thawed` is called first, where the process may have been frozen before. */
  around(thawed?: () => void): Around;
}

/** What was kept open for longer may have been closed by its other end, and nothing ran here to see it. */
const FROZEN_MS = 1_000;

export function baseOf(config: Of<typeof ANY>): Base {
  const clock = localClock();
  const service = config.AWS_LAMBDA_FUNCTION_NAME;
  const emf = new EmfTelemetry({ service: "punctual", functionName: service, clock });
  const logs = jsonLogs({ logLevel: config.PUNCTUAL_LOG_LEVEL, service }, process.stdout);
  let rested = clock.now().getTime();
  return {
    clock,
    telemetry: allOf(logs.telemetry, emf),
    around: (thawed) => ({
      begin: () => {
        if (clock.now().getTime() - rested > FROZEN_MS) thawed?.();
      },
      end: () => {
        emf.flush((line) => void process.stdout.write(`${line}\n`));
        rested = clock.now().getTime();
      },
    }),
  };
}
