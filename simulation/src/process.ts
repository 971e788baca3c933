import {
  type Clock,
  type ConsumeOptions,
  type DestinationGate,
  type EventStore,
  type Message,
  type MessageHandler,
  type MessageVerdict,
  type OutgoingRequest,
  type Sender,
  type SendReport,
  type SendResult,
  type Transport,
  Unavailable,
  type UnitOfWork,
} from "@punctual/core";
import type { Actor, Stage } from "./stage.js";

/**
 * One process, from its start to its death. Whatever it asks of the world outside goes through `call`, where it can die,
 * be stopped for longer than a lease, or be told an error, before or after the thing was done.
 */
export class Process implements Actor {
  readonly world: Stage;
  readonly abort = new AbortController();
  readonly #died: () => void;
  #alive = true;
  #pausedUntil = 0;

  constructor(world: Stage, died: () => void) {
    this.world = world;
    this.#died = died;
  }

  /** The answer never comes if the process dies over it. */
  call<T>(kind: "store" | "transport" | "http", act: () => Promise<T>): Promise<T> {
    const { time, dice, faults, counts } = this.world;
    return new Promise((resolve, reject) => {
      if (!this.#alive) return;
      const delay = dice.between(1, 20);
      if (dice.chance(faults.crash)) {
        counts.crashes++;
        // Half of the time the request was out already, and what it asked for is done all the same.
        if (dice.chance(0.5)) time.at(delay, () => void act().catch(() => undefined));
        this.die();
        return;
      }
      const pause = dice.chance(faults.pause) ? dice.between(1_000, 90_000) : 0;
      const refused = kind === "store" && dice.chance(faults.storeError);
      const unknown = kind === "store" && !refused && dice.chance(faults.storeUnknown);
      const answer = (give: () => void) => {
        if (pause > 0) {
          counts.pauses++;
          this.#pausedUntil = Math.max(this.#pausedUntil, time.now + pause);
        }
        this.resume(give);
      };
      time.at(delay, () => {
        if (refused) return answer(() => reject(new Unavailable("The store is away")));
        if (unknown) counts.unknowns++;
        act().then(
          (value) => answer(() => (unknown ? reject(new Unavailable("The answer was lost")) : resolve(value))),
          (error: Error) => answer(() => reject(error)),
        );
      });
    });
  }

  /** Goes on, once the process is not stopped; never, if it is dead. */
  resume(give: () => void): void {
    const { time } = this.world;
    if (!this.#alive) return;
    if (time.now < this.#pausedUntil) time.at(this.#pausedUntil - time.now, () => this.resume(give));
    else give();
  }

  die(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.world.actors.delete(this);
    this.#died();
  }

  get clock(): Clock {
    const { world } = this;
    return {
      now: () => new Date(world.time.now + world.skewOf(this)),
      monotonic: () => world.time.now - world.time.start,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted === true || ms <= 0) return resolve();
          world.time.at(ms, () => this.resume(resolve));
          signal?.addEventListener("abort", () => this.resume(resolve), { once: true });
        }),
    };
  }

  get events(): EventStore {
    const { events } = this.world.parts;
    return {
      claimDue: (request, plan) => this.call("store", () => events.claimDue(request, plan)),
      takeDue: (request, plan) => this.call("store", () => events.takeDue(request, plan)),
      begin: (claims, leaseMs) => this.call("store", () => events.begin(claims, leaseMs)),
      finish: (endings) => this.call("store", () => events.finish(endings)),
      release: (claims) => this.call("store", () => events.release(claims)),
      giveUp: (...given) => this.call("store", () => events.giveUp(...given)),
      extend: (claims, leaseMs) => this.call("store", () => events.extend(claims, leaseMs)),
      nextWake: () => this.call("store", () => events.nextWake()),
      backlog: () => this.call("store", () => events.backlog()),
    };
  }

  get unitOfWork(): UnitOfWork {
    return {
      run: (tenant, work) => this.call("store", () => this.world.parts.unitOfWork.run(tenant, work)),
      read: (tenant, work) => this.call("store", () => this.world.parts.unitOfWork.read(tenant, work)),
    };
  }

  get gate(): DestinationGate {
    const { gate } = this.world.parts;
    return {
      admit: (requests) => (requests.length === 0 ? gate.admit([]) : this.call("store", () => gate.admit(requests))),
      report: (results) => this.call("store", () => gate.report(results)),
    };
  }

  get sender(): Sender {
    return { kind: "http", send: (request) => this.#request(request), objection: async () => null };
  }

  get transport(): Transport {
    return {
      capabilities: this.world.parts.capabilities,
      send: (messages) => this.call("transport", async () => this.#send(messages)),
      consume: (options, handle, signal) => this.#consume(options, handle, signal),
      consumeDeadLetters: (handle, signal) => this.world.queue.consumeDeadLetters(handle, signal),
    };
  }

  async #request(request: OutgoingRequest): Promise<SendResult> {
    const { world } = this;
    const from = world.time.now;
    const answer = await this.call("http", async () => world.receivers.receive(request));
    // The receiver's own time passes after it got the request.
    if (answer.afterMs > 0) await this.clock.sleep(answer.afterMs);
    return { ...answer.result, durationMs: world.time.now - from };
  }

  async #send(messages: readonly Message[]): Promise<SendReport> {
    const { parts, dice, faults, counts } = this.world;
    const refused = messages.filter(() => dice.chance(faults.sendRefused));
    const sent = messages.filter((message) => !refused.includes(message));
    for (const message of sent) {
      if (dice.chance(faults.lose)) continue;
      const copies = dice.chance(faults.duplicate) ? 2 : 1;
      if (copies === 2) counts.duplicates++;
      for (let copy = 0; copy < copies; copy++) {
        const late = dice.chance(faults.late) ? dice.between(1_000, 60_000) : 0;
        const notBefore = new Date(Math.max(message.notBefore.getTime(), this.world.time.now + late));
        await parts.queue.send([late === 0 ? message : { ...message, notBefore }]);
      }
    }
    this.world.arrived();
    if (dice.chance(faults.sendUnknown)) throw new Unavailable("The answer was lost");
    return { accepted: sent, refused: refused.map((message) => ({ message, reason: "refused" })) };
  }

  async #consume(options: ConsumeOptions, handle: MessageHandler, signal: AbortSignal): Promise<void> {
    const { queue } = this.world.parts;
    let underWay = 0;
    while (!signal.aborted) {
      const room = options.maxInFlight - underWay;
      const received = room <= 0 ? [] : queue.receive(Math.min(room, options.maxBatch));
      const verdicts = received.length === 0 ? [] : handle(received.map(({ message }) => message));
      for (const [index, one] of received.entries()) {
        underWay++;
        const settle = async (verdict: MessageVerdict) => {
          await this.call("transport", async () => one.settle(verdict));
        };
        void verdicts[index]?.then(settle).finally(() => underWay--);
      }
      await this.world.arrival(this, received.length > 0 ? 50 : 5_000);
    }
  }
}
