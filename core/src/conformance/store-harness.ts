import type { EventStore } from "../ports/event-store.js";
import type { Failpoint } from "../ports/failpoints.js";
import type { UnitOfWork } from "../ports/unit-of-work.js";
import { given } from "./passing.js";

/** How the suites get at a store that is to be tried. */
export interface StoreHarness {
  readonly name: string;
  /** An empty store. Where the real one answers many at once, over several connections, so does this one. */
  open(): Promise<StoreUnderTest>;
  close(): Promise<void>;
  /** What it cannot do, and why: the cases that need it are skipped, and the reason is printed. */
  readonly cannot?: Partial<Readonly<Record<StoreAbility, string>>>;
}

/** `failpoints`: the places within a claim and a finish can be armed. */
export type StoreAbility = "failpoints";

export interface StoreUnderTest {
  readonly events: EventStore;
  readonly unitOfWork: UnitOfWork;
  /** The store's own clock. It may stand still between two calls of `advance`, or run. */
  now(): Promise<Date>;
  /** Moves the store's own clock on, for all who use it, without anyone sleeping. */
  advance(ms: number): Promise<void>;
  readonly failpoints: {
    arm(place: StoreFailpoint, act: () => Promise<void> | void): void;
    disarm(place: StoreFailpoint): void;
  };
}

export type StoreFailpoint = Extract<
  Failpoint,
  "claim.before_commit" | "claim.after_commit" | "finish.before_commit" | "finish.after_commit" | "next.before_insert"
>;

/** An `it` for what not every harness can do. */
export function itNeeds(
  harness: StoreHarness,
  ability: StoreAbility,
): (title: string, run: () => Promise<void>) => void {
  const reason = harness.cannot?.[ability];
  return given(reason === undefined, reason ?? "");
}
