import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Answer, Question, Skills, Usage } from "./serve.js";

/** A process of this folder, which answers what it is asked. Each side of a bench has one, so that none shares the driver's. */
export class Child<S extends Skills> {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #asked = 0;

  /** `orders` is what `ordersOf` answers there. What Node was given for us it is given there too, say `--cpu-prof`. */
  constructor(name: string, orders: object = {}, nodeOptions: readonly string[] = []) {
    const execArgv = [...process.execArgv, ...nodeOptions];
    this.#process = fork(new URL(`./${name}.js`, import.meta.url), [JSON.stringify(orders)], { execArgv });
    this.#process.on("message", (answer: Answer) => this.#take(answer));
    this.#process.once("exit", (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${name} has ended: ${signal ?? code}`));
    });
  }

  async ask<N extends keyof S & string>(name: N, ...asked: Parameters<S[N]>): Promise<Awaited<ReturnType<S[N]>>> {
    return (await this.#send(name, asked)) as Awaited<ReturnType<S[N]>>;
  }

  async usage(): Promise<Usage> {
    return (await this.#send("usage", [])) as Usage;
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.disconnect();
    await ended;
  }

  async #send(name: string, asked: readonly never[]): Promise<unknown> {
    const number = this.#asked++;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(number, waiting);
    this.#process.send({ number, name, asked } satisfies Question);
    return waiting.promise;
  }

  #take(answer: Answer): void {
    const waiting = this.#waiting.get(answer.number);
    this.#waiting.delete(answer.number);
    if ("error" in answer) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer.answer);
  }
}
