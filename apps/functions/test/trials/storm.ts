import { Envelopes } from "@punctual/adapter-sdk";
import type { Message } from "@punctual/core";
import { onPlatform, type PlatformName } from "../platforms/index.js";
import type { Platform } from "../platforms/platform.js";
import { importLines, makeDestination } from "../support/plan.js";
import { Receiver } from "../support/receiver.js";
import { sleep } from "../support/sleep.js";
import type { Outcome } from "../support/outcome.js";

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
 * Thousands of events through Punctual as it is deployed, while receivers fail, messages come twice, one event can never be
 * begun, one in ten fails to be begun for a while, garbage lies in the queue, and processes are frozen, and killed at work.
 */
export async function storm({
  events = 2_000,
  on = "aws",
}: {
  readonly events?: number;
  readonly on?: PlatformName;
}): Promise<Outcome> {
  const receiver = await Receiver.open();
  const scheduler = {
    PUNCTUAL_SCHEDULER_LOOK_AHEAD_SECONDS: "15",
    PUNCTUAL_SCHEDULER_LINGER_SECONDS: "4",
    PUNCTUAL_SCHEDULER_LEASE_SECONDS: "30",
  };
  const platform = await onPlatform(on, { workers: 6, hiddenSeconds: 10, maxReceives: 3, scheduler });
  try {
    await platform.rows.query(SPOIL);
    const due = Date.now() + 5_000 + events * 5;
    await plan(platform, receiver, { events, due });
    const garbage = await litter(platform);
    await platform.work();
    const kills = { workers: 0, schedulers: 0 };
    const copying = copy(platform, due + KILLING_MS);
    const open = await drain(platform, { until: due + KILLING_MS, kills });
    return await verdict({ platform, receiver, events, garbage, copies: await copying, kills, open });
  } finally {
    await platform.close();
    await receiver.close();
  }
}

async function plan(
  platform: Platform,
  receiver: Receiver,
  { events, due }: { events: number; due: number },
): Promise<void> {
  const destinationId = await makeDestination(platform, receiver.url);
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
  await importLines(platform, lines);
}

/** Texts, each with why it is refused. */
type Garbage = readonly (readonly [reason: string, body: string])[];

/** Puts what nobody has sent into the queue. */
async function litter({ envelopes: ours, put }: Platform): Promise<Garbage> {
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
  for (const [, body] of garbage) await put(body);
  return garbage;
}

/** Until a given time puts second copies of messages into the queue: of events on their way, and of such as have ended. */
async function copy({ rows, envelopes, put }: Platform, until: number): Promise<number> {
  const text = `(select id, schedule_id, tenant, fence, due_at from events where fence > 0 order by random() limit 6)
    union all (select id, schedule_id, tenant, fence, due_at from event_history where fence > 0 order by random() limit 2)`;
  let copies = 0;
  while (Date.now() < until) {
    const { rows: found } = await rows.query<CarriedRow>(text);
    for (const { id, schedule_id: scheduleId, tenant, fence, due_at: dueAt } of found) {
      const times = { dueAt, notBefore: new Date(0) };
      await put(envelopes.seal({ version: 1, eventId: id, scheduleId, tenant, fence: Number(fence), ...times }));
      copies++;
    }
    await sleep(500);
  }
  return copies;
}

interface CarriedRow {
  readonly id: string;
  readonly schedule_id: string;
  readonly tenant: string;
  readonly fence: string;
  readonly due_at: Date;
}

/** Has it hand over until nothing is open, and kills until a given time; how many were open at the end. */
async function drain(
  platform: Platform,
  { until, kills }: { readonly until: number; readonly kills: { workers: number; schedulers: number } },
): Promise<number> {
  const end = Date.now() + 240_000;
  const openCount = async () =>
    Number((await platform.rows.query<{ open: number }>("select count(*) as open from events")).rows[0]?.open);
  const killing = (async () => {
    for (let time = 1; Date.now() < until; time++) {
      await sleep(1_500);
      if (platform.killWorker()) kills.workers++;
      if (time % 6 === 0 && platform.killScheduler()) kills.schedulers++;
    }
  })();
  let open = await openCount();
  while (open > 0 && Date.now() < end) {
    await platform.turn();
    open = await openCount();
  }
  await killing;
  if (open > 0) console.error(await stillOpen(platform));
  return open;
}

interface Evidence {
  readonly platform: Platform;
  readonly receiver: Receiver;
  readonly events: number;
  readonly garbage: Garbage;
  readonly copies: number;
  readonly kills: { readonly workers: number; readonly schedulers: number };
  readonly open: number;
}

interface HistoryRow {
  readonly id: string;
  readonly schedule_id: string;
  readonly type: string;
  readonly state: string;
  readonly reason: string | null;
  readonly finished_at: Date;
}

