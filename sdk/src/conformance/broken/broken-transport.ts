import type { DeadLetter, Message, MessageVerdict, SendReport, Transport, TransportCapabilities } from "@punctual/core";
import type { MemoryClock } from "@punctual/core/memory";
import { type Client, memoryHarness, type MemoryService } from "../memory-harness.js";
import type { TransportHarness } from "@punctual/core/conformance";

/** A transport that breaks one promise and keeps most others: the suite must tell it from a right one. */
export interface BrokenTransport {
  /** What is wrong with it, as in "one that …". */
  readonly title: string;
  /** The id of the case that must find it. */
  readonly caughtBy: string;
  readonly harness: TransportHarness;
}

/** What is wrong; the rest stays as the service has it. */
export type Wrong = (service: MemoryService, clock: MemoryClock, crashed: AbortSignal) => Partial<Transport>;

export function broken(
  title: string,
  caughtBy: string,
  wrong: Wrong,
  capabilities: Partial<TransportCapabilities> = {},
): BrokenTransport {
  const client: Client = (service, clock, crashed) => ({
    capabilities: service.capabilities,
    send: (messages, signal) => service.send(messages, signal),
    consume: (options, handle, signal) => service.consume(options, handle, signal),
    consumeDeadLetters: (handle, signal) => service.consumeDeadLetters(handle, signal),
    ...wrong(service, clock, crashed),
  });
  return { title, caughtBy, harness: memoryHarness(client, capabilities) };
}

export const ACK: MessageVerdict = { kind: "ack" };
export const never = new Promise<never>(() => undefined);

export const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });

export const sending =
  (send: (messages: readonly Message[], service: MemoryService, clock: MemoryClock) => Promise<SendReport>): Wrong =>
  (service, clock) => ({ send: (messages) => send(messages, service, clock) });
/** A report on what was given, whatever was sent. */
export function reported(messages: readonly Message[], { refused }: SendReport): SendReport {
  const no = new Map(refused.map(({ message, reason }) => [message.eventId, reason]));
  const reasonOf = ({ eventId }: Message) => no.get(eventId);
  return {
    accepted: messages.filter((message) => reasonOf(message) === undefined),
    refused: messages.flatMap((message) => {
      const reason = reasonOf(message);
      return reason === undefined ? [] : { message, reason };
    }),
  };
}

/** Sends something else than it was given, and reports on what it was given. */
export const changing = (change: (message: Message, clock: MemoryClock) => Message | null) =>
  sending(async (messages, service, clock) => {
    return reported(messages, await service.send(messages.flatMap((message) => change(message, clock) ?? [])));
  });

/** Makes something else of the handler's verdict. */
export const judging =
  (
    judge: (verdict: MessageVerdict, batch: Promise<MessageVerdict[]>) => MessageVerdict | Promise<MessageVerdict>,
  ): Wrong =>
  (service) => ({
    consume: (options, handle, signal) =>
      service.consume(
        options,
        (messages) => {
          const verdicts = handle(messages);
          const batch = Promise.all(verdicts);
          batch.catch(() => undefined); // most judge by the one verdict
          return verdicts.map(async (verdict) => judge(await verdict, batch));
        },
        signal,
      ),
  });

export const handing =
  (change: (message: Message) => Message): Wrong =>
  (service) => ({
    consume: (options, handle, signal) => service.consume(options, (batch) => handle(batch.map(change)), signal),
  });

/** Makes something else of the verdict on a dead letter. */
export const burying =
  (judge: (verdict: Promise<MessageVerdict>, letter: DeadLetter) => Promise<MessageVerdict>): Wrong =>
  (service) => ({
    consumeDeadLetters: (handle, signal) =>
      service.consumeDeadLetters(
        (letters) =>
          handle(letters).map((verdict, index) =>
            judge(verdict, letters[index] ?? { message: null, reason: "not there" }),
          ),
        signal,
      ),
  });
