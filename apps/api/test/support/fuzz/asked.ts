import type { Described } from "./document.js";

/** How far a request is from one that should be granted. */
export type Kind = "good" | "extreme" | "spoiled" | "garbage";

export interface Asked {
  readonly operation: Described;
  readonly kind: Kind;
  readonly method: string;
  /** With its query, as it goes over the wire. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Buffer | null;
}
