import { REASON } from "@punctual/adapter-sdk";
import { keysFor } from "@punctual/adapter-local/wiring";
import { Envelopes } from "@punctual/adapter-sdk";
import type { Message } from "@punctual/core";
import type { SQSEvent } from "aws-lambda";
import { type Account, openAccount } from "../support/account.js";
import { failuresIn } from "../support/lambda/batch-answer.js";
import type { LambdaReport } from "../support/lambda/lambda-function.js";
import { importLines, makeDestination } from "../support/plan.js";
import { Receiver } from "../support/receiver.js";
import { sleep } from "../support/sleep.js";
import type { Outcome } from "./outcome.js";

/** How a receiver treats an event, and how many of a hundred events. */
const MIX: readonly (readonly [manner: string, share: number])[] = [
  ["well", 70],
  ["slow", 8],
  ["twice", 10],
  ["never", 6],
  ["refuses", 6],
];
const POISONED = 1;
const SPOILT_EACH = 10;
const SPOILT_FOR = "15 seconds";
const KILLING_MS = 20_000;

/** Beginning one of these fails in the database: for a while, or for ever. It is the record that throws in its batch. */
const SPOIL = `
  create function spoil() returns trigger language plpgsql as $$ begin
    if new.attempt > old.attempt and
      (new.type = 'poison' or new.type = 'spoilt' and clock_timestamp() < old.due_at + interval '${SPOILT_FOR}')
    then raise exception 'spoilt'; end if;
    return new;
  end $$;
  create trigger spoil before update on events for each row execute function spoil()`;

/**
 * Thousands of events through the functions as they are deployed, while receivers fail, messages come twice, one event can never
 * be begun, one record in each batch throws, garbage lies in the queue, and functions are frozen, and killed at work.
 */
export async function storm({ events = 2_000 }: { readonly events?: number }): Promise<Outcome> {
  const receiver = await Receiver.open();
  const scheduler = {
    PUNCTUAL_SCHEDULER_LOOK_AHEAD_SECONDS: "15",
    PUNCTUAL_SCHEDULER_LINGER_SECONDS: "4",
    PUNCTUAL_SCHEDULER_LEASE_SECONDS: "30",
  };
  const account = await openAccount({ workers: 6, visibilitySeconds: 10, maxReceives: 3, scheduler });
  try {
    await account.rows.query(SPOIL);
    const due = Date.now() + 5_000 + events * 5;
    await plan(account, receiver, { events, due });
    const garbage = await litter(account);
    const seen = new Batches(account);
    await account.work({ onBatch: (event, report) => seen.note(event, report) });
    await account.bury();
    const kills = { workers: 0, schedulers: 0 };
    const open = await drain(account, { until: due + KILLING_MS, kills });
    return await verdict({ account, receiver, events, garbage, seen, kills, open });
  } finally {
    await account.close();
    await receiver.close();
  }
}

async function plan(
  account: Account,
  receiver: Receiver,
  { events, due }: { events: number; due: number },
): Promise<void> {
  const destinationId = await makeDestination(account, receiver.url);
  const manners = MIX.flatMap(([manner, share]) => Array.from({ length: share }, () => manner));
  const lines = Array.from({ length: events + POISONED }, (_, n) => {
    const manner = manners[(n * 37 + Math.floor(n / 100)) % 100] ?? "well";
    // What fails goes to places of its own: with enough failures at one its breaker would have the others wait.
    const shared = manner === "well" || manner === "slow";
    return {
      key: `event ${n}`,
      type: n >= events ? "poison" : Math.floor(n / 100) % SPOILT_EACH === n % SPOILT_EACH ? "spoilt" : "report.due",
      timeZone: "Etc/UTC",
      // Prime to a hundred, so that each manner is seen in each second, and spoilt ones too.
      when: { at: new Date(due + (n % 100) * 97).toISOString() },
      ...(shared ? { destinationId } : { destination: { url: `${receiver.url}/${n}` } }),
      payload: { n, manner },
      retry: { maxAttempts: 4, within: "PT5M", initial: "PT1S", cap: "PT2S" },
    };
  });
  await importLines(account, lines);
}

/** Texts, each with why it is refused. */
type Garbage = readonly (readonly [reason: string, body: string])[];

