import type { CloudTasksClient } from "@google-cloud/tasks";
import type { Outgoing, Received, Receiving, TextQueue } from "@punctual/adapter-sdk";
import { type Clock, Unavailable } from "@punctual/core";
import { codeOf, isMissing, translated } from "../errors.js";
import type { CloudTasksConfig } from "./config.js";

/** So many requests of one sending are under way at a time: each task is one of its own. */
const MOST_AT_ONCE = 25;
const REQUEST_MS = 5_000;
/** All of one sending ends within it. */
const SENDING_MS = 10_000;
/** Cloud Tasks counts its thirty days from when it reads the request. */
const LONGEST_MS = 2_592_000_000 - 60_000;

type TaskQueueConfig = Omit<CloudTasksConfig, "endpoint">;

/** What a task that is worked at is known by, and whether another one stands in its place by now. */
interface UnderWay {
  readonly received: Received;
  replaced: boolean;
}

/**
 * One queue of Cloud Tasks. Tasks come by themselves, so nothing is received here, and the answer to a push deletes a task or
 * gives it back. Cloud Tasks cannot be told when it should come again: one that is kept from others for a while is put into the
 * queue anew, for then, and the one at hand is done with.
 */
export class TaskQueue implements TextQueue {
  readonly #client: CloudTasksClient;
  readonly #config: TaskQueueConfig;
  readonly #clock: Clock;
  readonly #path: string;
  readonly #underWay = new Map<string, UnderWay>();

  constructor(client: CloudTasksClient, config: TaskQueueConfig, clock: Clock) {
    this.#client = client;
    this.#config = config;
    this.#clock = clock;
    this.#path = `projects/${config.project}/locations/${config.location}/queues/${config.queue}`;
  }

  /** Throws where it is stopped while some may have been taken, and nobody knows which. */
  async send(texts: readonly Outgoing[], signal?: AbortSignal): Promise<readonly (string | null)[]> {
    const answers: (string | null)[] = texts.map(() => "Cloud Tasks was not asked within the time");
    const end = this.#clock.monotonic() + SENDING_MS;
    // A delay counts from here: a text that waits for its request is not to be late for that.
    const now = this.#clock.now().getTime();
    const waiting = texts.entries();
    let asking = 0;
    const lane = async () => {
      for (const [place, text] of waiting) {
        const leftMs = end - this.#clock.monotonic();
        if (leftMs <= 0 || signal?.aborted === true) return;
        asking++;
        answers[place] = await this.#create(text, now, Math.min(REQUEST_MS, leftMs));
        asking--;
      }
    };
    const over = new AbortController();
    const lanes = Promise.all(Array.from({ length: Math.min(MOST_AT_ONCE, texts.length) }, lane));
    await Promise.race([lanes, aborted(signal, over.signal)]);
    over.abort();
    if (asking > 0) throw new Unavailable("The sending was stopped before Cloud Tasks had answered");
    return answers;
  }

  /** There is nothing to be had: tasks are pushed. */
  async receive({ waitMs }: Receiving): Promise<readonly Received[]> {
    await this.#clock.sleep(waitMs);
    return [];
  }

  async delete(receipts: readonly string[]): Promise<readonly boolean[]> {
    return receipts.map(() => true);
  }

  async keep(receipts: readonly string[], ms: number): Promise<readonly boolean[]> {
    return Promise.all(receipts.map((receipt) => this.#replace(receipt, ms)));
  }

  /** Holds what was pushed while it is worked at; whether Cloud Tasks may forget it then. */
  async hold(received: Received, work: () => Promise<boolean>): Promise<boolean> {
    const underWay: UnderWay = { received, replaced: false };
    this.#underWay.set(received.receipt, underWay);
    try {
      return (await work()) || underWay.replaced;
    } finally {
      this.#underWay.delete(received.receipt);
    }
  }

  /** Throws, as `unavailable`, where this process may not put tasks into the queue. It needs no permission itself. */
  async check(): Promise<void> {
    const needed = "cloudtasks.tasks.create";
    try {
      const request = { resource: this.#path, permissions: [needed] };
      const [{ permissions }] = await this.#client.testIamPermissions(request, { timeout: REQUEST_MS });
      if (permissions?.includes(needed) === true) return;
    } catch (error) {
      throw isGone(error) ? new Unavailable(this.#missing, { cause: error }) : translated(error, "Cloud Tasks");
    }
    // It does not tell one from the other.
    throw new Unavailable(`${this.#missing}, or grant this process roles/cloudtasks.enqueuer there`);
  }

  get #missing(): string {
    const { project, location, queue } = this.#config;
    return (
      `Cloud Tasks has no queue ${queue} in ${location} of ${project}: create it by ` +
      `\`gcloud tasks queues create ${queue} --location=${location} --project=${project}\``
    );
  }

  /** At zero it is given back, and its queue says when it comes again: it was not done, and that should slow others down. */
  async #replace(receipt: string, ms: number): Promise<boolean> {
    const underWay = this.#underWay.get(receipt);
    if (underWay === undefined) return false;
    if (ms <= 0 || underWay.replaced) return true;
    const { body, attributes } = underWay.received;
    const objection = await this.#create({ body, attributes, delayMs: ms }, this.#clock.now().getTime(), REQUEST_MS);
    if (objection !== null) throw new Unavailable(`A task cannot be put off: ${objection}`);
    underWay.replaced = true;
    return true;
  }

  async #create(
    { body, delayMs = 0, attributes = {} }: Outgoing,
    now: number,
    timeout: number,
  ): Promise<string | null> {
    const { url, serviceAccount: serviceAccountEmail, audience } = this.#config;
    const traceparent = attributes["traceparent"];
    const task = {
      httpRequest: {
        ...{ httpMethod: "POST" as const, url, body: Buffer.from(body), oidcToken: { serviceAccountEmail, audience } },
        headers: { "content-type": "text/plain", ...(traceparent !== undefined && { traceparent }) },
      },
      ...(delayMs > 0 && { scheduleTime: instantOf(now + Math.min(delayMs, LONGEST_MS)) }),
    };
    try {
      await this.#client.createTask({ parent: this.#path, task }, { timeout });
      return null;
    } catch (error) {
      return this.#objectionOf(error);
    }
  }

  #objectionOf(error: unknown): string {
    if (isGone(error)) return this.#missing;
    const known = translated(error, "Cloud Tasks");
    if (known instanceof Unavailable) return known.message;
    // Without its words, which may repeat what was sent.
    return `Cloud Tasks refused it (${codeOf(error) || "for a reason that it does not tell"})`;
  }
}

/** A queue that was removed lately is told of as one that is not ready. */
function isGone(error: unknown): boolean {
  return isMissing(error) || (codeOf(error) === "FAILED_PRECONDITION" && /not exist/i.test((error as Error).message));
}

function instantOf(ms: number) {
  const seconds = Math.floor(ms / 1_000);
  return { seconds, nanos: Math.round((ms - seconds * 1_000) * 1_000_000) };
}

/** Hears nothing any more once it is over. */
async function aborted(signal: AbortSignal | undefined, over: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return;
  await new Promise((resolve) => signal?.addEventListener("abort", resolve, { once: true, signal: over }));
}
