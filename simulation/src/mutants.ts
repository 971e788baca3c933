import {
  type Begun,
  type ClaimPlan,
  type DueEvent,
  type Ending,
  type EventRecords,
  type EventStore,
  type NewEvent,
  type OutgoingRequest,
  type ScheduledEvent,
  type ScheduleStore,
  type SendResult,
  type Transaction,
  Unavailable,
} from "@punctual/core";
import { MemoryTables } from "@punctual/core/memory";
import { bound } from "./bound.js";
import type { Actor } from "./stage.js";
import type { World } from "./world.js";

/** A bug planted on purpose, from outside: the code under test has no switch for it. */
export interface Mutant {
  readonly name: string;
  plant(world: World): void;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: "finishing does not look at the fence",
    plant: (world) =>
      onEvents(world, (events) => ({
        finish: (endings) => events.finish(endings.map((ending) => ({ ...ending, claim: current(world, ending) }))),
      })),
  },
  {
    name: "a claim can begin twice",
    plant: (world) =>
      onEvents(world, (events) => ({
        begin: (claims, leaseMs) => {
          for (const { eventId, fence } of claims) {
            const event = world.tables.events.get(eventId);
            if (event?.fence === fence && event.begunAt !== null) put(world, { ...event, begunAt: null });
          }
          return events.begin(claims, leaseMs);
        },
      })),
  },
  {
    name: "the fence does not rise",
    plant: (world) =>
      onEvents(world, (events) => ({
        claimDue: async (request, plan) => {
          const report = await events.claimDue(request, plan);
          const claims = report.claims.map((claim) => ({ ...claim, fence: 1 }));
          for (const claim of claims) put(world, { ...known(world, claim.eventId), fence: 1 });
          return { ...report, claims };
        },
      })),
  },
  {
    name: "a lease never ends",
    plant: (world) =>
      onEvents(world, (events) => ({
        claimDue: async (request, plan) => {
          const report = await events.claimDue(request, plan);
          for (const { eventId } of report.claims) put(world, { ...known(world, eventId), wakeAt: FAR });
          return report;
        },
      })),
  },
  {
    name: "a look-ahead cuts leases short",
    plant: ({ tables }) => {
      const due = tables.wakes.due.bind(tables.wakes);
      tables.wakes.due = (until, limit) => due(until, limit);
    },
  },
  {
    name: "the latest come first",
    plant: ({ tables }) => {
      const due = tables.wakes.due.bind(tables.wakes);
      tables.wakes.due = (until, limit, wanted) => [...due(until, Infinity, wanted)].reverse().slice(0, limit);
    },
  },
  {
    name: "the successor is stored in a second transaction",
    plant: (world) => {
      world.parts.dress = (process) => {
        const events = process.events;
        const claimDue: EventStore["claimDue"] = async (request, plan) => {
          const later: NewEvent[] = [];
          const report = await events.claimDue(request, (due, now) => {
            const planned = plan(due, now);
            later.push(...planned.successors);
            return { ...planned, successors: [] };
          });
          for (const one of later) {
            await process.unitOfWork.run(one.tenant, (transaction) => transaction.events.add([one]));
          }
          return report;
        };
        return replaced(process, "events", { ...events, claimDue });
      };
    },
  },
  {
    name: "what is skipped ends its series",
    plant: onPlans((plan) => (plan.verdict.kind === "skip" ? { ...plan, successors: [] } : plan)),
  },
  {
    name: "a failure ends its series",
    plant: (world) =>
      onEvents(world, (events) => ({
        finish: async (endings) => {
          const report = await events.finish(endings);
          for (const { claim, outcome } of endings) {
            const { scheduleId, tenant } = known(world, claim.eventId);
            const leader = world.tables.leader(scheduleId);
            if (outcome.state !== "FAILED" || leader === null) continue;
            await world.parts.unitOfWork.run(tenant, ({ events }) => events.withdraw([leader.id]));
          }
          return report;
        },
      })),
  },
  {
    name: "what was missed is not recorded",
    plant: onPlans((plan) => ({ ...plan, successors: plan.successors.filter((one) => one.state === "PENDING") })),
  },
  {
    name: "a series does not end at its count",
    plant: onDue((due) => {
      const { count: _, ...timing } = due.schedule.timing;
      return { ...due, schedule: { ...due.schedule, timing } };
    }),
  },
  {
    name: "catch-up is not asked",
    plant: (world) =>
      onEvents(world, (events) => ({
        claimDue: (request, plan) => events.claimDue(request, (due) => plan(due, due.event.dueAt)),
      })),
  },
  {
    name: "nobody asks whether the one before is running",
    plant: onDue((due) => ({ ...due, othersRunning: false })),
  },
  {
    name: "what was claimed ahead can begin at once",
    plant: (world) =>
      onEvents(world, (events) => ({
        begin: async (claims, leaseMs) => {
          const due = new Map(claims.map(({ eventId }) => [eventId, world.tables.events.get(eventId)?.dueAt]));
          for (const { eventId } of claims) setDue(world, eventId, new Date(0));
          const report = await events.begin(claims, leaseMs);
          for (const { eventId } of claims) setDue(world, eventId, due.get(eventId));
          const begun = report.begun.map((one) => ({ ...one, event: { ...one.event, dueAt: due.get(one.event.id)! } }));
          return { ...report, begun };
        },
      })),
  },
  {
    name: "a pause does not hold what was claimed",
    plant: (world) => {
      onBegun((begun) => ({ ...begun, schedule: { ...begun.schedule, status: "active" } }))(world);
      onRecords(() => ({ park: async () => undefined }))(world);
    },
  },
  {
    name: "a disabled destination is asked all the same",
    plant: onBegun((begun) => ({
      ...begun,
      destination: begun.destination === null ? null : { ...begun.destination, enabled: true },
    })),
  },
  {
    name: "the destination is the one of the first claim",
    plant: (world) => {
      const first = new Map<string, Begun["destination"]>();
      onBegun((begun) => {
        const id = begun.schedule.id;
        if (!first.has(id)) first.set(id, begun.destination);
        return { ...begun, destination: first.get(id) ?? null };
      })(world);
    },
  },
  {
    name: "the body is rendered anew for each attempt",
    plant: (world) =>
      onBegun((begun) => {
        const schedule = world.tables.schedules.get(begun.schedule.id);
        if (schedule === undefined) return begun;
        const { type, payload } = schedule;
        return { ...begun, event: { ...begun.event, content: { type, payload, subject: null } } };
      })(world),
  },
  {
    name: "a payload is mixed up with another tenant's",
    plant: (world) => {
      let last: ScheduledEvent["content"] = null;
      onBegun((begun) => {
        const content = last ?? begun.event.content;
        last = begun.event.content;
        return { ...begun, event: { ...begun.event, content } };
      })(world);
    },
  },
  {
    name: "the limit of attempts is not kept",
    plant: (world) => {
      onBegun((begun) => ({ ...begun, event: { ...begun.event, attempt: 1 } }))(world);
      onDue((due) => ({ ...due, event: { ...due.event, attempt: Math.min(1, due.event.attempt) } }))(world);
    },
  },
  {
    name: "the limit of lateness is not kept",
    plant: (world) => {
      onBegun((begun) => ({ ...begun, schedule: { ...begun.schedule, lateness: null } }))(world);
      onDue((due) => ({ ...due, schedule: { ...due.schedule, lateness: null } }))(world);
    },
  },
  {
    name: "an attempt that is tried again leaves no record",
    plant: onEndings((ending) => {
      if (ending.outcome.state !== "PENDING") return ending;
      const { attempt: _, ...rest } = ending;
      return rest;
    }),
  },
  {
    name: "an attempt that was never reported leaves no record",
    plant: ({ tables }) => {
      tables.recordUnknown = () => undefined;
    },
  },
  {
    name: "putting off counts as an attempt",
    plant: onEndings((ending) => {
      if (ending.attempt !== undefined || ending.outcome.state !== "PENDING") return ending;
      const nothing = {
        ...{ startedAt: new Date(0), durationMs: 0, status: null, error: null, detail: null, timings: null },
        responseExcerpt: null,
      };
      return { ...ending, attempt: { number: 1, ...nothing } };
    }),
  },
  {
    name: "whatever was asked counts as delivered",
    plant: onEndings((ending) =>
      ending.outcome.state === "FAILED" ? { ...ending, outcome: { state: "COMPLETED" } } : ending,
    ),
  },
  {
    name: "each attempt has an id of its own",
    plant: onRequests((request) => ({ ...request, id: `${request.id}-${request.attempt}` })),
  },
  {
    name: "nothing is ever tried again",
    plant: onEndings((ending) =>
      ending.attempt !== undefined && ending.outcome.state === "PENDING"
        ? { ...ending, outcome: { state: "FAILED", reason: "attempts_exhausted" } }
        : ending,
    ),
  },
  {
    name: "a retry comes at once, whatever the receiver asked for",
    plant: onEndings((ending) =>
      ending.attempt !== undefined && ending.outcome.state === "PENDING"
        ? { ...ending, outcome: { state: "PENDING", inMs: 0 } }
        : ending,
    ),
  },
  {
    name: "lateness is always said to be nothing",
    plant: onEndings((ending) => ({ ...ending, latenessMs: 0 })),
  },
  {
    name: "410 disables nothing",
    plant: (world) =>
      onTransactions(world, (transaction) => ({
        ...transaction,
        destinations: { ...bound(transaction.destinations), save: async () => undefined },
      })),
  },
  {
    name: "no answer is taken for a good one",
    plant: (world) => {
      world.parts.dress = (process) => {
        const { sender } = process;
        const send = async (request: OutgoingRequest): Promise<SendResult> => {
          const result = await sender.send(request);
          return result.status !== null && result.status >= 400 ? { ...result, status: 200 } : result;
        };
        return replaced(process, "sender", { ...sender, send });
      };
    },
  },
  {
    name: "a stopped worker trusts its lease when it wakes",
    plant: (world) => {
      world.parts.dress = (process) => replaced(process, "clock", { ...process.clock, monotonic: () => 0 });
    },
  },
  {
    name: "an event in flight can be cancelled",
    plant: onRecords(({ tables }) => ({
      replace: async (event) => tables.putEvent({ ...event, fence: tables.events.get(event.id)?.fence ?? 0 }),
    })),
  },
  {
    name: "an edit drops what was due",
    plant: onRecords((_, records) => ({
      replace: (event) => (event.reason === "schedule_changed" ? records.withdraw([event.id]) : records.replace(event)),
    })),
  },
  {
    name: "what an edit takes back stays",
    plant: onRecords(() => ({ withdraw: async () => undefined })),
  },
  {
    name: "a redrive takes delivered events too",
    plant: onRecords((_, records) => ({
      list: (query) => {
        const redrive = query.states?.length === 1 && query.states[0] === "FAILED";
        return records.list(redrive ? { ...query, states: ["FAILED", "COMPLETED"] } : query);
      },
    })),
  },
  {
    name: "a resume wakes nothing",
    plant: onRecords(() => ({ unpark: async () => undefined })),
  },
  {
    name: "a resume wakes what is not due",
    plant: onRecords((world, records) => ({
      unpark: async (scheduleId) => {
        await records.unpark(scheduleId);
        for (const event of [...world.tables.eventsOf(scheduleId)]) {
          if (event.state === "PENDING") world.tables.putEvent({ ...event, wakeAt: new Date(0) });
        }
      },
    })),
  },
  {
    name: "new zone data move nothing",
    plant: (world) => {
      world.parts.dress = (process) => {
        for (const event of world.tables.events.values()) {
          if (world.recurrence.zones.version === "sim-2" && event.state === "PENDING") {
            put(world, { ...event, tzdata: "sim-2" });
          }
        }
        return process;
      };
    },
  },
  {
    name: "a transaction that fails leaves half of its work",
    plant: (world) => {
      const { unitOfWork } = world.parts;
      world.parts.unitOfWork = {
        read: (tenant, work) => unitOfWork.read(tenant, work),
        run: async (tenant, work) => {
          if (!world.dice.chance(world.faults.storeError)) return unitOfWork.run(tenant, work);
          await unitOfWork.run(tenant, (transaction) => {
            const events = { ...bound(transaction.events), add: async () => undefined };
            return work({ ...transaction, events });
          });
          throw new Unavailable("The store went away in the middle");
        },
      };
    },
  },
  {
    name: "a key can have two schedules",
    plant: (world) =>
      onTransactions(world, (transaction) => {
        const schedules: ScheduleStore = {
          ...bound(transaction.schedules),
          getByKey: async () => null,
          knownKeys: async () => new Set(),
          add: (added) => transaction.schedules.add(added.map((one) => ({ ...one, key: null }))),
        };
        return { ...transaction, schedules };
      }),
  },
];

