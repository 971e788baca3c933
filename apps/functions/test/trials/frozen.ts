import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { openAccount } from "../support/account.js";
import { importLines, makeDestination, states } from "../support/plan.js";
import { Receiver } from "../support/receiver.js";
import { sleep } from "../support/sleep.js";
import type { Outcome } from "../support/outcome.js";

/** So long that nobody can know whether a connection is still there; a receiver, or what is in between, may have dropped it. */
const LONG_MS = 1_500;

/**
 * One worker, one message an invocation, and between two of them its process stands still: sometimes for so long that it may
 * not trust the connections that it has, and now and then those to the database were closed meanwhile.
 */
export async function frozen({ events = 1_000 }: { readonly events?: number }): Promise<Outcome> {
  const receiver = await Receiver.open({ keepAliveMs: 600_000 });
  const scheduler = { PUNCTUAL_SCHEDULER_LINGER_SECONDS: "0", PUNCTUAL_SCHEDULER_LEASE_SECONDS: "900" };
  const account = await openAccount({ workers: 1, queues: { visibilitySeconds: 900, maxReceives: 3 }, scheduler });
  try {
    const destinationId = await makeDestination(account, receiver.url);
    const at = new Date(Date.now() + 1_000).toISOString();
    const lines = Array.from({ length: events }, (_, n) => ({
      ...{ key: `event ${n}`, type: "report.due", timeZone: "Etc/UTC", destinationId, payload: { n } },
      ...{ when: { at } },
    }));
    await importLines(account, lines);
    await account.tick();
    const [failed, long, cut] = await invoked(account, events);
    const ended = await states(account);
    const once = new Set(receiver.seen.map(({ eventId }) => eventId)).size;
    const { rows } = await account.rows.query<{ bad: number }>(
      "select count(*) as bad from attempts where error is not null",
    );
    const bad = Number(rows[0]?.bad);
    return {
      trial: "functions frozen",
      figures: { events, ended, requests: receiver.seen.length, long, cut },
      demands: [
        {
          what: "each was sent once",
          seen: `${receiver.seen.length} requests for ${once} events`,
          held: once === events && receiver.seen.length === events,
        },
        { what: "all completed", seen: ended["COMPLETED"] ?? 0, held: ended["COMPLETED"] === events },
        {
          what: "after each long pause a connection of its own was used, otherwise the one that was there",
          seen: `${receiver.connections} connections, ${long} long pauses, ${bad} attempts failed`,
          held: receiver.connections > long && receiver.connections < events / 4 && bad === 0,
        },
        {
          what: "no invocation failed",
          seen: `${failed} of ${events}, ${long} after a long pause, ${cut} without database connections`,
          held: failed === 0,
        },
      ],
    };
  } finally {
    await account.close();
    await receiver.close();
  }
}

/** How many failed, came after a long pause, and found their database connections closed. */
async function invoked({ functions, client, queues, rows }: Awaited<ReturnType<typeof openAccount>>, events: number) {
  let [failed, long, cut] = [0, 0, 0];
  const command = new ReceiveMessageCommand({ QueueUrl: queues.main, MaxNumberOfMessages: 1 });
  for (let n = 0; n < events; n++) {
    const [message] = (await client.send(command)).Messages ?? [];
    if (message === undefined) break;
    const { MessageId: messageId = "", Body: body = "", ReceiptHandle: receiptHandle = "" } = message;
    const report = await functions.worker.invoke(
      { Records: [{ messageId, body, receiptHandle }] },
      { timeoutMs: 90_000 },
    );
    const { batchItemFailures } = (report.ok ? report.payload : {}) as { batchItemFailures?: readonly unknown[] };
    if (batchItemFailures?.length !== 0) failed++;
    if (n % 50 === 25) {
      long++;
      await sleep(LONG_MS);
    }
    if (n % 100 === 75) {
      cut++;
      await rows.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state = 'idle'",
      );
    }
  }
  return [failed, long, cut] as const;
}
