import { expect } from "chai";
import { TENANT } from "../../src/conformance/fixtures.js";
import type { Destination } from "../../src/destinations/destination.js";
import { describeStores } from "../../src/conformance/stores.suite.js";
import { eventFrom, isTerminal, type ScheduledEvent } from "../../src/events/event.js";
import type { ClaimRef } from "../../src/events/life-cycle.js";
import { isIdempotencyKey, type KeptReply } from "../../src/ports/idempotency-keys.js";
import { MemoryFailpoints } from "../../src/memory/index.js";
import type { Begun, EventStore } from "../../src/ports/event-store.js";
import type { Transaction, UnitOfWork } from "../../src/ports/unit-of-work.js";
import { HOUR } from "../../src/recurrence/wall.js";
import { type MemoryStore, openMemoryStore } from "../memory/memory-harness.js";
import { failuresOf, promisesIn } from "./run-suite.js";

/** One thing that an adapter does wrong; all the rest is right. */
interface Wrong {
  /** The promises that it breaks: the suites must name each of them. */
  readonly breaks: readonly string[];
  readonly events?: (right: EventStore, store: MemoryStore) => Partial<EventStore>;
  readonly transaction?: (right: Transaction, store: MemoryStore) => SpoiltTransaction;
  readonly run?: (right: UnitOfWork, store: MemoryStore) => UnitOfWork["run"];
  readonly read?: (right: UnitOfWork, store: MemoryStore) => UnitOfWork["read"];
}

type SpoiltTransaction = { readonly [S in Exclude<keyof Transaction, "now">]?: Partial<Transaction[S]> };

