import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Failpoint } from "@punctual/core";
import { Dice } from "./dice.js";
import type { Blow, End, Life } from "./evidence.js";
import { type Orders, PLACES, type Saying, SHAPES, type Shape } from "./orders.js";

const PROGRAM = fileURLToPath(new URL("./start-victim.js", import.meta.url));

export interface FleetOptions {
  readonly url: string;
  readonly seed: number;
  readonly size: number;
  readonly mutant: string | null;
  readonly shapes?: readonly Shape[];
  readonly places?: readonly Failpoint[];
  /** The share of victims that kill themselves at a place. */
  readonly deadly: number;
}

const MOST_FAILURES = 10;

/** Keeps so many victims running: where one ends, another is started. */
export class Fleet {
  readonly lives: Life[] = [];
  /** While they live, by number. */
  readonly victims = new Map<number, Victim>();
  readonly #options: FleetOptions;
  readonly #round: { readonly shape: Shape; readonly place: Failpoint }[] = [];
  #started = 0;
  #deadly: number;
  #open = true;
  #failures = 0;
  /** How many SIGKILLs have ended a victim. */
  kills = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#deadly = options.deadly;
  }

  /** Whether victims end by themselves again and again, so that it is of no use to start more. */
  get isBroken(): boolean {
    return this.#failures >= MOST_FAILURES;
  }

  fill(): void {
    while (this.#open && this.victims.size < this.#options.size) this.#start();
  }

  /** From now on nobody is started who kills himself; those who would are replaced. */
  async makeClean(): Promise<void> {
    this.#deadly = 0;
    await Promise.all(
      [...this.victims.values()].map(async (victim) => {
        victim.resume();
        victim.terminate();
        await victim.ended;
      }),
    );
  }

  /** Ends all, by SIGTERM. */
  async close(): Promise<void> {
    this.#open = false;
    await this.makeClean();
  }

  /** For when a run fails: nothing is left behind. */
  destroy(): void {
    this.#open = false;
    for (const victim of this.victims.values()) victim.kill("kill");
  }

  /** Each place of each shape has its turn, round by round, in an order that is drawn anew. */
  #next(): { readonly shape: Shape; readonly place: Failpoint } {
    const { seed, shapes = SHAPES, places } = this.#options;
    if (this.#round.length === 0) {
      const dice = new Dice(seed, "round", this.#started);
      const left = shapes.flatMap((shape) =>
        PLACES[shape].filter((place) => places?.includes(place) !== false).map((place) => ({ shape, place })),
      );
      while (left.length > 0) this.#round.push(...left.splice(dice.between(0, left.length - 1), 1));
    }
    return this.#round.pop() as { shape: Shape; place: Failpoint };
  }

  #start(): void {
    const { seed, url, mutant } = this.#options;
    const number = ++this.#started;
    const dice = new Dice(seed, "victim", number);
    const { shape, place } = this.#next();
    // The first pass comes at once; later ones with other work under way.
    const pass = dice.chance(0.5) ? 1 : dice.between(2, 4);
    const dies = dice.chance(this.#deadly) ? { place, pass } : null;
    const victim = new Victim({ number, shape, url, dies, mutant });
    this.victims.set(number, victim);
    void victim.ended.then((life) => {
      this.victims.delete(number);
      this.lives.push(life);
      if (life.end.kind === "by itself") this.#failures++;
      else if (life.end.kind !== "SIGTERM") this.kills++;
      if (this.isBroken) this.#open = false;
      this.fill();
    });
  }
}

/** One process. */
export class Victim {
  readonly number: number;
  readonly shape: Shape;
  readonly ended: Promise<Life>;
  readonly #child: ChildProcess;
  readonly #stops: { from: number; to: number }[] = [];
  #readyAt: number | null = null;
  #termAt: number | null = null;
  #dying: Failpoint | null = null;
  #killed: Blow | null = null;
  #lost = 0;
  #words = "";

  constructor(orders: Orders) {
    this.number = orders.number;
    this.shape = orders.shape;
    const startedAt = Date.now();
    this.#child = spawn(process.execPath, [PROGRAM, JSON.stringify(orders)], { stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#note(text));
    if (this.#child.stdout !== null)
      createInterface({ input: this.#child.stdout }).on("line", (line) => this.#hear(line));
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      // By `close` all that it said has come.
      this.#child.once("close", (code, signal) => {
        const { number, shape } = orders;
        const end = this.#end(code, signal);
        const endedAt = Date.now();
        for (const stop of this.#stops) stop.to = Math.min(stop.to, endedAt);
        resolve({
          ...{ number, shape, startedAt, readyAt: this.#readyAt, termAt: this.#termAt, endedAt, end },
          ...{ stops: this.#stops, lost: this.#lost, lastWords: this.#words.trim() },
        });
      });
    });
  }

  get isReady(): boolean {
    return this.#readyAt !== null;
  }

  get isStopped(): boolean {
    return this.#stops.at(-1)?.to === Infinity;
  }

  kill(how: Blow): boolean {
    const done = this.#child.kill("SIGKILL");
    if (done) this.#killed ??= how;
    return done;
  }

  stop(): void {
    if (!this.isStopped && this.#child.kill("SIGSTOP")) this.#stops.push({ from: Date.now(), to: Infinity });
  }

  resume(): void {
    const stop = this.#stops.at(-1);
    if (stop?.to !== Infinity) return;
    this.#child.kill("SIGCONT");
    stop.to = Date.now();
  }

  terminate(): void {
    // Once: a second one can meet a process whose end has begun, and which no longer listens.
    if (this.#termAt === null && this.#child.kill("SIGTERM")) this.#termAt = Date.now();
  }

  #end(code: number | null, signal: NodeJS.Signals | null): End {
    if (signal === "SIGKILL" && this.#dying !== null) return { kind: "failpoint", place: this.#dying };
    if (signal === "SIGKILL" && this.#killed !== null) return { kind: this.#killed };
    return { kind: this.#termAt !== null ? "SIGTERM" : "by itself", code, signal };
  }

  #hear(line: string): void {
    const saying = JSON.parse(line) as Saying;
    switch (saying.say) {
      case "ready":
        this.#readyAt = Date.now();
        return;
      case "dying":
        this.#dying = saying.place;
        return;
      case "lost":
        this.#lost++;
        return;
      case "trouble":
        this.#note(`${saying.where}: ${saying.error}\n`);
        return;
      case "drained":
    }
  }

  #note(text: string): void {
    this.#words = (this.#words + text).slice(-4_000);
  }
}
