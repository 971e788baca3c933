import type { ReleaseTarget } from "@punctual/stack-blueprint";
import { z } from "zod";
import { detailOf } from "../detail.js";
import type { Move, Mover, Progress, Standing, Version } from "../mover.js";
import { isSame, type Traffic } from "../pulumi/traffic.js";
import type { Pace } from "../world.js";
import type { GoogleApi } from "./google-api.js";

export interface RevisionMoverDeps {
  readonly api: GoogleApi;
  readonly traffic: Traffic;
  readonly pace: Pick<Pace, "wait">;
}

/** Where Cloud Run tells of a kind of thing, and what it calls what each revision has. */
export interface Told {
  /** `services`, and the field of a target that names one. */
  readonly things: string;
  readonly named: string;
  readonly statuses: string;
  /** The first part, in percent. */
  readonly part: number;
}

const STATUS = z.object({ revision: z.string().default(""), percent: z.number().default(0) });
const THING = z.looseObject({ reconciling: z.boolean().default(false), latestReadyRevision: z.string().default("") });

interface Seen {
  readonly shares: Readonly<Record<Version, number>>;
  readonly settling: boolean;
}

const LOOKS = 60;
const LOOK_MS = 5_000;

/**
 * Moves what revisions of Cloud Run share. It is told by the stack's settings (infrastructure stays in Pulumi's state), and what
 * has come of it is asked of Cloud Run itself. At rest `stable` has everything and a new revision nothing, so that an update
 * which makes one moves no traffic.
 */
export class RevisionMover implements Mover {
  readonly #deps: RevisionMoverDeps;
  readonly #told: Told;

  constructor(deps: RevisionMoverDeps, told: Told) {
    this.#deps = deps;
    this.#told = told;
  }

  async standing(target: ReleaseTarget): Promise<Standing> {
    return { shares: (await this.#see(target)).shares };
  }

  async begin({ target, from, to }: Move): Promise<void> {
    const { shares } = await this.#see(target);
    if ((shares[to] ?? 0) > 0) return;
    await this.#deps.traffic.move(target.workload, { stable: from, percent: this.#told.part });
  }

  async progress({ target, to }: Move): Promise<Progress> {
    const { shares, settling } = await this.#see(target);
    const share = shares[to] ?? 0;
    if (share === 0) return { kind: "not-begun" };
    if (settling) return { kind: "under-way" };
    return { kind: share === 100 ? "arrived" : "waiting" };
  }

  async advance(move: Move): Promise<void> {
    if ((await this.progress(move)).kind !== "waiting") return;
    await this.#deps.traffic.move(move.target.workload, { stable: move.to, percent: 0 });
  }

  async back({ target, from }: Move): Promise<void> {
    const { traffic, pace } = this.#deps;
    const rest = { stable: from, percent: 0 };
    const isBack = ({ shares, settling }: Seen) => shares[from] === 100 && !settling;
    // What was told and not done yet would be done by the next update.
    if (isSame((await traffic.read())[target.workload], rest) && isBack(await this.#see(target))) return;
    await traffic.move(target.workload, rest);
    for (let looks = 0; looks < LOOKS; looks++) {
      if (isBack(await this.#see(target))) return;
      await pace.wait(LOOK_MS);
    }
    throw new Error(`${target.workload} was told to go back to ${from}, and Cloud Run does not say that it has`);
  }

  async #see(target: ReleaseTarget): Promise<Seen> {
    const { things, named, statuses } = this.#told;
    const place = `projects/${detailOf("project")(target)}/locations/${detailOf("location")(target)}`;
    const { body } = await this.#deps.api.ask({
      url: `run.googleapis.com/v2/${place}/${things}/${detailOf(named)(target)}`,
    });
    const { reconciling, latestReadyRevision, ...more } = THING.parse(body);
    const shares: Record<Version, number> = {};
    for (const { revision, percent } of z.array(STATUS).parse(more[statuses] ?? [])) {
      // The latest is not named.
      const version = shortOf(revision === "" ? latestReadyRevision : revision);
      if (percent > 0) shares[version] = (shares[version] ?? 0) + percent;
    }
    return { shares, settling: reconciling };
  }
}

function shortOf(revision: string): Version {
  return revision.split("/").at(-1) ?? revision;
}
