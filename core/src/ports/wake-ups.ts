/**
 * Hints that there is something to do, so that a sleeping scheduler need not wait for its next poll. Every adapter
 * promises: H1. `next` returns after a hint given since it was called, or when its signal is aborted. Hints may get lost
 * and may be false; nothing depends on them but speed.
 */
export interface WakeUps {
  next(signal: AbortSignal): Promise<void>;
}
