import { importLines, openProject, pubsubFor, Receiver, sleep, states } from "@punctual/functions/testing";
import type { Graph, Planned } from "@punctual/stack-testkit";
import { linesFor, POISON, type Replay } from "./poison.js";

const WELL = 20;

/** Lets the real worker live on the subscriptions of a stack, as they were recorded, in a Pub/Sub. */
export async function replayOnGcp(stack: string, graph: Graph): Promise<Replay> {
  const main = subscriptionIn(graph, "events");
  const receives = Number((main.inputs["deadLetterPolicy"] as { maxDeliveryAttempts: number }).maxDeliveryAttempts);
  const receiver = await Receiver.open();
  const answered: string[] = [];
  const project = await openProject({
    workers: 2,
    env: { PUNCTUAL_SCHEDULER_LINGER_SECONDS: "0", PUNCTUAL_SCHEDULER_LOOK_AHEAD_SECONDS: "15" },
    onAnswer: (body) => void answered.push(body),
  });
  const { server, topics, close } = await pubsubFor(project, {
    hiddenSeconds: Number(main.inputs["ackDeadlineSeconds"]),
    // As often as the stack says, but sooner: what it says is minutes.
    again: { maxDeliveryAttempts: receives, minimumBackoffSeconds: 1, maximumBackoffSeconds: 1 },
  });
  try {
    const { rows, envelopes } = project.installation;
    await rows.query(POISON);
    await importLines(project, linesFor(receiver.url, WELL));
    const { rows: found } = await rows.query<{ id: string }>("select id from events where type = 'poison'");
    const poison = found[0]?.id ?? "";
    const taken = () => answered.filter((body) => eventIn(body, envelopes) === poison).length;
    await sleep(2_500);
    await project.tick();
    await until(() => topics.letters.seen.size > 0);
    const before = taken();
    await until(async () => ((await states(project.installation))["COMPLETED"] ?? 0) === WELL);
    await until(() => server.depthOf(topics.deadLetterSubscription) === 0);
    return {
      ...{ stack, receives, taken: before, delivered: receiver.seen.length, expected: WELL },
      buried: topics.kept.seen.size === 0,
    };
  } finally {
    await project.close();
    await close();
    await receiver.close();
  }
}

function subscriptionIn(graph: Graph, name: string): Planned {
  const found = graph
    .all("gcp:pubsub/subscription:Subscription")
    .filter((one) => one.name.endsWith(`-${name}`) && one.inputs["deadLetterPolicy"] !== undefined);
  const [first] = found;
  if (first === undefined || found.length > 1) {
    throw new RangeError(`${String(found.length)} subscriptions with dead letters are called ${name}`);
  }
  return first;
}

type Envelopes = Awaited<ReturnType<typeof openProject>>["installation"]["envelopes"];

function eventIn(body: string, envelopes: Envelopes): string | null {
  if (body === "") return null;
  const { message } = JSON.parse(body) as { readonly message: { readonly data?: string } };
  const opened = envelopes.open(Buffer.from(message.data ?? "", "base64").toString());
  return "message" in opened ? opened.message.eventId : null;
}

async function until(there: () => boolean | Promise<boolean>): Promise<void> {
  for (let times = 0; times < 900; times++) {
    if (await there()) return;
    await sleep(100);
  }
  throw new Error("it did not come to be within a minute and a half");
}
