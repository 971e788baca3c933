import type { Screen } from "./terminal.js";

export interface ProgressOptions {
  /** Null where nobody looks on: then nothing is drawn. */
  readonly canvas: Screen | null;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
}

const REDRAW_MS = 100;
const BAR = 24;
const CLEAR = "\r\u001b[K";

/** One line that is drawn over and over, and gone when the work is done. */
export class Progress {
  readonly #canvas: Screen | null;
  readonly #now: () => number;
  readonly #began: number;
  #drawn = -Infinity;
  #shown = false;

  constructor({ canvas, now }: ProgressOptions) {
    this.#canvas = canvas;
    this.#now = now;
    this.#began = now();
  }

  /** `done` is the share that is done, from 0 to 1, if that is known. */
  show(count: number, what: string, rest: readonly string[] = [], done?: number): void {
    const now = this.#now();
    if (this.#canvas === null || now - this.#drawn < REDRAW_MS) return;
    this.#drawn = now;
    this.#shown = true;
    const elapsed = (now - this.#began) / 1_000;
    const rate = elapsed > 0 ? `${thousands(Math.round(count / elapsed))}/s` : "";
    const left = done === undefined || done <= 0 ? [] : [`${timeOf((elapsed * (1 - done)) / done)} left`];
    const bar = done === undefined ? [] : [barOf(done)];
    const line = [...bar, `${thousands(count)} ${what}`, rate, ...rest, ...left].filter((one) => one !== "");
    this.#canvas.write(`${CLEAR}${line.join("  ").slice(0, (this.#canvas.columns ?? 80) - 1)}`);
  }

  /** Takes the line away, so that something else can be written; the next `show` draws it again. */
  clear(): void {
    if (!this.#shown) return;
    this.#canvas?.write(CLEAR);
    this.#shown = false;
    this.#drawn = -Infinity;
  }
}

export function counted(count: number, what: string): string {
  return `${thousands(count)} ${what}${count === 1 ? "" : "s"}`;
}

export function thousands(count: number): string {
  return count.toLocaleString("en-US");
}

function barOf(done: number): string {
  const full = Math.round(Math.min(1, done) * BAR);
  return `[${"#".repeat(full)}${".".repeat(BAR - full)}]`;
}

function timeOf(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
