import { BadTransport, InvalidInput, loadTransport, type OpenedTransport } from "@punctual/adapter-sdk";
import { type Clock, DELIVER_DEFAULTS, type Telemetry, type TransportCapabilities, Unavailable } from "@punctual/core";
import { BadConfig, type TransportConfig } from "./config.js";

export interface OpenTransportDeps {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly keys: readonly Uint8Array[];
}

/** Others wrote it: neither who asks whether we are ready nor who stops us waits for it without end. */
const LONGEST_ANSWER_MS = 5_000;

/** Opens the transport, or says all that keeps it from being used. */
export async function openTransport(
  { specifier, variables }: TransportConfig,
  deps: OpenTransportDeps,
): Promise<OpenedTransport> {
  const opened = await loadTransport(specifier, variables, { ...deps, from: process.cwd() }).catch((error: unknown) => {
    if (error instanceof BadTransport) throw new BadConfig(error.message, { cause: error });
    if (error instanceof InvalidInput) throw unusable(specifier, error.message, { cause: error });
    throw error;
  });
  const { clock } = deps;
  const { transport } = opened;
  const check = async () => inTime(opened.check(), clock, "The transport does not answer");
  const close = async () => inTime(opened.close(), clock, "The transport does not close");
  if (!transport.capabilities.push) return { transport, check, close };
  await close();
  throw unusable(specifier, "it is pushed to, and nobody pushes messages to this program");
}

/** How far ahead of their time events are handed over, so that they are with the workers when it comes. */
export function lookAheadFor({ early, maxDelaySeconds }: TransportCapabilities, atMostMs: number): number {
  switch (early) {
    case "transport":
      // Far from its limit: by the transport's clock it may be earlier than by the store's, and it would refuse.
      return Math.min(atMostMs, maxDelaySeconds * 500);
    case "scheduler":
    case "worker":
      // What a process holds waits for its lease to end where that process is killed; a worker gives back what is earlier.
      return Math.min(atMostMs, DELIVER_DEFAULTS.holdMs);
  }
}

function unusable(specifier: string, why: string, options?: ErrorOptions): BadConfig {
  return new BadConfig(`The transport ${specifier} cannot be used: ${why}`, options);
}

async function inTime(answer: Promise<void>, clock: Clock, otherwise: string): Promise<void> {
  const over = new AbortController();
  const late = clock.sleep(LONGEST_ANSWER_MS, over.signal).then(() => {
    throw new Unavailable(otherwise);
  });
  await Promise.race([answer, late]).finally(() => over.abort());
}