/** Puts what nobody has sent into the queue. */
async function litter({ queues, env }: Account): Promise<Garbage> {
  const keys = keysFor("messages", [env.PUNCTUAL_SECRET_KEYS]);
  const ours = new Envelopes(keys);
  const id = "00000000-0000-5000-8000-000000000001";
  const message: Message = {
    ...{ version: 1, eventId: id, tenant: "main", scheduleId: id, fence: 1 },
    ...{ dueAt: new Date(), notBefore: new Date(0) },
  };
  const changed = ours.seal(message).replace('"main"', '"other"');
  const garbage = [
    ["not signed", "garbage"],
    ["not signed", new Envelopes().seal(message)],
    ["not signed by us", changed],
    ["version 2 is not known here", ours.seal({ ...message, version: 2 as 1 })],
    ["version 0 is not known here", ours.seal({ ...message, version: 0 as 1 })],
    ["too large", "x".repeat(1_000_000)],
  ] as const;
  for (const [, body] of garbage) await queues.send(body);
  return garbage;
}

/** What the worker answered for its batches, and a second copy of some of its messages. */
class Batches {
  readonly mixed: number[] = [];
  readonly wronged: string[] = [];
  batches = 0;
  killed = 0;
  copies = 0;
  readonly #account: Account;
  readonly #envelopes: Envelopes;
  readonly #records: { readonly eventId: string; readonly failed: boolean }[] = [];

  constructor(account: Account) {
    this.#account = account;
    this.#envelopes = new Envelopes(keysFor("messages", [account.env.PUNCTUAL_SECRET_KEYS]));
  }

  note({ Records }: SQSEvent, report: LambdaReport): void {
    this.batches++;
    if (!report.ok) return void this.killed++;
    const failed =
      failuresIn(
        report.payload,
        Records.map(({ messageId }) => messageId),
      ) ?? [];
    if (failed.length > 0 && failed.length < Records.length) this.mixed.push(failed.length);
    for (const { body, messageId } of Records) {
      const opened = this.#envelopes.open(body);
      if (!("message" in opened)) continue;
      this.#records.push({ eventId: opened.message.eventId, failed: failed.includes(messageId) });
      if (this.#records.length % 10 !== 0) continue;
      this.copies++;
      void this.#account.queues.send(body);
    }
  }

  /** Messages that came again though nothing was wrong with them. */
  async failedWithoutCause(): Promise<number> {
    const { rows } = await this.#account.rows.query<{ id: string }>(
      "select id from event_history where type not in ('spoilt', 'poison') union select id from events where type not in ('spoilt', 'poison')",
    );
    const fine = new Set(rows.map(({ id }) => id));
    return this.#records.filter(({ eventId, failed }) => failed && fine.has(eventId)).length;
  }

  async failedWithCause(): Promise<number> {
    return this.#records.filter(({ failed }) => failed).length - (await this.failedWithoutCause());
  }
}

/** Ticks until nothing is open, and kills until a given time; how many were open at the end. */
async function drain(
  account: Account,
  { until, kills }: { readonly until: number; readonly kills: { workers: number; schedulers: number } },
): Promise<number> {
  const end = Date.now() + 240_000;
  const openCount = async () =>
    Number((await account.rows.query<{ open: number }>("select count(*) as open from events")).rows[0]?.open);
  const killing = (async () => {
    for (let time = 1; Date.now() < until; time++) {
      await sleep(1_500);
      if (account.functions.worker.killOne()) kills.workers++;
      if (time % 6 === 0 && account.functions.scheduler.killOne()) kills.schedulers++;
    }
  })();
  let open = await openCount();
  while (open > 0 && Date.now() < end) {
    await account.functions.scheduler.invoke({}, { timeoutMs: 20_000 });
    open = await openCount();
  }
  await killing;
  if (open > 0) console.error(await stillOpen(account));
  return open;
}

interface Evidence {
  readonly account: Account;
  readonly receiver: Receiver;
  readonly events: number;
  readonly garbage: Garbage;
  readonly seen: Batches;
  readonly kills: { readonly workers: number; readonly schedulers: number };
  readonly open: number;
}

interface HistoryRow {
  readonly id: string;
  readonly schedule_id: string;
  readonly type: string;
  readonly state: string;
  readonly reason: string | null;
}