const FAR = new Date("2100-01-01T00:00:00Z");

function onEvents(world: World, change: (events: EventStore) => Partial<EventStore>): void {
  const { events } = world.parts;
  world.parts.events = { ...bound(events), ...change(events) };
}

function onDue(change: (due: DueEvent) => DueEvent): (world: World) => void {
  return (world) =>
    onEvents(world, (events) => ({
      claimDue: (request, plan) => events.claimDue(request, (due, now) => plan(change(due), now)),
      takeDue: (request, plan) => events.takeDue(request, (due, now) => plan(change(due), now)),
    }));
}

function onPlans(change: (plan: ClaimPlan) => ClaimPlan): (world: World) => void {
  return (world) =>
    onEvents(world, (events) => ({
      claimDue: (request, plan) => events.claimDue(request, (due, now) => change(plan(due, now))),
      takeDue: (request, plan) => events.takeDue(request, (due, now) => change(plan(due, now))),
    }));
}

function onBegun(change: (begun: Begun) => Begun): (world: World) => void {
  return (world) =>
    onEvents(world, (events) => ({
      begin: async (claims, leaseMs) => {
        const report = await events.begin(claims, leaseMs);
        return { ...report, begun: report.begun.map(change) };
      },
      takeDue: async (request, plan) => {
        const report = await events.takeDue(request, plan);
        return { ...report, begun: report.begun.map(change) };
      },
    }));
}

