import { Worker } from "node:worker_threads";

const LIMIT_MS = 30_000;
const ROOM = 4_096;

/**
 * Ends the process, saying at what, when one request keeps it busy: nothing that waits for its turn could. It looks from a
 * thread of its own.
 */
export class Watchdog {
  readonly #shared = new SharedArrayBuffer(8 + ROOM);
  readonly #count = new Int32Array(this.#shared, 0, 2);
  readonly #text = new Uint8Array(this.#shared, 8);
  readonly #worker: Worker;

  constructor() {
    const program = `
      const { workerData } = require("node:worker_threads");
      const count = new Int32Array(workerData.shared, 0, 2);
      const text = new Uint8Array(workerData.shared, 8);
      let seen = 0, since = Date.now();
      setInterval(() => {
        const now = Atomics.load(count, 0);
        if (now !== seen || Atomics.load(count, 1) === 0) { seen = now; since = Date.now(); return; }
        if (Date.now() - since < ${LIMIT_MS}) return;
        const at = Buffer.from(text.slice(0, Atomics.load(count, 1))).toString();
        require("node:fs").writeSync(2, "One request keeps the process busy: " + at + "\\n");
        process.kill(process.pid, "SIGKILL");
      }, 500);`;
    this.#worker = new Worker(program, { eval: true, workerData: { shared: this.#shared } });
    this.#worker.unref();
  }

  /** Another request begins. */
  at(what: string): void {
    const { written } = new TextEncoder().encodeInto(what.slice(0, ROOM / 4), this.#text);
    Atomics.store(this.#count, 1, written);
    Atomics.add(this.#count, 0, 1);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