async function verdict(evidence: Evidence): Promise<Outcome> {
  const { platform, receiver, events, garbage, copies, kills, open } = evidence;
  const { rows: history } = await platform.rows.query<HistoryRow>(
    "select id, schedule_id, type, state, reason, finished_at from event_history",
  );
  const byState = Object.groupBy(history, ({ state, reason }) => (reason === null ? state : `${state} ${reason}`));
  const counts = Object.fromEntries(Object.entries(byState).map(([key, some]) => [key, some?.length ?? 0]));
  const requests = Map.groupBy(receiver.seen, ({ eventId }) => eventId);
  const welcome = (id: string) => (requests.get(id) ?? []).filter(({ status }) => status < 300).length;
  const completed = history.filter(({ state }) => state === "COMPLETED");
  const poison = history.filter(({ type }) => type === "poison");
  const twice = completed.filter(({ id }) => welcome(id) > 1).length;
  const endedAt = new Map(completed.map(({ id, finished_at: at }) => [id, at.getTime()]));
  const after = receiver.seen.filter(({ eventId, at }) => at > (endedAt.get(eventId) ?? Infinity)).length;
  const early = receiver.seen.filter(({ at, dueAt }) => at < dueAt).length;
  const aside = await settled(platform, garbage.length);
  const unlike = garbage.filter(([reason, body]) => !aside.some((one) => one.body === body && one.reason === reason));
  const dead = await buried(platform);
  const told = await platform.ask("GET", "/v1/events?state=FAILED&type=poison");
  const visible = (told.json()["items"] as readonly { readonly reason?: string }[]).map(({ reason }) => reason);
  const difference = await reconciled(platform);
  const demand = (what: string, shown: string | number, held: boolean) => ({ what, seen: shown, held });
  return {
    trial: `functions storm on ${platform.name}`,
    figures: { events, counts, kills, requests: receiver.seen.length, copies },
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
      demand("none was sent after its success was on record", after, after === 0),
      demand(
        `sent again after a success, at most ${platform.places} for each kill`,
        `${twice} (${kills.workers} workers killed, ${copies} copies of messages)`,
        twice <= platform.places * kills.workers && copies >= events / 10,
      ),
      demand("processes were killed at work", `${kills.workers} workers, ${kills.schedulers} ticks`, kills.workers > 5),
      demand(
        "the poison event failed visibly, and was never sent",
        `${visible.join()}, ${poison.flatMap(({ id }) => requests.get(id) ?? []).length} requests`,
        visible.length === POISONED &&
          visible.every((reason) => reason === "undeliverable") &&
          poison.every(({ id }) => !requests.has(id)),
      ),
      demand(
        "garbage is set aside with its reason",
        `${aside.length} of ${garbage.length}${unlike.map(([reason]) => `, not: ${reason}`).join("")}`,
        aside.length === garbage.length && unlike.length === 0,
      ),
      demand("no dead letter is left unseen to", dead, dead === 0),
      demand("reconciled: expected minus ended", difference, difference === 0),
      ...(await platform.demands()),
    ],
  };
}

/** What was set aside, once the last of it is. A worker that was killed before it could answer has set it aside twice. */
async function settled({ aside }: Platform, count: number) {
  for (let time = 0; ; time++) {
    const bodies = new Map((await aside()).map((one) => [one.body, one]));
    if (bodies.size >= count || time === 60) return [...bodies.values()];
    await sleep(500);
  }
}

/** How many dead letters are left, once they have had their time. */
async function buried({ deadLetters }: Platform): Promise<number> {
  for (let time = 0; ; time++) {
    const left = await deadLetters();
    if (left === 0 || time === 60) return left;
    await sleep(500);
  }
}

/** The difference that the API finds, over all its parts. */
async function reconciled({ ask }: Platform): Promise<number> {
  const [from, to] = [-3_600_000, 60_000].map((ms) => new Date(Date.now() + ms).toISOString());
  let [sum, cursor] = [0, ""];
  do {
    const answer = await ask("GET", `/v1/reconcile?from=${from}&to=${to}&limit=5000${cursor}`);
    if (answer.status !== 200) throw new Error(answer.body);
    const { difference, nextCursor } = answer.json() as { readonly difference: number; readonly nextCursor?: string };
    sum += difference;
    cursor = nextCursor === undefined ? "" : `&cursor=${nextCursor}`;
  } while (cursor !== "");
  return sum;
}

/** For whoever has to find out why. */
async function stillOpen({ rows, lines }: Platform): Promise<string> {
  const text = `select state, type, attempt, round(extract(epoch from wake_at - now())) as wakes_in, count(*) from events
    group by 1, 2, 3, 4 order by 5 desc limit 20`;
  const { rows: open } = await rows.query(text);
  return [...open.map((row) => JSON.stringify(row)), ...new Set(lines.slice(-40))].join("\n");
}
