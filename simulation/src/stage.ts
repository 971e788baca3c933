import type {
  AttemptError,
  Clock,
  DestinationGate,
  EventStore,
  Fact,
  Ids,
  Message,
  OutgoingRequest,
  PlanOptions,
  Recurrence,
  Sender,
  SendResult,
  TransportCapabilities,
  UnitOfWork,
  ZoneRules,
} from "@punctual/core";
import type { MemoryTables, MemoryTransport, Received } from "@punctual/core/memory";
import type { Dice } from "./dice.js";
import type { Faults } from "./faults.js";
import type { VirtualTime } from "./virtual-time.js";

/** A process, as far as the world and its mutants deal with it. */
export interface Actor {
  readonly events: EventStore;
  readonly unitOfWork: UnitOfWork;
  readonly clock: Clock;
  readonly sender: Sender;
  resume(give: () => void): void;
  die(): void;
}

/** What a mutant may swap for something wrong. */
export interface Parts {
  events: EventStore;
  unitOfWork: UnitOfWork;
  gate: DestinationGate;
  queue: { send(messages: readonly Message[]): Promise<unknown>; receive(limit: number): readonly Received[] };
  capabilities: TransportCapabilities;
  /** Wraps what a process is made of. */
  dress<A extends Actor>(actor: A): A;
}

export interface Settings extends PlanOptions {
  readonly shape: "long-running" | "in-place" | "two-stage" | "single-stage";
  readonly schedulers: number;
  readonly workers: number;
  readonly leaseMs: number;
  readonly attemptLeaseMs: number;
  readonly lookAheadMs: number;
  readonly pollMs: number;
  readonly tickMs: number;
  readonly mostRequests: number;
}

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
  callbacks: number;
  requests: number;
}

/** A request that a receiver got. */
export interface SeenRequest {
  readonly at: number;
  readonly id: string;
  readonly attempt: number;
  readonly body: string;
  readonly success: boolean;
  /** Milliseconds that the answer asked to wait, if it got through. */
  readonly retryAfterMs: number;
}

/** What a receiver answers, and how long it takes. */
export interface Reaction {
  readonly result: Omit<SendResult, "durationMs">;
  readonly afterMs: number;
}

/** What everyone who acts in a simulation sees of it. */
export interface Stage {
  readonly time: VirtualTime;
  readonly dice: Dice;
  readonly faults: Faults;
  readonly faultsDrawn: Faults;
  readonly settings: Settings;
  readonly counts: Counts;
  readonly parts: Parts;
  readonly tables: MemoryTables;
  readonly queue: MemoryTransport;
  readonly zones: { readonly v1: ZoneRules; readonly v2: ZoneRules };
  readonly recurrence: Recurrence;
  readonly ids: Ids;
  readonly telemetry: { note(fact: Fact): void };
  readonly watch: { request(request: OutgoingRequest): void; broken(promise: string, what: string): void };
  readonly receivers: {
    readonly seen: ReadonlyMap<string, readonly SeenRequest[]>;
    receive(request: OutgoingRequest): Reaction;
  };
  readonly actors: Set<Actor>;
  /** The ids that one key was answered with. */
  readonly answers: Set<string>;
  readonly sinceStart: number;
  readonly storeNow: Date;
  /** By how much an actor's clock is wrong. */
  skewOf(actor: Actor): number;
  /** A message came in. */
  arrived(): void;
  /** Until a message comes in, or so much time has passed. */
  arrival(actor: Actor, longestMs: number): Promise<void>;
}

/** Failures of the line, not of the receiver. */
export type LineError = Extract<AttemptError, "timeout" | "reset">;
