import type { ReleaseTarget } from "@punctual/stack-blueprint";
import type { Move, Mover, Progress, Standing, Version } from "../mover.js";

interface Traffic {
  shares: Readonly<Record<Version, number>>;
  move?: { readonly move: Move; kind: Progress["kind"]; looks: number; because: string };
}

/**
 * How a memory target shifts: by itself, as CodeDeploy does, which remembers what was taken back; or one part and then what
 * `advance` says, as Cloud Run, which remembers nothing.
 */
export type Way = "by-itself" | "by-hand";

/** A first part of the traffic, in percent. */
const PART = 10;
/** How often one looks until a move that goes by itself has arrived. */
const LOOKS = 3;

/** Targets whose traffic is numbers in memory. */
export class MemoryMover implements Mover {
  readonly #way: Way;
  readonly #traffic = new Map<string, Traffic>();

  constructor(way: Way) {
    this.#way = way;
  }

  /** All traffic of a target is on this version. */
  serve(target: ReleaseTarget, version: Version): void {
    this.#traffic.set(target.workload, { shares: { [version]: 100 } });
  }

  /** The cloud gives up what is under way, as for an alarm. */
  giveUp(target: ReleaseTarget, because: string): void {
    const traffic = this.#of(target);
    if (traffic.move === undefined || traffic.move.kind === "arrived") return;
    traffic.shares = { [traffic.move.move.from]: 100 };
    Object.assign(traffic.move, { kind: "returned", because });
  }

  async standing(target: ReleaseTarget): Promise<Standing> {
    return { shares: this.#of(target).shares };
  }

  async begin(move: Move): Promise<void> {
    const traffic = this.#of(move.target);
    if (traffic.move?.move.release === move.release) return;
    traffic.shares = { [move.from]: 100 - PART, [move.to]: PART };
    const kind = this.#way === "by-itself" ? "under-way" : "waiting";
    traffic.move = { move, kind, looks: LOOKS, because: "" };
  }

  async progress(move: Move): Promise<Progress> {
    const traffic = this.#of(move.target);
    const { move: known } = traffic;
    if (known?.move.release !== move.release) return { kind: "not-begun" };
    if (known.kind === "under-way" && --known.looks <= 0) this.#arrive(traffic, move);
    if (known.kind === "returned") return { kind: "returned", because: known.because };
    return { kind: known.kind };
  }

  async advance(move: Move): Promise<void> {
    const traffic = this.#of(move.target);
    if (traffic.move?.move.release === move.release && traffic.move.kind === "waiting") this.#arrive(traffic, move);
  }

  async back(move: Move): Promise<void> {
    const traffic = this.#of(move.target);
    traffic.shares = { [move.from]: 100 };
    if (this.#way === "by-itself") {
      traffic.move = { move, kind: "returned", looks: 0, because: "it was taken back" };
    } else {
      delete traffic.move;
    }
  }

  #arrive(traffic: Traffic, { to }: Move): void {
    traffic.shares = { [to]: 100 };
    if (traffic.move !== undefined) traffic.move.kind = "arrived";
  }

  #of({ workload }: ReleaseTarget): Traffic {
    const traffic = this.#traffic.get(workload);
    if (traffic === undefined) throw new RangeError(`There is no ${workload}`);
    return traffic;
  }
}
