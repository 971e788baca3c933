interface Step {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

/** A clock whose hands jump from one step to the next. Steps at one time run in the order in which they were put. */
export class VirtualTime {
  /** Epoch milliseconds. */
  now: number;
  steps = 0;
  readonly start: number;
  readonly #heap: Step[] = [];
  #order = 0;

  constructor(start: number) {
    this.start = start;
    this.now = start;
  }

  at(delayMs: number, act: () => void): void {
    const heap = this.#heap;
    const step = { at: this.now + Math.max(0, delayMs), order: this.#order++, act };
    let index = heap.push(step) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Step;
      if (!isBefore(step, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = step;
  }

  /** Runs step after step until `end`; between two of them everything that awaited has gone as far as it can. */
  async run(end: number, stop: () => boolean): Promise<void> {
    while (!stop()) {
      const step = this.#heap[0];
      if (step === undefined || step.at > end) break;
      this.#pop();
      this.now = step.at;
      this.steps++;
      step.act();
      await settled();
    }
    this.#heap.length = 0;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Step;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Step, heap[child] as Step)) child++;
      if (!isBefore(heap[child] as Step, last)) break;
      heap[index] = heap[child] as Step;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(one: Step, other: Step): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

/** All promise reactions run before the next turn of the event loop. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
