import type { ReleaseTarget } from "@punctual/stack-blueprint";
import { type Entry, isOver, Overtaken, type Page, type Phase } from "./journal.js";
import type { Move, Mover, Version } from "./mover.js";
import type { Order } from "./order.js";
import { Refused, refusalsOf } from "./refusals.js";
import { GOOD, type Verdict, type World } from "./world.js";

export type Outcome = { readonly kind: "released" } | { readonly kind: "taken-back"; readonly because: string };

/**
 * A release of one stack: infrastructure, tables, traffic of each target in turn, proof. Each phase can be gone through again, and
 * the journal says which one it is: whoever dies amid one is followed by another `run` with the same order.
 */
export class Release {
  readonly #order: Order;
  readonly #world: World;
  readonly #tell: (line: string) => void;
  #page: Page = { entries: [], revision: null };

  constructor(order: Order, world: World, tell: (line: string) => void = () => undefined) {
    this.#order = order;
    this.#world = world;
    this.#tell = tell;
  }

  /** Throws `Refused` before anything moves, and what a cloud throws at any time: then it can be run again. */
  async run(): Promise<Outcome> {
    const { stack, release, commit } = this.#order;
    this.#page = await this.#world.journal.read(stack);
    if (this.#entry?.release !== release) {
      const reasons = await refusalsOf(this.#order, this.#page, this.#world);
      if (reasons.length > 0) throw new Refused(stack, reasons);
      await this.#begin({ release, commit, phase: "infrastructure", moves: [] });
    }
    for (let entry = this.#current; !isOver(entry); entry = this.#current) await this.#through(entry);
    const { phase, because = "" } = this.#current;
    return phase === "released" ? { kind: "released" } : { kind: "taken-back", because };
  }

  async #through(entry: Entry): Promise<void> {
    this.#tell(entry.phase);
    switch (entry.phase) {
      case "infrastructure":
        return this.#next("migration", await this.#installed());
      case "migration":
        await this.#world.migrator.migrate(entry.commit);
        return this.#next("shifting");
      case "shifting":
        return this.#judged(await this.#shifted(entry.moves), "proving");
      case "proving":
        return this.#judged(await this.#proven(entry), "released");
      case "taking-back":
        for (const move of entry.moves.toReversed()) {
          this.#tell(`${move.target.workload} back to ${move.from}`);
          await this.#moverOf(move.target).back(move);
        }
        return this.#next("taken-back");
      case "released":
      case "taken-back":
        return undefined;
    }
  }

  /** What has to go from where to where: decided by what is there before the first of it moves. */
  async #installed(): Promise<Pick<Entry, "api" | "moves">> {
    const { api, targets } = await this.#world.platform.up(this.#order.commit);
    const moves: Move[] = [];
    for (const target of targets) {
      const { shares } = await this.#moverOf(target).standing(target);
      const from = mostOf(shares);
      if (from !== target.version) moves.push({ release: this.#order.release, target, from, to: target.version });
    }
    return { api, moves };
  }

  async #shifted(moves: readonly Move[]): Promise<Verdict> {
    for (const move of moves) {
      this.#tell(`${move.target.workload} from ${move.from} to ${move.to}`);
      const verdict = await this.#moved(move);
      if (!verdict.ok) return verdict;
    }
    return GOOD;
  }

  async #moved(move: Move): Promise<Verdict> {
    const { pace } = this.#world;
    const { pollMs, canaryMs, mostMs } = this.#order.timing;
    const mover = this.#moverOf(move.target);
    const began = pace.now();
    let waitingSince: number | undefined;
    for (;;) {
      const progress = await mover.progress(move);
      if (progress.kind === "arrived") return GOOD;
      if (progress.kind === "returned") return { ok: false, because: `${move.target.workload}: ${progress.because}` };
      if (progress.kind === "not-begun") await this.#ifOurs(async () => mover.begin(move));
      const verdict = await this.#verdict([move.target]);
      if (!verdict.ok) return verdict;
      if (pace.now() - began > mostMs) return { ok: false, because: `${move.target.workload} did not arrive in time` };
      if (progress.kind === "waiting") {
        // Whoever goes on for another waits the whole time again: nobody knows how long the part has been there.
        waitingSince ??= pace.now();
        if (pace.now() - waitingSince >= canaryMs) await this.#ifOurs(async () => mover.advance(move));
      }
      await pace.wait(pollMs);
    }
  }

  /** The new version has all traffic: it answers as it should, and goes on doing so for longer than an alarm takes. */
  async #proven({ api, moves }: Entry): Promise<Verdict> {
    const { pace, smoke } = this.#world;
    const smoked = api === undefined ? GOOD : await smoke.run(api);
    if (!smoked.ok) return smoked;
    const { provingMs, pollMs } = this.#order.timing;
    const targets = moves.map(({ target }) => target);
    for (const began = pace.now(); ; await pace.wait(pollMs)) {
      const verdict = await this.#verdict(targets);
      if (!verdict.ok || pace.now() - began >= provingMs) return verdict;
    }
  }

  async #judged(verdict: Verdict, next: Phase): Promise<void> {
    return verdict.ok ? this.#next(next) : this.#next("taking-back", { because: verdict.because });
  }

  async #verdict(targets: readonly ReleaseTarget[]): Promise<Verdict> {
    return this.#order.despiteAlarms === true ? GOOD : this.#world.judge.verdict(targets);
  }

  /** Somebody may roll it back by hand meanwhile. */
  async #ifOurs(work: () => Promise<void>): Promise<void> {
    const { stack } = this.#order;
    const { revision } = await this.#world.journal.read(stack);
    if (revision !== this.#page.revision) throw new Overtaken(stack);
    await work();
  }

  #moverOf({ kind }: ReleaseTarget): Mover {
    const mover = this.#world.movers[kind];
    if (mover === undefined) throw new RangeError(`Nothing moves the traffic of a ${kind}`);
    return mover;
  }

  get #entry(): Entry | undefined {
    return this.#page.entries.at(-1);
  }

  get #current(): Entry {
    const entry = this.#entry;
    if (entry === undefined) throw new RangeError("The journal has no entry");
    return entry;
  }

  async #begin(entry: Entry): Promise<void> {
    await this.#keep([...this.#page.entries, entry]);
  }

  async #next(phase: Phase, more: Partial<Entry> = {}): Promise<void> {
    await this.#keep([...this.#page.entries.slice(0, -1), { ...this.#current, ...more, phase }]);
  }

  async #keep(all: readonly Entry[]): Promise<void> {
    const entries = all.slice(-KEPT);
    const revision = await this.#world.journal.write(this.#order.stack, { entries, revision: this.#page.revision });
    this.#page = { entries, revision };
  }
}

/** Releases that a journal remembers: enough to go back behind several that were taken back. */
const KEPT = 50;

function mostOf(shares: Readonly<Record<Version, number>>): Version {
  const [most] = Object.entries(shares).toSorted(([, a], [, b]) => b - a);
  if (most === undefined) throw new RangeError("No version has any traffic");
  return most[0];
}
