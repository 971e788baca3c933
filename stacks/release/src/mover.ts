import type { ReleaseTarget } from "@punctual/stack-blueprint";

/** What a kind of target calls one state of the program: a version of a function, a revision, a task definition. */
export type Version = string;

/** Traffic of one target, from one version to another. Two releases never have the same move. */
export interface Move {
  readonly release: string;
  readonly target: ReleaseTarget;
  readonly from: Version;
  readonly to: Version;
}

export interface Standing {
  /** In percent. What takes no requests has all of it where it runs. */
  readonly shares: Readonly<Record<Version, number>>;
}

export type Progress =
  | { readonly kind: "not-begun" }
  /** On its way by itself. */
  | { readonly kind: "under-way" }
  /** A part of the traffic is there, and stays until `advance` is called. */
  | { readonly kind: "waiting" }
  | { readonly kind: "arrived" }
  /** What moves it has given up. */
  | { readonly kind: "returned"; readonly because: string };

/**
 * Moves the traffic of one kind of target.
 *   M1. `standing` and `progress` change nothing;
 *   M2. `begin` of a move that has begun, or has arrived, changes nothing;
 *   M3. `arrived` says that `to` has all traffic, `returned` that it has none;
 *   M4. when `back` has answered, `to` has no traffic and `from` has all, whatever was under way; asked again it changes nothing;
 *   M5. `advance` gives `to` all that waits, and changes nothing where nothing waits.
 */
export interface Mover {
  standing(target: ReleaseTarget): Promise<Standing>;
  begin(move: Move): Promise<void>;
  progress(move: Move): Promise<Progress>;
  advance(move: Move): Promise<void>;
  back(move: Move): Promise<void>;
}
