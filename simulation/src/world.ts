import {
  type DestinationGate,
  type EventStore,
  NO_FAILPOINTS,
  NO_TELEMETRY,
  type Message,
  type PlanOptions,
  Recurrence,
  type TransportCapabilities,
  type UnitOfWork,
  type ZoneRules,
} from "@punctual/core";
import {
  MemoryDestinationGate,
  MemoryEventStore,
  MemoryTransport,
  MemoryUnitOfWork,
  type Received,
  SequentialIds,
} from "@punctual/core/memory";
import { Dice } from "./dice.js";
import { drawFaults, type Faults, NO_FAULTS } from "./faults.js";
import type { Process } from "./process.js";
import { Receivers } from "./receivers.js";
import { VirtualTime } from "./virtual-time.js";
import { Watch, WatchedTables } from "./watch.js";
import { zoneData } from "./zone-data.js";

/** What a mutant may swap for something wrong. */
export interface Parts {
  events: EventStore;
  unitOfWork: UnitOfWork;
  gate: DestinationGate;
  queue: { send(messages: readonly Message[]): Promise<unknown>; receive(limit: number): readonly Received[] };
  capabilities: TransportCapabilities;
  /** Wraps what a process is made of. */
  dress(process: Process): Process;
}

export interface Settings extends PlanOptions {
  readonly shape: "long-running" | "two-stage" | "single-stage";
  readonly schedulers: number;
  readonly workers: number;
  readonly leaseMs: number;
  readonly attemptLeaseMs: number;
  readonly lookAheadMs: number;
  readonly pollMs: number;
  readonly tickMs: number;
  readonly mostRequests: number;
}

const MINUTE = 60_000;
export const FAULTY_MS = 5 * MINUTE;
export const QUIET_MS = 5 * MINUTE;

/** What happened at least once: a simulation that never met the cases it is for would prove nothing. */
export interface Counts {
  crashes: number;
  pauses: number;
  unknowns: number;
  duplicates: number;
  reclaims: number;
  lost: number;
  deadLetters: number;
  cancelled: number;
  inFlight: number;
  edits: number;
  redrives: number;
  moved: number;
  requests: number;
}

/** Everything that one seed consists of. */
export class World {
  readonly seed: number;
  readonly dice: Dice;
  readonly time: VirtualTime;
  readonly faultsDrawn: Faults;
  readonly settings: Settings;
  readonly tables: WatchedTables;
  readonly watch: Watch;
  readonly receivers: Receivers;
  readonly ids = new SequentialIds();
  readonly processes = new Set<Process>();
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
    requests: 0,
  };
  faults: Faults;
  recurrence: Recurrence;
  #storeAhead = 0;
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
      events: new MemoryEventStore(this.tables),
      unitOfWork: new MemoryUnitOfWork(this.tables),
      gate: new MemoryDestinationGate(storeClock, BREAKER),
      queue: this.queue,
      capabilities: this.queue.capabilities,
      dress: (process) => process,
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
    note: (fact: { readonly kind: string }) => {
      if (fact.kind === "lost") this.counts.lost++;
    },
  };

  /** Wrong by a fixed amount for every other process. */
  skewOf(process: Process): number {
    return process.abort.signal.aborted ? 0 : this.faultsDrawn.skew;
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
  arrival(process: Process, longestMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(() => process.resume(resolve));
      this.time.at(longestMs, () => process.resume(resolve));
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
};

function drawSettings(dice: Dice): Settings {
  const shape = dice.pick(["long-running", "long-running", "two-stage", "single-stage"] as const);
  return {
    shape,
    schedulers: dice.between(1, 2),
    workers: dice.between(1, 2),
    leaseMs: 30_000,
    attemptLeaseMs: 20_000,
    lookAheadMs: shape === "long-running" ? 1_000 : 20_000,
    pollMs: 5_000,
    tickMs: 20_000,
    missedAfterMs: 45_000,
    waitMs: 5_000,
    mostPlanned: dice.pick([2, 1_000]),
    mostRequests: 80,
  };
}
