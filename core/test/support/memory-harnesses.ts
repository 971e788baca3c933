import type { ClockHarness } from "../../src/conformance/clock.suite.js";
import type { DestinationGateHarness } from "../../src/conformance/destination-gate.suite.js";
import type { FailpointsHarness } from "../../src/conformance/failpoints.suite.js";
import type { SecretsHarness } from "../../src/conformance/secrets.suite.js";
import type { ReceiverScript, ScriptedReceiver, SenderHarness } from "../../src/conformance/sender.suite.js";
import type { TelemetryHarness } from "../../src/conformance/telemetry.suite.js";
import type { OpenTransport, TransportHarness } from "../../src/conformance/transport-stage.js";
import type { WakeUpsHarness } from "../../src/conformance/wake-ups.suite.js";
import { BREAKER_DEFAULTS } from "../../src/destinations/breaker.js";
import { MemoryClock } from "../../src/memory/clock.js";
import { MemoryDestinationGate } from "../../src/memory/destination-gate.js";
import { MemoryFailpoints } from "../../src/memory/failpoints.js";
import { MemoryKeeper, MemorySecrets } from "../../src/memory/secrets.js";
import { type Answer, MemorySender } from "../../src/memory/sender.js";
import { MemoryTelemetry } from "../../src/memory/telemetry.js";
import { MemoryTransport } from "../../src/memory/transport.js";
import { MemoryWakeUps } from "../../src/memory/wake-ups.js";
import type { Clock } from "../../src/ports/clock.js";
import type { DestinationGate } from "../../src/ports/destination-gate.js";
import type { Failpoints } from "../../src/ports/failpoints.js";
import type { Secrets } from "../../src/ports/secrets.js";
import type { OutgoingRequest, Sender } from "../../src/ports/sender.js";
import type { Telemetry } from "../../src/ports/telemetry.js";
import type { Transport } from "../../src/ports/transport.js";
import type { WakeUps } from "../../src/ports/wake-ups.js";
import { passOn } from "./pass.js";

const NEW_YEAR = new Date("2030-01-01T00:00:00Z");
const asItIs = <T>(one: T): T => one;

// Each harness takes a `wrap`, by which a test of its suite puts something wrong around the right adapter.

export function clockHarness(wrap: (clock: MemoryClock) => Clock = asItIs): ClockHarness {
  return {
    steps: true,
    open: () => {
      const clock = new MemoryClock(NEW_YEAR);
      return { clock: wrap(clock), pass: passOn(clock), patienceMs: 0, step: (ms) => clock.step(ms) };
    },
  };
}

export function transportHarness(
  wrap: (transport: MemoryTransport, clock: MemoryClock) => Transport = asItIs,
): TransportHarness {
  const capabilities = new MemoryTransport(new MemoryClock(NEW_YEAR)).capabilities;
  return {
    capabilities,
    open: async () => {
      const clock = new MemoryClock(NEW_YEAR);
      const redeliveryMs = 10_000;
      const transport = new MemoryTransport(clock, { visibilityMs: redeliveryMs, maxReceives: 4 });
      return {
        memory: transport,
        transport: wrap(transport, clock),
        pass: passOn(clock),
        patienceMs: 200,
        redeliveryMs,
        now: () => clock.now(),
        deadLetters: async () => [...transport.deadLetters],
        kept: async () => [...transport.kept],
        close: async () => undefined,
      };
    },
    tellsReceipts: true,
    sendUnreadable: async ({ memory }: OpenTransport & { readonly memory: MemoryTransport }) =>
      memory.giveUp({ message: null, reason: "unreadable" }),
  };
}

