/** A text on its way into a queue. */
export interface Outgoing {
  readonly body: string;
  /** Nobody is given it any sooner, as far as the queue can hold it. */
  readonly delayMs?: number;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A text that a queue has given out. */
export interface Received {
  readonly id: string;
  readonly body: string;
  /** Of this giving out: with it the text is deleted, or given back. */
  readonly receipt: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Receiving {
  readonly most: number;
  /** How long to wait where nothing is there. */
  readonly waitMs: number;
  /** For how long what is given out is given to nobody else. */
  readonly hiddenMs: number;
}

/**
 * A queue of texts that gives each out for a while, and again unless it was deleted: all that `QueueTransport` asks of a
 * service. It throws `Unavailable` where the service is away.
 */
export interface TextQueue {
  /** For each text null, or why it was not taken. Where an answer was lost, it may have been taken all the same. */
  send(texts: readonly Outgoing[], signal?: AbortSignal): Promise<readonly (string | null)[]>;
  receive(receiving: Receiving): Promise<readonly Received[]>;
  /** For each receipt whether it was deleted. */
  delete(receipts: readonly string[]): Promise<readonly boolean[]>;
  /** Keeps what was received from all others for so long from now on; at zero it is given out again. */
  keep(receipts: readonly string[], ms: number): Promise<readonly boolean[]>;
}

/** How much a text weighs: its body, and the names and values of its attributes. */
export function sizeOf({ body, attributes = {} }: Outgoing): number {
  const named = Object.entries(attributes).map(([name, value]) => name.length + Buffer.byteLength(value));
  return named.reduce((sum, size) => sum + size, Buffer.byteLength(body));
}