const WRONG: Readonly<Record<string, Wrong>> = {
  "gives the same event to two claimers": {
    breaks: ["I1"],
    events: (right, { tables, clock }) => ({
      claimDue: async (request, plan) => {
        const report = await right.claimDue(request, plan);
        for (const { eventId } of report.claims) patch(tables, eventId, { wakeAt: clock.now() });
        return report;
      },
    }),
  },
  "takes claims whose lease ends soon for due": {
    breaks: ["I1"],
    events: (right, { tables, clock }) => ({
      claimDue: (request, plan) => {
        const until = clock.now().getTime() + (request.lookAheadMs ?? 0);
        for (const { id, wakeAt } of tables.open)
          if (+(wakeAt ?? until) < until) patch(tables, id, { wakeAt: clock.now() });
        return right.claimDue(request, plan);
      },
    }),
  },
  "takes the earliest, whatever is asked for": {
    breaks: ["E1"],
    events: (right) => ({
      claimDue: ({ latest: _, ...request }, plan) => right.claimDue(request, plan),
      takeDue: ({ latest: _, ...request }, plan) => right.takeDue(request, plan),
    }),
  },
  "takes ahead of its time for who sends by himself": {
    breaks: ["E10"],
    events: (right, { tables, clock }) => ({
      takeDue: (request, plan) => {
        for (const { id } of tables.open) patch(tables, id, { dueAt: clock.now(), wakeAt: clock.now() });
        return right.takeDue(request, plan);
      },
    }),
  },
  "takes without a successor": {
    breaks: ["E10"],
    events: (right) => ({
      takeDue: (request, plan) =>
        right.takeDue(request, (due, now) => ({ verdict: plan(due, now).verdict, successors: [] })),
    }),
  },
  "takes, and lets a message begin it again": {
    breaks: ["E10"],
    events: (right, { tables }) => ({
      takeDue: async (request, plan) => {
        const report = await right.takeDue(request, plan);
        for (const { event } of report.begun) patch(tables, event.id, { begunAt: null });
        return report;
      },
    }),
  },
  "forgets what was sent before a redrive": {
    breaks: ["Q6"],
    transaction: () => ({ events: { sentBefore: async () => new Map() } }),
  },
  "says of all attempts that they sent the last": {
    breaks: ["Q6"],
    transaction: (right) => ({
      events: {
        sentBefore: async (id) => {
          const sent = await right.events.sentBefore(id);
          const last = [...sent.values()].at(-1);
          return new Map([...sent].map(([number, content]) => [number, last ?? content]));
        },
      },
    }),
  },
  "forgets the callbacks": {
    breaks: ["E5"],
    events: (right) => ({
      finish: (endings) => right.finish(endings.map(({ callback: _, ...rest }) => rest)),
    }),
  },
  "lets a message begin again what a receiver has taken over": {
    breaks: ["E5"],
    events: (right, { tables }) => ({
      finish: async (endings) => {
        const report = await right.finish(endings);
        for (const { claim, outcome } of endings)
          if (outcome.state === "PROCESSING") patch(tables, claim.eventId, { fence: claim.fence });
        return report;
      },
    }),
  },
  "never looks at a claim again": {
    breaks: ["I2"],
    events: (right, { tables }) => ({
      claimDue: async (request, plan) => {
        const report = await right.claimDue(request, plan);
        for (const { eventId } of report.claims) tables.wakes.set(eventId, null);
        return report;
      },
    }),
  },
  "claims again with the same fence": {
    breaks: ["I2", "I3"],
    events: (right, { tables }) => ({
      claimDue: async (request, plan) => {
        const { claims, ...report } = await right.claimDue(request, plan);
        for (const { eventId } of claims) patch(tables, eventId, { fence: 1 });
        return { ...report, claims: claims.map((claim) => ({ ...claim, fence: 1 })) };
      },
    }),
  },
  "begins whatever the fence": {
    breaks: ["I3"],
    events: (right, store) => ({ begin: (claims, leaseMs) => right.begin(claims.map(fenceOf(store)), leaseMs) }),
  },
  "finishes whatever the fence": {
    breaks: ["I3"],
    events: (right, store) => ({
      finish: (endings) => right.finish(endings.map((ending) => ({ ...ending, claim: fenceOf(store)(ending.claim) }))),
    }),
  },
  "extends whatever the fence": {
    breaks: ["I3"],
    events: (right, store) => ({ extend: (claims, leaseMs) => right.extend(claims.map(fenceOf(store)), leaseMs) }),
  },
  "releases whatever the fence": {
    breaks: ["I3"],
    events: (right, store) => ({ release: (claims) => right.release(claims.map(fenceOf(store))) }),
  },
  "looks up claims by their event alone, not their tenant": {
    breaks: ["I3"],
    events: (right, { tables }) => ({
      begin: (claims, leaseMs) => {
        const known = ({ eventId, tenant }: ClaimRef) => tables.events.get(eventId)?.tenant ?? tenant;
        return right.begin(
          claims.map((claim) => ({ ...claim, tenant: known(claim) })),
          leaseMs,
        );
      },
    }),
  },
  "forgets successors": {
    breaks: ["I4"],
    events: (right) => ({
      claimDue: (request, plan) =>
        right.claimDue(request, (due, now) => ({ verdict: plan(due, now).verdict, successors: [] })),
    }),
  },
  "ends a series where its next event is there already": {
    breaks: ["I4"],
    events: (right) => ({
      claimDue: (request, plan) =>
        right.claimDue(request, (due, now) => ({ ...plan(due, now), following: () => null })),
    }),
  },
  "stores successors after the claim, in a transaction of their own": {
    breaks: ["I4"],
    events: (right, { failpoints, unitOfWork }) => ({
      claimDue: async (request, plan) => {
        const successors = new Map<string, Parameters<typeof eventFrom>[0]>();
        const report = await right.claimDue(request, (due, now) => {
          const planned = plan(due, now);
          for (const one of planned.successors) successors.set(one.id, one);
          return { ...planned, successors: [] };
        });
        await failpoints.at("next.before_insert");
        await unitOfWork.run("main", ({ events }) => events.add([...successors.values()]));
        return { ...report, planned: successors.size };
      },
    }),
  },
  "keeps the claim when it breaks off": {
    breaks: ["I4"],
    events: (right, { failpoints }) => ({
      claimDue: async (request, plan) => {
        let failure: unknown;
        failpoints.at = async (place) => {
          try {
            await MemoryFailpoints.prototype.at.call(failpoints, place);
          } catch (error) {
            if (place !== "claim.before_commit") throw error;
            failure = error;
          }
        };
        const report = await right.claimDue(request, plan);
        if (failure !== undefined) throw failure as Error;
        return report;
      },
    }),
  },
  "offers what has ended": {
    breaks: ["I6"],
    events: (right, { tables, clock }) => ({
      finish: async (endings) => {
        const report = await right.finish(endings);
        for (const { claim } of endings) {
          if (isTerminal(tables.events.get(claim.eventId)?.state ?? "PENDING"))
            tables.wakes.set(claim.eventId, +clock.now());
        }
        return report;
      },
    }),
  },
  "finishes again what has ended": {
    breaks: ["I6"],
    events: (right, { tables }) => ({
      finish: async (endings) => {
        for (const { claim } of endings) {
          const { fence, state } = tables.events.get(claim.eventId) ?? {};
          if (fence === claim.fence && state === "COMPLETED") patch(tables, claim.eventId, { state: "PROCESSING" });
        }
        return right.finish(endings);
      },
    }),
  },
  "begins with what it knew at the claim": {
    breaks: ["I7"],
    events: (right, { tables }) => {
      const known = new Map<string, Pick<Begun, "schedule" | "destination">>();
      return {
        claimDue: async (request, plan) =>
          right.claimDue(request, (due, now) => {
            const destination = tables.destinations.get(due.schedule.destinationId) ?? null;
            const schedule = tables.schedules.get(due.schedule.id);
            if (schedule !== undefined) known.set(due.event.id, { schedule, destination });
            return plan(due, now);
          }),
        begin: async (claims, leaseMs) => {
          const report = await right.begin(claims, leaseMs);
          return { ...report, begun: report.begun.map((one) => ({ ...one, ...known.get(one.claim.eventId) })) };
        },
      };
    },
  },
  "begins what was cancelled": {
    breaks: ["I7", "Q3"],
    events: (right, { tables }) => ({
      begin: async (claims, leaseMs) => {
        for (const { eventId } of claims) {
          if (tables.events.get(eventId)?.state === "CANCELLED") patch(tables, eventId, { state: "PROCESSING" });
        }
        return right.begin(claims, leaseMs);
      },
    }),
  },
  "claims by a clock that is an hour ahead": {
    breaks: ["I8"],
    events: (right) => ({ claimDue: (request, plan) => right.claimDue({ ...request, lookAheadMs: HOUR }, plan) }),
  },
  "claims more than the limit": {
    breaks: ["E1"],
    events: (right) => ({
      claimDue: (request, plan) => right.claimDue({ ...request, limit: 2 * request.limit }, plan),
    }),
  },
  "claims the latest first": {
    breaks: ["E1"],
    events: (right) => ({
      claimDue: async (request, plan) => {
        const report = await right.claimDue(request, plan);
        return { ...report, claims: report.claims.toReversed() };
      },
    }),
  },
  "begins a claim as often as it is asked": {
    breaks: ["E2"],
    events: (right, { tables }) => ({
      begin: async (claims, leaseMs) => {
        for (const { eventId } of claims) patch(tables, eventId, { begunAt: null });
        return right.begin(claims, leaseMs);
      },
    }),
  },
  "renders anew for each attempt": {
    breaks: ["E3"],
    events: (right, { tables }) => ({
      begin: async (claims, leaseMs) => {
        for (const { eventId } of claims) patch(tables, eventId, { content: null });
        return right.begin(claims, leaseMs);
      },
    }),
  },
  "keeps what it sent through a redrive": {
    breaks: ["E3"],
    transaction: ({ events }) => ({
      events: {
        replace: async (event) => events.replace({ ...event, content: (await events.get(event.id))?.content ?? null }),
      },
    }),
  },
  "forgets attempts that were never reported": {
    breaks: ["E4", "Q3"],
    events: (_, { tables }) => {
      tables.recordUnknown = () => undefined;
      return {};
    },
  },
  "loses the attempt": {
    breaks: ["E5"],
    events: (right, { tables }) => ({
      finish: async (endings) => {
        const report = await right.finish(endings);
        for (const { claim } of endings) tables.attempts.delete(claim.eventId);
        return report;
      },
    }),
  },
  "finishes nothing where one is lost": {
    breaks: ["E5"],
    events: (right, { tables }) => ({
      finish: async (endings) => {
        const lost = endings.filter(({ claim }) => tables.events.get(claim.eventId)?.fence !== claim.fence);
        const ended = endings.filter(({ claim }) => tables.events.get(claim.eventId)?.state !== "PROCESSING");
        return lost.length + ended.length > 0 ? { lost: endings.map(({ claim }) => claim) } : right.finish(endings);
      },
    }),
  },
  "gives back what is being delivered": {
    breaks: ["E6"],
    events: (right, { tables }) => ({
      release: async (claims) => {
        for (const { eventId } of claims) patch(tables, eventId, { begunAt: null });
        await right.release(claims);
      },
    }),
  },
  "releases when the lease ends": { breaks: ["E6"], events: () => ({ release: async () => undefined }) },
  "releases what was taken ahead as if it were due": {
    breaks: ["E6", "I8"],
    events: (right, { tables, clock }) => ({
      release: async (claims) => {
        await right.release(claims);
        for (const { eventId } of claims) patch(tables, eventId, { wakeAt: clock.now() });
      },
    }),
  },
  "gives up what is being delivered": {
    breaks: ["E8"],
    events: (right, { tables }) => ({
      giveUp: async (claims, most) => {
        for (const { eventId } of claims) patch(tables, eventId, { begunAt: null });
        await right.giveUp(claims, most);
      },
    }),
  },
  "tells nobody of what it gives up": {
    breaks: ["E8"],
    events: (right) => ({ giveUp: (claims, most) => right.giveUp(claims, most) }),
  },
  "gives up at once": { breaks: ["E8"], events: (right) => ({ giveUp: (claims) => right.giveUp(claims, 1) }) },
  "begins ahead of time": {
    breaks: ["E2", "I8"],
    events: (right, { tables }) => ({
      begin: async (claims, leaseMs) => {
        const due = claims.map(({ eventId }) => tables.events.get(eventId)?.dueAt);
        for (const { eventId } of claims) patch(tables, eventId, { dueAt: new Date(0) });
        const report = await right.begin(claims, leaseMs);
        for (const [index, { eventId }] of claims.entries())
          patch(tables, eventId, { dueAt: due[index] ?? new Date(0) });
        return report;
      },
    }),
  },
  "gives up nothing": { breaks: ["E8"], events: () => ({ giveUp: async () => undefined }) },
  "parks whether or not the schedule is paused": {
    breaks: ["E7"],
    events: (right, { tables }) => ({
      finish: async (endings) => {
        const report = await right.finish(endings);
        for (const { claim, outcome } of endings) {
          if (outcome.state === "PENDING" && outcome.inMs === null) patch(tables, claim.eventId, { wakeAt: null });
        }
        return report;
      },
    }),
  },
  "never unparks": { breaks: ["Q5", "E7"], transaction: () => ({ events: { unpark: async () => undefined } }) },
  "goes on offering what is parked": {
    breaks: ["Q5"],
    transaction: () => ({ events: { park: async () => undefined } }),
  },
  "adds over what is there": {
    breaks: ["Q1", "I6"],
    transaction: ({ now }, { tables }) => ({
      events: { add: async (events) => events.forEach((event) => tables.putEvent(eventFrom(event, now))) },
    }),
    events: (right, { tables }) => ({
      claimDue: async (request, plan) =>
        right.claimDue(request, (due, now) => {
          const planned = plan(due, now);
          for (const one of planned.successors) tables.events.delete(one.id);
          return planned;
        }),
    }),
  },
  "lets two events lead": {
    breaks: ["Q2"],
    transaction: (_, { tables }) => {
      tables.leader = () => null;
      return {};
    },
  },
  "changes what is being delivered": {
    breaks: ["Q3", "I7"],
    transaction: ({ events }, { tables }) => ({
      events: {
        replace: async (event) => {
          if (tables.events.has(event.id)) patch(tables, event.id, { begunAt: null });
          await events.replace(event);
        },
      },
    }),
  },
  "lets a claim live on when its event is moved": {
    breaks: ["Q3", "I7"],
    transaction: ({ events }, { tables }) => ({
      events: {
        replace: async (event) => {
          const before = tables.events.get(event.id)?.state;
          await events.replace(event);
          if (before === "PROCESSING") patch(tables, event.id, { state: "PROCESSING" });
        },
      },
    }),
  },
  "lists events in the order of ids": {
    breaks: ["Q4"],
    transaction: ({ events }) => ({
      events: {
        list: async (query) => {
          const found = await events.list({ ...query, limit: 1_000 });
          return found.toSorted((one, other) => (one.id < other.id ? -1 : 1)).slice(0, query.limit);
        },
      },
    }),
  },
  "goes on behind a time, whatever else is due then": {
    breaks: ["Q4"],
    transaction: ({ events }) => ({
      events: {
        list: ({ after, ...query }) =>
          events.list(after === undefined ? query : { ...query, dueFrom: new Date(+after.dueAt + 1) }),
      },
    }),
  },
  "counts pages instead of remembering the place": {
    breaks: ["Q4"],
    transaction: ({ events }) => ({
      events: {
        list: async ({ after, ...query }) => {
          const found = await events.list({ ...query, limit: 1_000 });
          const from = after === undefined ? 0 : found.filter(({ dueAt }) => dueAt < after.dueAt).length + 1;
          return found.slice(from, from + query.limit);
        },
      },
    }),
  },
  "takes the last of what is open for what is upcoming": {
    breaks: ["Q7"],
    transaction: (_, { tables }) => upcomingAmong(tables, isFromRule, (one, other) => +other.dueAt - +one.dueAt),
  },
  "takes what was asked for by hand for upcoming": {
    breaks: ["Q7"],
    transaction: (_, { tables }) => upcomingAmong(tables, ({ origin }) => origin !== "callback"),
  },
  "takes callbacks for upcoming": {
    breaks: ["Q7"],
    transaction: (_, { tables }) => upcomingAmong(tables, ({ origin }) => origin !== "manual"),
  },
  "takes what has ended for upcoming": {
    breaks: ["Q7"],
    transaction: (_, { tables }) => upcomingAmong(tables, isFromRule, undefined, () => true),
  },
  "overlooks what is being processed": {
    breaks: ["Q7"],
    transaction: (_, { tables }) => upcomingAmong(tables, isFromRule, undefined, ({ state }) => state === "PENDING"),
  },
  "overlooks what is parked": {
    breaks: ["Q7"],
    transaction: (_, { tables }) => upcomingAmong(tables, (event) => isFromRule(event) && event.wakeAt !== null),
  },
  "tells when what was moved would have been due": {
    breaks: ["Q7"],
    transaction: (_, { tables }) => upcomingAmong(tables, (event) => isFromRule(event) && !event.pinned),
  },
  "gives one key to two schedules": {
    breaks: ["S1"],
    transaction: ({ schedules }) => ({
      schedules: {
        add: async (added) => {
          for (const one of added) {
            const taken = one.key !== null && (await schedules.getByKey(one.key)) !== null;
            await schedules.add([taken ? { ...one, key: null } : one]);
          }
        },
      },
    }),
  },
  "never frees a key": {
    breaks: ["S1"],
    transaction: ({ schedules }, { tables }) => ({
      schedules: {
        add: async (added) => {
          const old = [...tables.schedules.values()].filter(({ status }) => status === "deleted");
          const taken = added.some(({ key }) => key !== null && old.some((one) => one.key === key));
          await schedules.add(taken ? [...added, ...added] : added);
        },
      },
    }),
  },
  "saves over any revision": {
    breaks: ["S2", "U3"],
    transaction: (_, { tables }) => ({
      schedules: { save: async (schedule) => tables.putSchedule(schedule) },
    }),
    run: overlapping,
  },
  "lists schedules by when they came": {
    breaks: ["S3"],
    transaction: (_, { tables }) => ({
      schedules: {
        list: async ({ limit, after = "" }) =>
          [...tables.schedules.values()].filter(({ id, status }) => id > after && status !== "deleted").slice(0, limit),
      },
    }),
  },
  "lists deleted schedules": {
    breaks: ["S4"],
    transaction: ({ schedules }, { tables }) => ({
      schedules: {
        list: async (query) => {
          const deleted = [...tables.schedules.values()].filter(({ status }) => status === "deleted");
          return [...(await schedules.list(query)), ...deleted];
        },
      },
    }),
  },
  "saves destinations over any revision": {
    breaks: ["D1"],
    transaction: (_, { tables }) => ({
      destinations: { save: async (destination) => tables.put(tables.destinations, destination) },
    }),
  },
  "takes any destination with the same URL": {
    breaks: ["D2"],
    transaction: ({ destinations }) => ({
      destinations: {
        findInline: async (like) =>
          (await destinations.list({ limit: 100 })).find(({ url }) => url === like.url) ?? null,
      },
    }),
  },
  "removes destinations that are in use": {
    breaks: ["D3", "U3"],
    transaction: (_, { tables }) => ({
      destinations: { remove: async (id) => tables.remove(tables.destinations, id) },
    }),
    run: overlapping,
  },
  "lists destinations backwards": {
    breaks: ["D4"],
    transaction: ({ destinations }) => ({
      destinations: { list: async (query) => (await destinations.list(query)).toReversed() },
    }),
  },
  "saves users over any revision": {
    breaks: ["V1"],
    transaction: (_, { tables }) => ({ users: { save: async (user) => tables.put(tables.users, user) } }),
  },
  "keeps users who were removed": { breaks: ["V2"], transaction: () => ({ users: { remove: async () => undefined } }) },
  "keeps one entry for each subject": {
    breaks: ["A1"],
    transaction: ({ audit }) => ({ audit: { list: async (subject) => (await audit.list(subject, 1)).slice(0, 1) } }),
  },
  "answers all tenants alike": {
    breaks: ["R1", "U2"],
    transaction: ({ now }, { tables }) => ({
      idempotency: {
        get: async (key) => [...tables.replies.values()].find((one) => one.key === key && one.expiresAt > now) ?? null,
      },
    }),
  },
  "keeps a reply whose effect was undone": {
    breaks: ["R2", "U1"],
    transaction: (_, { tables }) => ({ idempotency: { add: async (entry) => keepForGood(tables, entry) } }),
  },
  "forgets replies": { breaks: ["R2", "R3"], transaction: () => ({ idempotency: { add: async () => undefined } }) },
  "forgets the headers of replies": {
    breaks: ["R2"],
    transaction: ({ idempotency }) => ({
      idempotency: { add: (entry) => idempotency.add({ ...entry, headers: {} }) },
    }),
  },
  "lets requests with one key overlap": { breaks: ["R3"], run: overlapping },
  "adds over a reply that is there": {
    breaks: ["R3"],
    transaction: (_, { tables }) => ({
      idempotency: { add: async (entry) => void (isIdempotencyKey(entry.key) && tables.keepReply(TENANT, entry)) },
    }),
  },
  "finds replies that have expired": {
    breaks: ["R4"],
    transaction: (_, { tables }) => ({ idempotency: { get: async (key) => tables.reply(TENANT, key) ?? null } }),
  },
  "finds a reply at the instant that it expires": {
    breaks: ["R4"],
    transaction: ({ now }, { tables }) => ({
      idempotency: {
        get: async (key) => {
          const kept = tables.reply(TENANT, key);
          return kept !== undefined && kept.expiresAt >= now ? kept : null;
        },
      },
    }),
  },
  "never frees the key of a reply": {
    breaks: ["R4"],
    transaction: ({ idempotency }, { tables }) => ({
      idempotency: {
        add: async (entry) => {
          if (tables.reply(TENANT, entry.key) !== undefined) throw new Error("It is there already");
          await idempotency.add(entry);
        },
      },
    }),
  },
  "takes keys for the same, however they are written": {
    breaks: ["R5"],
    transaction: ({ idempotency }) => ({
      idempotency: {
        get: (key) => idempotency.get(key.toLowerCase()),
        add: (entry) => idempotency.add({ ...entry, key: entry.key.toLowerCase() }),
      },
    }),
  },
  "cuts keys short": {
    breaks: ["R5"],
    transaction: ({ idempotency }) => ({
      idempotency: {
        get: (key) => idempotency.get(key.slice(0, 200)),
        add: (entry) => idempotency.add({ ...entry, key: entry.key.slice(0, 200) }),
      },
    }),
  },
  "makes a key of what can be none": {
    breaks: ["R5"],
    transaction: ({ idempotency }) => ({
      idempotency: { add: (entry) => idempotency.add({ ...entry, key: entry.key.toWellFormed() }) },
    }),
  },
  "tells of ends in the order of due times": {
    breaks: ["F1"],
    transaction: ({ ended }) => ({
      ended: {
        page: async (query) => {
          const page = await ended.page(query);
          return { ...page, events: [...page.events].sort((one, other) => +one.dueAt - +other.dueAt) };
        },
      },
    }),
  },
  "tells of the event again at which the page before has ended": {
    breaks: ["F1"],
    transaction: ({ ended }) => ({
      ended: { page: (query) => ended.page({ ...query, after: { ...query.after, id: "" } }) },
    }),
  },
  "takes for settled what is still to end": {
    breaks: ["F2"],
    transaction: ({ now }) => ({ ended: { settled: async () => new Date(now.getTime() + HOUR) } }),
  },
  "tells of what ends meanwhile": {
    breaks: ["F3"],
    transaction: ({ ended, now }) => ({ ended: { page: (query) => ended.page({ ...query, before: now }) } }),
  },
  "stays where it found nothing of what is asked for": {
    breaks: ["F3"],
    transaction: ({ ended }) => ({
      ended: {
        page: async (query) => {
          const page = await ended.page(query);
          return page.events.length === 0 ? { ...page, place: query.after } : page;
        },
      },
    }),
  },
  "tells of what is redriven by its end before": {
    breaks: ["F4"],
    transaction: ({ events, ended }) => ({
      ended: {
        page: async (query) => {
          const waiting = await events.list({ limit: 10, states: ["PENDING"] });
          const page = await ended.page(query);
          return { ...page, events: [...page.events, ...waiting.filter(({ redrives }) => redrives > 0)] };
        },
      },
    }),
  },
  "counts what is parked as due": {
    breaks: ["M1"],
    transaction: ({ stats }) => ({
      stats: {
        read: async () => {
          const { open, ...rest } = await stats.read();
          const due = { ...open.due, count: open.due.count + open.parked.count };
          return { ...rest, open: { ...open, due } };
        },
      },
    }),
  },
  "takes five minutes for the time of all ends": {
    breaks: ["M2"],
    transaction: ({ stats }) => ({
      stats: {
        read: async () => {
          const { finished, ...rest } = await stats.read();
          return { ...rest, finished: { ...finished, seconds: 300 } };
        },
      },
    }),
  },
  "tells the lateness of whatever has ended": {
    breaks: ["M3"],
    transaction: ({ stats }, { tables }) => ({
      stats: {
        read: async () => {
          const { lateness, ...rest } = await stats.read();
          const maxMs = Math.max(0, ...[...tables.events.values()].map(({ latenessMs }) => latenessMs ?? 0));
          return { ...rest, lateness: lateness === null ? null : { ...lateness, maxMs } };
        },
      },
    }),
  },
  "has a minute for what it did not look at": {
    breaks: ["M4"],
    transaction: ({ stats }) => ({
      stats: {
        read: async () => {
          const { upcoming, ...rest } = await stats.read();
          const missing = Array.from({ length: 60 - upcoming.perMinute.length }, () => 0);
          return { ...rest, upcoming: { ...upcoming, perMinute: [...upcoming.perMinute, ...missing] } };
        },
      },
    }),
  },
  "counts all that there is": {
    breaks: ["M5"],
    transaction: ({ stats }, { tables }) => ({
      stats: {
        read: async () => {
          const { open, ...rest } = await stats.read();
          const count = [...tables.open].filter(({ state }) => state === "PENDING").length;
          return { ...rest, open: { ...open, pending: { count, atLeast: false } } };
        },
      },
    }),
  },
  "keeps what was written when the work throws": {
    breaks: ["U1"],
    run: (right) => async (tenant, work) => {
      let failure: unknown;
      const result = await right.run(tenant, (transaction) =>
        work(transaction).catch((error: unknown) => {
          failure = error;
          return undefined as never;
        }),
      );
      if (failure !== undefined) throw failure as Error;
      return result;
    },
  },
  "lets who looks see what others have": {
    breaks: ["U2"],
    read:
      (right, { tables }) =>
      (tenant, work) =>
        right.read(tenant, (reader) =>
          work({ ...reader, users: { get: async (id: string) => tables.users.get(id) ?? null } }),
        ),
  },
  "shows who looks what was there at the first look": {
    breaks: ["U5"],
    read: (right) => {
      const seen = new Map<string, Destination | null>();
      return (tenant, work) =>
        right.read(tenant, (reader) =>
          work({
            ...reader,
            destinations: {
              get: async (id: string) => {
                if (!seen.has(id)) seen.set(id, await reader.destinations.get(id));
                return seen.get(id) ?? null;
              },
            },
          }),
        );
    },
  },
  "says that it wrote, and did not": {
    breaks: ["I9", "U1"],
    transaction: () => ({ users: { add: async () => undefined } }),
  },
  "finds schedules of all tenants": {
    breaks: ["U2"],
    transaction: (_, { tables }) => ({ schedules: { get: async (id) => tables.schedules.get(id) ?? null } }),
  },
  "parks the events of all tenants": {
    breaks: ["U2"],
    transaction: ({ events }, { tables }) => ({
      events: {
        park: async (id) => {
          await events.park(id);
          for (const event of tables.eventsOf(id)) tables.putEvent({ ...event, wakeAt: null });
        },
      },
    }),
  },
  "believes the tenant that a thing names": {
    breaks: ["U2"],
    transaction: (_, { tables }) => ({ users: { add: async (user) => tables.put(tables.users, user) } }),
  },
  "lets transactions overlap": { breaks: ["U3"], run: overlapping },
  "lets time run within a transaction": {
    breaks: ["U4"],
    transaction: (_, { tables, clock }) => ({
      events: { add: async (events) => events.forEach((event) => tables.putEvent(eventFrom(event, clock.now()))) },
    }),
  },
};

