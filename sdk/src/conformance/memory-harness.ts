import type { Message, SendReport, Transport, TransportCapabilities } from "@punctual/core";
import { type OpenTransport, passOn, type TransportHarness } from "@punctual/core/conformance";
import { MemoryClock, MemoryTransport } from "@punctual/core/memory";

/** A queue in memory that stands for a service, and can be kept from answering. */
export class MemoryService extends MemoryTransport {
  #stalled = false;

  stall(): void {
    this.#stalled = true;
  }

  override async send(messages: readonly Message[], signal?: AbortSignal): Promise<SendReport> {
    if (!this.#stalled) return super.send(messages);
    await new Promise((resolve) => signal?.addEventListener("abort", resolve, { once: true }));
    throw new Error("The sending was aborted");
  }
}

/** The service, and what a process has of it; `crashed` is aborted when that ends. */
export type Client = (service: MemoryService, clock: MemoryClock, crashed: AbortSignal) => Transport;

interface OpenMemory extends OpenTransport {
  readonly service: MemoryService;
  readonly restart: () => Transport;
}

const NEW_YEAR = new Date("2030-01-01T00:00:00Z");
const REDELIVERY_MS = 10_000;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** The harness of transports that are made around the memory transport, as the broken ones are. */
export function memoryHarness(
  client: Client = (service) => service,
  of: Partial<TransportCapabilities> = {},
): TransportHarness {
  const capabilities = { ...new MemoryTransport(new MemoryClock(NEW_YEAR)).capabilities, ...of };
  const open = async (): Promise<OpenMemory> => {
    const clock = new MemoryClock(NEW_YEAR);
    const service = new MemoryService(clock, { visibilityMs: REDELIVERY_MS, maxReceives: 4 });
    let life = new AbortController();
    const start = () => withCapabilities(client(service, clock, life.signal), capabilities);
    return {
      service,
      transport: start(),
      restart: () => {
        life.abort();
        life = new AbortController();
        return start();
      },
      pass: passOn(clock, turn),
      patienceMs: 200,
      redeliveryMs: REDELIVERY_MS,
      now: () => clock.now(),
      deadLetters: async () => [...service.deadLetters],
      kept: async () => [...service.kept],
      close: async () => undefined,
    };
  };
  return {
    capabilities,
    open,
    reopen: async ({ restart }: OpenMemory) => restart(),
    sendUnreadable: async ({ service }: OpenMemory) => service.giveUp({ message: null, reason: "unreadable" }),
    stall: async ({ service }: OpenMemory) => service.stall(),
    tellsReceipts: true,
  };
}

function withCapabilities(transport: Transport, capabilities: TransportCapabilities): Transport {
  return {
    capabilities,
    send: (messages, signal) => transport.send(messages, signal),
    consume: (options, handle, signal) => transport.consume(options, handle, signal),
    consumeDeadLetters: (handle, signal) => transport.consumeDeadLetters(handle, signal),
  };
}
