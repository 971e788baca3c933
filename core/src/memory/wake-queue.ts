/** Ids in the order of their wake times: a binary heap that tolerates entries which have become stale. */
export class WakeQueue {
  readonly #heap: Entry[] = [];
  readonly #current = new Map<string, number>();

  /** Null takes the id out. */
  set(id: string, at: number | null): void {
    if (at === null) this.#current.delete(id);
    else if (this.#current.get(id) !== at) {
      this.#current.set(id, at);
      this.#push({ id, at });
    }
  }

  /** The earliest id, left where it is. */
  first(): Entry | null {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined) return null;
      if (this.#current.get(top.id) === top.at) return top;
      this.#pop();
    }
  }

  /** The wanted ids that wake no later than `until`, the earliest first, at most `limit`; they stay where they are. */
  due(until: number, limit: number, wanted: (id: string, at: number) => boolean = () => true): readonly string[] {
    const found: string[] = [];
    const taken = new Map<string, Entry>();
    for (let top = this.first(); top !== null && top.at <= until && found.length < limit; top = this.first()) {
      this.#pop();
      if (taken.has(top.id)) continue;
      taken.set(top.id, top);
      if (wanted(top.id, top.at)) found.push(top.id);
    }
    for (const entry of taken.values()) this.#push(entry);
    return found;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Entry;
      if (!before(entry, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Entry, heap[child] as Entry)) child++;
      const below = heap[child] as Entry;
      if (!before(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }
}

interface Entry {
  readonly id: string;
  readonly at: number;
}

function before(one: Entry, other: Entry): boolean {
  return one.at < other.at || (one.at === other.at && one.id < other.id);
}