describe("the conformance suites of the stores", () => {
  it("pass stores that keep all promises", async () => {
    expect(await failuresOf(suitesOver({ breaks: [] }))).to.deep.equal([]);
  });

  for (const [what, wrong] of Object.entries(WRONG)) {
    it(`catch a store that ${what} (${wrong.breaks.join(", ")})`, async () => {
      expect(promisesIn(await failuresOf(suitesOver(wrong)))).to.include.members(wrong.breaks);
    });
  }
});

function suitesOver(wrong: Wrong): () => void {
  const harness = { name: "wrong", open: async () => spoilt(openMemoryStore(), wrong), close: async () => undefined };
  return () => {
    describeStores(harness);
  };
}

function spoilt(store: MemoryStore, { events, transaction, run, read }: Wrong): MemoryStore {
  const runs: Pick<UnitOfWork, "run"> = {
    run: run?.(store.unitOfWork, store) ?? ((tenant, work) => store.unitOfWork.run(tenant, work)),
  };
  const spoiltRun: UnitOfWork["run"] = (tenant, work) =>
    runs.run(tenant, (right) => work(spoiltTransaction(right, transaction?.(right, store))));
  return {
    ...store,
    events: over(store.events, events?.(store.events, store)),
    unitOfWork: { run: spoiltRun, read: read?.(store.unitOfWork, store) ?? spoiltRun },
  };
}