function onEndings(change: (ending: Ending) => Ending): (world: World) => void {
  return (world) => onEvents(world, (events) => ({ finish: (endings) => events.finish(endings.map(change)) }));
}

function onTransactions(world: World, change: (transaction: Transaction) => Transaction): void {
  const { unitOfWork } = world.parts;
  world.parts.unitOfWork = {
    read: (tenant, work) => unitOfWork.read(tenant, work),
    run: (tenant, work) => unitOfWork.run(tenant, (transaction) => work(change(transaction))),
  };
}

function onRecords(change: (world: World, records: EventRecords) => Partial<EventRecords>): (world: World) => void {
  return (world) =>
    onTransactions(world, (transaction) => ({
      ...transaction,
      events: { ...bound(transaction.events), ...change(world, transaction.events) },
    }));
}

function onRequests(change: (request: OutgoingRequest) => OutgoingRequest): (world: World) => void {
  return (world) => {
    world.parts.dress = (process) => {
      const { sender } = process;
      return replaced(process, "sender", { ...sender, send: (request) => sender.send(change(request)) });
    };
  };
}

function replaced<A extends Actor, K extends "events" | "clock" | "sender">(actor: A, part: K, value: Actor[K]): A {
  return Object.defineProperty(actor, part, { get: () => value });
}

function known(world: World, id: string): ScheduledEvent {
  return world.tables.events.get(id) as ScheduledEvent;
}

function current(world: World, { claim }: Ending): Ending["claim"] {
  return { ...claim, fence: world.tables.events.get(claim.eventId)?.fence ?? claim.fence };
}

function setDue(world: World, id: string, dueAt: Date | undefined): void {
  const event = world.tables.events.get(id);
  if (event !== undefined && dueAt !== undefined) put(world, { ...event, dueAt });
}

/** Writes past the watch, as a bug would past every check. */
function put(world: World, event: ScheduledEvent): void {
  MemoryTables.prototype.putEvent.call(world.tables, event);
}
