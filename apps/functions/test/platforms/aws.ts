import { REASON } from "@punctual/adapter-sdk";
import type { SQSEvent } from "aws-lambda";
import { type Account, openAccount } from "../support/account.js";
import { failuresIn } from "../support/lambda/batch-answer.js";
import type { LambdaReport } from "../support/lambda/lambda-function.js";
import type { Platform, PlatformOptions } from "./platform.js";
import { spoiltIn } from "./spoilt.js";

/** SQS brings so many messages to one invocation. */
const BATCH = 10;

/** SQS and Lambda: the functions as they are deployed. */
export async function onAws({ workers, hiddenSeconds, maxReceives, scheduler }: PlatformOptions): Promise<Platform> {
  const account = await openAccount({
    workers,
    queues: { visibilitySeconds: hiddenSeconds, maxReceives },
    scheduler,
  });
  const { functions, queues, rows, lines, envelopes, ask, close } = account;
  const batches = new Batches(account);
  return {
    ...{ name: "aws", rows, lines, envelopes, places: BATCH, carrier: null, ask, close },
    put: async (text) => queues.send(text),
    work: async () => {
      await account.work({ onBatch: (event, report) => batches.note(event, report) });
      await account.bury();
    },
    turn: async () => void (await functions.scheduler.invoke({}, { timeoutMs: 20_000 })),
    killWorker: () => functions.worker.killOne(),
    killScheduler: () => functions.scheduler.killOne(),
    aside: async () =>
      (await queues.peek(queues.unreadable)).map(({ body, attributes }) => ({
        body,
        reason: attributes[REASON] ?? "none",
      })),
    deadLetters: async () => (await queues.peek(queues.deadLetters)).length,
    demands: async () => {
      const { without, because } = await batches.failed();
      return [
        {
          what: "partial-batch answers: only records that threw came again",
          seen: `${without} without cause, ${because} with, in ${batches.mixed} mixed batches of ${batches.all}`,
          held: without === 0 && batches.mixed > 20,
        },
      ];
    },
  };
}

/** What the worker answered for its batches. */
class Batches {
  all = 0;
  /** Of which some messages had failed, and not all. */
  mixed = 0;
  readonly #account: Account;
  readonly #failed: string[] = [];

  constructor(account: Account) {
    this.#account = account;
  }

  note({ Records }: SQSEvent, report: LambdaReport): void {
    this.all++;
    if (!report.ok) return;
    const ids = Records.map(({ messageId }) => messageId);
    const failed = new Set(failuresIn(report.payload, ids) ?? []);
    if (failed.size > 0 && failed.size < Records.length) this.mixed++;
    for (const { body, messageId } of Records) {
      const opened = this.#account.envelopes.open(body);
      if ("message" in opened && failed.has(messageId)) this.#failed.push(opened.message.eventId);
    }
  }

  /** Messages that came again, with and without something wrong with them. */
  async failed(): Promise<{ readonly without: number; readonly because: number }> {
    const wrong = await spoiltIn(this.#account);
    const because = this.#failed.filter((id) => wrong.has(id)).length;
    return { because, without: this.#failed.length - because };
  }
}