function spoiltTransaction(right: Transaction, wrong: SpoiltTransaction = {}): Transaction {
  return {
    now: right.now,
    schedules: over(right.schedules, wrong.schedules),
    events: over(right.events, wrong.events),
    destinations: over(right.destinations, wrong.destinations),
    users: over(right.users, wrong.users),
    audit: over(right.audit, wrong.audit),
    idempotency: over(right.idempotency, wrong.idempotency),
    ended: over(right.ended, wrong.ended),
    stats: over(right.stats, wrong.stats),
  };
}

/** The right one, but for what the wrong one does instead. */
function over<T extends object>(right: T, wrong: Partial<T> = {}): T {
  return new Proxy(right, {
    get: (_, name) => {
      const value: unknown = Reflect.get(name in wrong ? wrong : right, name);
      return typeof value === "function" ? (value.bind(right) as unknown) : value;
    },
  });
}

/** Transactions that do not wait for each other, and undo nothing. */
function overlapping(right: UnitOfWork, { tables }: MemoryStore): UnitOfWork["run"] {
  const alone = tables.transaction.bind(tables);
  return (tenant, work) => {
    tables.transaction = async (inner) => inner(tables.clock.now());
    const running = right.run(tenant, work);
    tables.transaction = alone;
    return running;
  };
}

