import type { EndedPage, EndedQuery, EndPlace } from "../ports/ended-events.js";
import type { UnitOfWork } from "../ports/unit-of-work.js";

export interface FollowEndedDeps {
  readonly unitOfWork: UnitOfWork;
}

export interface FollowRequest extends Omit<EndedQuery, "before"> {
  readonly tenant: string;
  /** That of the page before, if it was not complete: so far nothing new has to be asked. */
  readonly before?: Date;
}

export interface FollowedPage extends EndedPage {
  readonly before: Date;
}

/** Tells of a tenant's events as they end, one page a call; between pages nothing is held. */
export class FollowEnded {
  readonly #deps: FollowEndedDeps;

  constructor(deps: FollowEndedDeps) {
    this.#deps = deps;
  }

  /** Where to go on from to be told what ends from now on, and perhaps what has ended just before. */
  async begin(tenant: string): Promise<EndPlace> {
    return { finishedAt: await this.#settled(tenant), id: "" };
  }

  async next({ tenant, before, ...query }: FollowRequest): Promise<FollowedPage> {
    // In a transaction of its own: one that has begun before does not see what is settled now (F2).
    const until = before ?? (await this.#settled(tenant));
    const page = await this.#deps.unitOfWork.run(tenant, ({ ended }) => ended.page({ ...query, before: until }));
    return { ...page, before: until };
  }

  async #settled(tenant: string): Promise<Date> {
    return this.#deps.unitOfWork.run(tenant, ({ ended }) => ended.settled());
  }
}
