import type { Failpoint, Failpoints } from "@punctual/core";
import type { Orders, Saying } from "./orders.js";

/** Kills the process at its place, by the signal that nothing can catch: no `finally`, no flush, no rollback. */
export class DeadlyFailpoints implements Failpoints {
  readonly #dies: Orders["dies"];
  readonly #say: (saying: Saying) => void;
  #passed = 0;

  constructor(dies: Orders["dies"], say: (saying: Saying) => void) {
    this.#dies = dies;
    this.#say = say;
  }

  at(place: Failpoint): Promise<void> | void {
    if (place !== this.#dies?.place || ++this.#passed !== this.#dies.pass) return;
    this.#say({ say: "dying", place });
    process.kill(process.pid, "SIGKILL");
    return new Promise(() => undefined);
  }
}