async function verdict(evidence: Evidence): Promise<Outcome> {
  const { account, receiver, events, garbage, seen, kills, open } = evidence;
  const { rows: history } = await account.rows.query<HistoryRow>(
    "select id, schedule_id, type, state, reason from event_history",
  );
  const byState = Object.groupBy(history, ({ state, reason }) => (reason === null ? state : `${state} ${reason}`));
  const counts = Object.fromEntries(Object.entries(byState).map(([key, some]) => [key, some?.length ?? 0]));
  const requests = Map.groupBy(receiver.seen, ({ eventId }) => eventId);
  const welcome = (id: string) => (requests.get(id) ?? []).filter(({ status }) => status < 300).length;
  const completed = history.filter(({ state }) => state === "COMPLETED");
  const poison = history.filter(({ type }) => type === "poison");
  const twice = completed.filter(({ id }) => welcome(id) > 1).length;
  const early = receiver.seen.filter(({ at, dueAt }) => at < dueAt).length;
  const aside = await settled(account, garbage.length);
  const unlike = garbage.filter(
    ([reason, body]) => !aside.some((one) => one.body === body && one.attributes[REASON] === reason),
  );
  const dead = await account.queues.peek(account.queues.deadLetters);
  const told = await account.ask("GET", "/v1/events?state=FAILED&type=poison");
  const visible = (told.json()["items"] as readonly { readonly reason?: string }[]).map(({ reason }) => reason);
  const difference = await reconciled(account);
  const without = await seen.failedWithoutCause();
  const demand = (what: string, shown: string | number, held: boolean) => ({ what, seen: shown, held });
  return {
    trial: "functions storm",
    figures: { events, counts, kills, batches: seen.batches, requests: receiver.seen.length, copies: seen.copies },
    demands: [
      demand("none lost: all events ended", `${history.length} of ${events + POISONED}, ${open} open`, open === 0),
      demand(
        "each event in one terminal state",
        new Set(history.map(({ schedule_id }) => schedule_id)).size,
        history.length === events + POISONED &&
          new Set(history.map(({ schedule_id }) => schedule_id)).size === events + POISONED,
      ),
      demand(
        "completed were answered 2xx",
        completed.length,
        completed.every(({ id }) => welcome(id) > 0),
      ),
      demand("none was sent early", early, early === 0),
      demand(
        "sent again after a success, at most ten for each kill",
        `${twice} (${kills.workers} workers killed, ${seen.copies} copies of messages)`,
        twice <= 10 * kills.workers,
      ),
      demand("functions were killed at work", `${kills.workers} workers, ${kills.schedulers} ticks`, kills.workers > 5),
      demand(
        "the poison event failed visibly, and was never sent",
        `${visible.join()}, ${poison.flatMap(({ id }) => requests.get(id) ?? []).length} requests`,
        visible.length === POISONED &&
          visible.every((reason) => reason === "undeliverable") &&
          poison.every(({ id }) => !requests.has(id)),
      ),
      demand(
        "partial-batch answers: only records that threw came again",
        `${without} without cause, ${await seen.failedWithCause()} with, in ${seen.mixed.length} mixed batches`,
        without === 0 && seen.mixed.length > 20,
      ),
      demand(
        "garbage is set aside with its reason",
        `${aside.length} of ${garbage.length}${unlike.map(([reason]) => `, not: ${reason}`).join("")}`,
        aside.length === garbage.length && unlike.length === 0,
      ),
      demand("no dead letter is left unseen to", dead.length, dead.length === 0),
      demand("reconciled: expected minus ended", difference, difference === 0),
    ],
  };
}

/** What was set aside, once the last of it is. A worker that was killed before it could answer has set it aside twice. */
async function settled({ queues }: Account, count: number) {
  for (let time = 0; ; time++) {
    const bodies = new Map((await queues.peek(queues.unreadable)).map((one) => [one.body, one]));
    if (bodies.size >= count || time === 60) return [...bodies.values()];
    await sleep(500);
  }
}

/** The difference that the API finds, over all its parts. */
async function reconciled(account: Account): Promise<number> {
  const [from, to] = [-3_600_000, 60_000].map((ms) => new Date(Date.now() + ms).toISOString());
  let [sum, cursor] = [0, ""];
  do {
    const answer = await account.ask("GET", `/v1/reconcile?from=${from}&to=${to}&limit=5000${cursor}`);
    if (answer.status !== 200) throw new Error(answer.body);
    const { difference, nextCursor } = answer.json() as { readonly difference: number; readonly nextCursor?: string };
    sum += difference;
    cursor = nextCursor === undefined ? "" : `&cursor=${nextCursor}`;
  } while (cursor !== "");
  return sum;
}

/** For whoever has to find out why. */
async function stillOpen({ rows, lines }: Account): Promise<string> {
  const text = `select state, type, attempt, round(extract(epoch from wake_at - now())) as wakes_in, count(*) from events
    group by 1, 2, 3, 4 order by 5 desc limit 20`;
  const { rows: open } = await rows.query(text);
  return [...open.map((row) => JSON.stringify(row)), ...new Set(lines.slice(-40))].join("\n");
}
