import { type Fact, NO_FAILPOINTS, NO_TELEMETRY, Recurrence, type ZoneRules } from "@punctual/core";
import {
  MemoryDestinationGate,
  MemoryEventStore,
  MemoryTransport,
  MemoryUnitOfWork,
  SequentialIds,
} from "@punctual/core/memory";
import { Dice } from "./dice.js";
import { drawFaults, type Faults, NO_FAULTS } from "./faults.js";
import { Receivers } from "./receivers.js";
import { VirtualTime } from "./virtual-time.js";
import { Watch, WatchedTables } from "./watch.js";
import type { Actor, Counts, Parts, Settings, Stage } from "./stage.js";
import { zoneData } from "./zone-data.js";

const MINUTE = 60_000;
export const FAULTY_MS = 5 * MINUTE;
export const QUIET_MS = 5 * MINUTE;

/** Everything that one seed consists of. */
export class World implements Stage {
  readonly seed: number;
  readonly dice: Dice;
  readonly time: VirtualTime;
  readonly faultsDrawn: Faults;
  readonly settings: Settings;
  readonly tables: WatchedTables;
  readonly watch: Watch;
  readonly receivers: Receivers;
  readonly ids = new SequentialIds();
  readonly actors = new Set<Actor>();
  /** The ids that one key was answered with. */
  readonly answers = new Set<string>();
  readonly queue: MemoryTransport;
  readonly parts: Parts;
  readonly zones: { readonly v1: ZoneRules; readonly v2: ZoneRules };
  readonly counts: Counts = {
    crashes: 0,
    pauses: 0,
    unknowns: 0,
    duplicates: 0,
    reclaims: 0,
    lost: 0,
    deadLetters: 0,
    cancelled: 0,
    inFlight: 0,
    edits: 0,
    redrives: 0,
    moved: 0,
    callbacks: 0,
    requests: 0,
  };
  faults: Faults;
  recurrence: Recurrence;
  #storeAhead = 0;
  #entered = 0;
  #waiting: (() => void)[] = [];

  constructor(seed: number) {
    this.seed = seed;
    this.dice = new Dice(seed);
    this.time = new VirtualTime(START + this.dice.between(0, 59) * 1_000);
    this.faultsDrawn = drawFaults(this.dice);
    this.faults = this.faultsDrawn;
    this.settings = drawSettings(this.dice);
    this.zones = zoneData(START, this.time.start + FAULTY_MS / 2);
    this.recurrence = new Recurrence(this.zones.v1);
    const storeClock = {
      now: () => new Date(this.time.now + this.#storeAhead),
      monotonic: () => this.time.now - this.time.start,
      sleep: async () => undefined,
    };
    const queueClock = { ...storeClock, now: () => new Date(this.time.now) };
    this.tables = new WatchedTables(storeClock, NO_FAILPOINTS);
    this.receivers = new Receivers(this);
    this.watch = new Watch(this, this.tables);
    this.queue = new MemoryTransport(queueClock, { visibilityMs: 20_000, maxReceives: this.dice.pick([1, 5]) });
    this.parts = {
      events: this.watch.inOrder(new MemoryEventStore(this.tables)),
      unitOfWork: new MemoryUnitOfWork(this.tables),
      gate: new MemoryDestinationGate(storeClock, BREAKER),
      queue: this.queue,
      capabilities: {
        ...this.queue.capabilities,
        early: this.dice.pick(["transport", "transport", "scheduler", "worker"]),
      },
      dress: (actor) => actor,
    };
  }

  get sinceStart(): number {
    return this.time.now - this.time.start;
  }

  get storeNow(): Date {
    return new Date(this.time.now + this.#storeAhead);
  }

  readonly telemetry = {
    ...NO_TELEMETRY,
    note: (fact: Fact) => {
      if (fact.kind === "lost") this.counts.lost++;
    },
  };

  #skewed = new Set<Actor>();

  /** Every other actor's clock is wrong by the same amount. */
  skewOf(actor: Actor): number {
    return this.#skewed.has(actor) ? this.faultsDrawn.skew : 0;
  }

  /** A process was started. */
  enter(actor: Actor): void {
    this.actors.add(actor);
    if (this.#entered++ % 2 === 0) this.#skewed.add(actor);
  }

  stepStoreClock(ms: number): void {
    this.#storeAhead += ms;
    this.watch.clockStepped(this.#storeAhead);
  }

  quiet(): void {
    this.faults = NO_FAULTS;
  }

  /** A message came in. */
  arrived(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Until a message comes in, or so much time has passed. */
  arrival(actor: Actor, longestMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(() => actor.resume(resolve));
      this.time.at(longestMs, () => actor.resume(resolve));
    });
  }
}

const START = Date.parse("2027-03-14T11:58:00Z");

const BREAKER = {
  windowMs: 10_000,
  leastCalls: 5,
  failureShare: 0.5,
  pauseMs: 5_000,
  longestPauseMs: 20_000,
  disableAfterMs: 3_600_000,
  silenceMs: 60_000,
};

const LOOKS_AHEAD = { "long-running": 1_000, "in-place": 0, "two-stage": 20_000, "single-stage": 20_000 } as const;

function drawSettings(dice: Dice): Settings {
  const shape = dice.pick(["long-running", "in-place", "two-stage", "single-stage"] as const);
  return {
    shape,
    schedulers: dice.between(1, 2),
    workers: dice.between(1, 2),
    leaseMs: 30_000,
    attemptLeaseMs: 20_000,
    lookAheadMs: LOOKS_AHEAD[shape],
    pollMs: 5_000,
    tickMs: 20_000,
    missedAfterMs: 45_000,
    waitMs: 5_000,
    mostPlanned: dice.pick([2, 1_000]),
    mostRequests: 80,
  };
}