function isFromRule({ origin }: ScheduledEvent): boolean {
  return origin === "rule";
}

/** An answer about what is upcoming, of other events than it should be of, or another one of them. */
function upcomingAmong(
  tables: MemoryStore["tables"],
  counts: (event: ScheduledEvent) => boolean,
  order: (one: ScheduledEvent, other: ScheduledEvent) => number = (one, other) => +one.dueAt - +other.dueAt,
  isOpen: (event: ScheduledEvent) => boolean = ({ state }) => !isTerminal(state),
): SpoiltTransaction {
  const first = (id: string) => [...tables.eventsOf(id)].filter((one) => isOpen(one) && counts(one)).sort(order)[0];
  return {
    events: {
      upcoming: async (ids) =>
        new Map(
          ids.flatMap((id) => {
            const event = first(id);
            return event === undefined ? [] : [[id, event.dueAt] as const];
          }),
        ),
    },
  };
}

/** Keeps a reply so that nothing undoes it. */
function keepForGood(tables: MemoryStore["tables"], entry: KeptReply): void {
  tables.replies.set(JSON.stringify([TENANT, entry.key]), entry);
}

function patch(tables: MemoryStore["tables"], id: string, changes: object): void {
  const event = tables.events.get(id);
  if (event !== undefined) tables.putEvent({ ...event, ...changes });
}

/** The claim as whoever holds the event now would name it. */
function fenceOf({ tables }: MemoryStore): (claim: ClaimRef) => ClaimRef {
  return (claim) => ({ ...claim, fence: tables.events.get(claim.eventId)?.fence ?? claim.fence });
}
