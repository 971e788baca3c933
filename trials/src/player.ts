import { type ChildProcess, fork } from "node:child_process";
import type { Clock } from "@punctual/core";
import type { Saying } from "./orders.js";

const START_MS = 60_000;
/** Longer than any request may take. */
const END_MS = 90_000;

/** A process that plays a part, seen from the parent. */
export class Player<Ready, Report> {
  readonly ready: Promise<Ready>;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #child: ChildProcess;
  readonly #report: Promise<Report>;

  constructor(program: URL, orders: object, clock: Clock) {
    this.#name = program.pathname.split("/").at(-1) ?? "";
    this.#clock = clock;
    this.#child = fork(program, [JSON.stringify(orders)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const ready = Promise.withResolvers<Ready>();
    const report = Promise.withResolvers<Report>();
    this.#child.on("message", (saying: Saying<Ready, Report>) => {
      if (saying.say === "ready") ready.resolve(saying.ready);
      else report.resolve(saying.report);
    });
    this.#child.once("exit", (code, signal) => {
      const error = new Error(`${this.#name} ended by itself or was ended too early: ${code ?? signal}`);
      ready.reject(error);
      report.reject(error);
    });
    report.promise.catch(() => {}); // who was killed reports nothing, and is not asked
    this.ready = this.#within(START_MS, ready.promise);
    this.ready.catch(() => {}); // whoever waits for it is told
    this.#report = report.promise;
  }

  tell(order: object): void {
    this.#child.send(order);
  }

  /** Ends it in good order, and answers what it has to report. */
  async end(): Promise<Report> {
    this.#child.kill("SIGTERM");
    return this.#within(END_MS, this.#report);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async #within<T>(ms: number, what: Promise<T>): Promise<T> {
    const over = new AbortController();
    const late = this.#clock.sleep(ms, over.signal).then((): T => {
      throw new Error(`${this.#name} was waited for in vain for ${ms} ms`);
    });
    late.catch(() => {});
    try {
      return await Promise.race([what, late]);
    } finally {
      over.abort();
    }
  }
}
