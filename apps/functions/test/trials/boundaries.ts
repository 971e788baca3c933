import { DeleteMessageCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { type Account, openAccount } from "../support/account.js";
import { importLines, makeDestination } from "../support/plan.js";
import { Receiver } from "../support/receiver.js";
import { sleep } from "../support/sleep.js";
import type { Outcome } from "../support/outcome.js";

/** One schedule of its own, and where its one event goes. */
interface Planned {
  readonly scheduleId: string;
  readonly destinationId: string;
  readonly eventId: string;
  readonly path: string;
}

interface Change {
  readonly name: string;
  readonly make: (account: Account, planned: Planned) => Promise<{ readonly status: number; readonly body: string }>;
  /** How the event ends, or waits. */
  readonly ends: string;
  /** What its receiver gets in place of the payload that it had, if anything. */
  readonly sends?: string;
}

const merge = { "content-type": "application/merge-patch+json" };

const CHANGES: readonly Change[] = [
  {
    name: "cancel",
    make: (account, { eventId }) => account.ask("POST", `/v1/events/${eventId}/cancel`, {}),
    ends: "CANCELLED",
  },
  {
    name: "pause",
    make: (account, { scheduleId }) => account.ask("POST", `/v1/schedules/${scheduleId}/pause`, {}),
    ends: "PENDING",
  },
  {
    name: "edit",
    make: async (account, { scheduleId }) => {
      const { header } = await account.ask("GET", `/v1/schedules/${scheduleId}`);
      const change = { ...merge, "if-match": header("etag") };
      return account.ask("PATCH", `/v1/schedules/${scheduleId}`, { payload: { text: "new", manner: "well" } }, change);
    },
    ends: "COMPLETED",
    sends: "new",
  },
  {
    name: "disable",
    make: (account, { destinationId }) => account.ask("POST", `/v1/destinations/${destinationId}/disable`, {}),
    ends: "FAILED",
  },
  {
    name: "delete",
    make: async (account, { scheduleId }) => {
      const { header } = await account.ask("GET", `/v1/schedules/${scheduleId}`);
      return account.ask("DELETE", `/v1/schedules/${scheduleId}`, undefined, { "if-match": header("etag") });
    },
    ends: "CANCELLED",
  },
];

/** Between what and what a change comes. */
const BOUNDARIES = [
  "before the tick",
  "while the queue holds it",
  "before it is received",
  "while the worker holds it",
] as const;
type Boundary = (typeof BOUNDARIES)[number];

/** How long before its due time each is made: for the worker to hold it, it must be out of the queue before. */
const AHEAD_MS: Readonly<Record<Boundary, number>> = {
  "before the tick": 3_000,
  "while the queue holds it": 6_000,
  "before it is received": 3_000,
  "while the worker holds it": 6_000,
};

/** A change that was committed before the request wins, wherever the event is on its way (I7). */
export async function boundaries(): Promise<Outcome> {
  const receiver = await Receiver.open();
  const scheduler = { PUNCTUAL_SCHEDULER_LINGER_SECONDS: "0" };
  const account = await openAccount({ workers: 1, queues: { visibilitySeconds: 60, maxReceives: 5 }, scheduler });
  try {
    await account.functions.worker.invoke({ Records: [] }, { timeoutMs: 90_000 }); // a cold start would take too long
    const demands: Outcome["demands"][number][] = [];
    for (const boundary of BOUNDARIES) {
      for (const change of CHANGES) demands.push(await tried(account, receiver, boundary, change));
    }
    demands.push(await tooLate(account));
    return { trial: "functions boundaries", figures: { tried: demands.length }, demands };
  } finally {
    await account.close();
    await receiver.close();
  }
}

async function tried(account: Account, receiver: Receiver, boundary: Boundary, change: Change) {
  const what = `${change.name} ${boundary}`;
  const dueAt = Date.now() + AHEAD_MS[boundary];
  const planned = await plan(account, receiver, { name: what, dueAt });
  const make = async () => {
    const { status, body } = await change.make(account, planned);
    if (status >= 300) throw new Error(`${what}: ${status} ${body}`);
    return Date.now();
  };
  let changedAt = 0;
  if (boundary === "before the tick") changedAt = await make();
  await account.tick();
  if (boundary === "while the queue holds it") changedAt = await make();
  if (boundary === "before it is received") {
    await sleep(dueAt - 600 - Date.now());
    changedAt = await make();
  }
  const worked = work(account, dueAt);
  if (boundary === "while the worker holds it") {
    await worked.begun;
    changedAt = await make();
  }
  await worked.ended;
  const sent = receiver.seen.filter(({ path }) => path === planned.path);
  const texts = sent.map(({ body }) => (JSON.parse(body) as { data: { text: string } }).data.text);
  const { state } = (await account.ask("GET", `/v1/events/${planned.eventId}`)).json();
  const expected = change.sends === undefined ? [] : [change.sends];
  return {
    what,
    seen: `${String(state)}, sent: ${texts.join() || "nothing"}, ${dueAt - changedAt} ms before it was due`,
    held: state === change.ends && texts.join() === expected.join() && changedAt < dueAt,
  };
}

async function plan(
  account: Account,
  receiver: Receiver,
  { name, dueAt, manner = "well" }: { name: string; dueAt: number; manner?: string },
): Promise<Planned> {
  const path = `/${encodeURIComponent(name)}`;
  const destinationId = await makeDestination(account, receiver.url + path);
  const at = new Date(dueAt).toISOString();
  const payload = { text: "old", manner };
  await importLines(account, [
    { key: name, type: "report.due", timeZone: "Etc/UTC", destinationId, payload, when: { at } },
  ]);
  const found = await account.ask("GET", `/v1/events?destinationId=${destinationId}`);
  const [event] = found.json()["items"] as readonly { readonly id: string; readonly scheduleId: string }[];
  if (event === undefined) throw new Error(found.body);
  return { scheduleId: event.scheduleId, destinationId, eventId: event.id, path };
}

/** Takes what becomes visible until some time after `dueAt`; `begun`: when the worker has it. */
function work({ client, queues, functions }: Account, dueAt: number) {
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const receive = new ReceiveMessageCommand({ QueueUrl: queues.main, MaxNumberOfMessages: 10 });
  const ended = (async () => {
    while (Date.now() < dueAt + 400) {
      const messages = (await client.send(receive)).Messages ?? [];
      if (messages.length === 0) {
        await sleep(20);
        continue;
      }
      const Records = messages.map(
        ({ MessageId: messageId = "", Body: body = "", ReceiptHandle: receiptHandle = "" }) => {
          return { messageId, body, receiptHandle };
        },
      );
      const working = functions.worker.invoke({ Records }, { timeoutMs: 90_000 });
      setTimeout(resolve, 50);
      await working;
      for (const { receiptHandle: ReceiptHandle } of Records) {
        await client.send(new DeleteMessageCommand({ QueueUrl: queues.main, ReceiptHandle }));
      }
    }
    resolve();
  })();
  return { begun, ended };
}

/** Once it was begun, nobody is told that it was cancelled. */
async function tooLate(account: Account) {
  const receiver = await Receiver.open();
  const dueAt = Date.now() + 1_000;
  const planned = await plan(account, receiver, { name: "slow", dueAt, manner: "slow" });
  await account.tick();
  const { ended } = work(account, dueAt);
  while (receiver.seen.length === 0 && Date.now() < dueAt + 5_000) await sleep(5);
  const { status } = await account.ask("POST", `/v1/events/${planned.eventId}/cancel`, {});
  await ended;
  await receiver.close();
  const { state } = (await account.ask("GET", `/v1/events/${planned.eventId}`)).json();
  return {
    what: "cancel after the request",
    seen: `${status}, ${String(state)}, ${receiver.seen.length} requests`,
    held: status === 409 && state === "COMPLETED" && receiver.seen.length === 1,
  };
}
