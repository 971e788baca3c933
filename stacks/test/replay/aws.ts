import { importLines, openAccount, Receiver, sleep, states } from "@punctual/functions/testing";
import type { Graph, Planned } from "@punctual/stack-testkit";
import { linesFor, POISON, type Replay } from "./poison.js";

const WELL = 20;
const QUEUE = "aws:sqs/queue:Queue";

/** Lets the real worker live on the queues of a stack, as they were recorded, in an emulator of SQS. */
export async function replayOnAws(stack: string, graph: Graph): Promise<Replay> {
  const queue = (name: string) => queueIn(graph, name);
  const main = queue("events");
  const receives = (JSON.parse(String(main.inputs["redrivePolicy"])) as { maxReceiveCount: number }).maxReceiveCount;
  const receiver = await Receiver.open();
  const account = await openAccount({
    workers: 2,
    queues: {
      main: attributesOf(main),
      deadLetters: attributesOf(queue("dead-letters")),
      unreadable: attributesOf(queue("unreadable")),
      maxReceives: receives,
    },
    scheduler: { PUNCTUAL_SCHEDULER_LOOK_AHEAD_SECONDS: "15", PUNCTUAL_SCHEDULER_LINGER_SECONDS: "0" },
  });
  try {
    await account.rows.query(POISON);
    await importLines(account, linesFor(receiver.url, WELL));
    await account.tick();
    let taken = 0;
    const { queues, envelopes } = account;
    const poison = await poisonIn(account.rows);
    await account.work({
      onBatch: ({ Records }) => {
        for (const { body } of Records) {
          const opened = envelopes.open(body);
          if ("message" in opened && opened.message.eventId === poison) taken++;
        }
      },
      // What the worker did not do is out of sight for as long as the stack says: that time passes at once.
      passes: true,
    });
    await until(async () => (await queues.peek(queues.deadLetters)).length > 0);
    const before = taken;
    await until(async () => ((await states(account))["COMPLETED"] ?? 0) === WELL);
    await account.bury();
    await until(async () => (await queues.peek(queues.deadLetters)).length === 0);
    return {
      ...{ stack, receives, taken: before, delivered: receiver.seen.length, expected: WELL },
      buried: (await queues.peek(queues.unreadable)).length === 0,
    };
  } finally {
    await account.close();
    await receiver.close();
  }
}

function queueIn(graph: Graph, name: string): Planned {
  const found = graph.all(QUEUE).filter(({ inputs }) => nameIn(inputs).endsWith(`-${name}`));
  const [first] = found;
  if (first === undefined || found.length > 1)
    throw new RangeError(`${String(found.length)} queues are called ${name}`);
  return first;
}

const SAID: Readonly<Record<string, string>> = {
  visibilityTimeoutSeconds: "VisibilityTimeout",
  messageRetentionSeconds: "MessageRetentionPeriod",
  delaySeconds: "DelaySeconds",
  receiveWaitTimeSeconds: "ReceiveMessageWaitTimeSeconds",
};

function attributesOf({ inputs }: Planned): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(SAID).flatMap(([input, attribute]) => {
      const said = inputs[input];
      return typeof said === "number" ? [[attribute, String(said)]] : [];
    }),
  );
}

async function poisonIn(rows: { query<T>(text: string): Promise<{ rows: T[] }> }): Promise<string> {
  const { rows: found } = await rows.query<{ id: string }>("select id from events where type = 'poison'");
  return found[0]?.id ?? "";
}

async function until(there: () => Promise<boolean>): Promise<void> {
  for (let times = 0; times < 600; times++) {
    if (await there()) return;
    await sleep(100);
  }
  throw new Error("it did not come to be within a minute");
}

function nameIn({ name }: Planned["inputs"]): string {
  return typeof name === "string" ? name : "";
}