export function senderHarness(wrap: (sender: MemorySender, clock: MemoryClock) => Sender = asItIs): SenderHarness {
  return {
    redirects: true,
    guards: false,
    signs: false,
    open: async () => {
      const clock = new MemoryClock(NEW_YEAR);
      const sender = new MemorySender(clock);
      let receivers = 0;
      return {
        sender: wrap(sender, clock),
        pass: passOn(clock),
        patienceMs: 50,
        monotonic: () => clock.monotonic(),
        nowhere: async () => "http://nowhere.test/",
        receiver: async (script): Promise<ScriptedReceiver> => {
          const url = `http://receiver-${++receivers}.test/`;
          const requests: Pick<OutgoingRequest, "id" | "body">[] = [];
          sender.listen(url, ({ id, body }) => {
            requests.push({ id, body });
            return answerOf(script);
          });
          return { url, requests };
        },
      };
    },
    close: async () => undefined,
  };
}

function answerOf(script: ReceiverScript): Answer {
  switch (script.kind) {
    case "answers": {
      const { status, retryAfter = null, body = null } = script;
      return { status, retryAfter, responseExcerpt: body };
    }
    case "answers_late":
      return { status: script.status, afterMs: script.afterMs };
    case "silent":
    case "stalls":
      return { afterMs: Infinity };
    case "breaks":
    case "breaks_midway":
      return { error: "reset" };
    case "babbles":
      return { error: "protocol" };
    case "redirects":
      return { status: script.status };
  }
}

export function gateHarness(
  wrap: (gate: MemoryDestinationGate, clock: MemoryClock) => DestinationGate = asItIs,
  wrapSecond = wrap,
): DestinationGateHarness {
  return {
    open: async () => {
      const clock = new MemoryClock(NEW_YEAR);
      const gate = new MemoryDestinationGate(clock, BREAKER_DEFAULTS);
      const first = wrap(gate, clock);
      return {
        gates: [first, wrap === wrapSecond ? first : wrapSecond(gate, clock)],
        options: BREAKER_DEFAULTS,
        pass: passOn(clock),
        patienceMs: 0,
        now: () => clock.now().getTime(),
      };
    },
    close: async () => undefined,
  };
}

export function telemetryHarness(wrap: (telemetry: MemoryTelemetry) => Telemetry = asItIs): TelemetryHarness {
  return {
    keeps: true,
    open: () => {
      const kept = new MemoryTelemetry();
      return {
        telemetry: wrap(kept),
        arrived: async () =>
          kept.facts.flatMap((fact) => ("eventId" in fact && fact.eventId !== null ? fact.eventId : [])),
      };
    },
  };
}

export function failpointsHarness(wrap: (failpoints: MemoryFailpoints) => Failpoints = asItIs): FailpointsHarness {
  return {
    armed: true,
    open: () => {
      const failpoints = new MemoryFailpoints();
      return {
        failpoints: wrap(failpoints),
        arm: (place, act) => failpoints.arm(place, act),
        disarm: (place) => failpoints.disarm(place),
      };
    },
  };
}

export function wakeUpsHarness(wrap: (wakeUps: MemoryWakeUps) => WakeUps = asItIs): WakeUpsHarness {
  return {
    open: async () => {
      const wakeUps = new MemoryWakeUps();
      const clock = new MemoryClock(NEW_YEAR);
      return { wakeUps: wrap(wakeUps), hint: async () => wakeUps.wake(), pass: passOn(clock), patienceMs: 1 };
    },
    close: async () => undefined,
  };
}

export function secretsHarness(
  wrap: (secrets: MemorySecrets, keeper: MemoryKeeper, clock: MemoryClock) => Secrets = asItIs,
): SecretsHarness {
  return {
    open: () => {
      const clock = new MemoryClock(NEW_YEAR);
      const keeper = new MemoryKeeper();
      const options = { maxAgeMs: 60_000, graceMs: 600_000 };
      return {
        ...options,
        secrets: wrap(new MemorySecrets(clock, keeper, options), keeper, clock),
        put: async (name, value) => keeper.put(name, value),
        remove: async (name) => keeper.remove(name),
        away: (is) => void (keeper.away = is),
        asked: () => keeper.asked,
        pass: (ms) => clock.advance(ms),
      };
    },
  };
}
