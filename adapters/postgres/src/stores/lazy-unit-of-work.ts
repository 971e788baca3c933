import type { Clock, Rng, Transaction, UnitOfWork } from "@punctual/core";
import type pg from "pg";
import type { PostgresConfig } from "../config.js";

export interface LazyUnitOfWorkDeps {
  readonly pool: pg.Pool;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly config: PostgresConfig;
}

/** Loads the ORM, which takes a third of a second, only when it is wanted: a function that claims or sends never does. */
export class LazyUnitOfWork implements UnitOfWork {
  readonly #deps: LazyUnitOfWorkDeps;
  #loaded: Promise<UnitOfWork> | undefined;

  constructor(deps: LazyUnitOfWorkDeps) {
    this.#deps = deps;
  }

  async run<T>(tenant: string, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    this.#loaded ??= load(this.#deps);
    return (await this.#loaded).run(tenant, work);
  }
}

async function load({ pool, ...deps }: LazyUnitOfWorkDeps): Promise<UnitOfWork> {
  const [{ makeOrm }, { PostgresUnitOfWork }] = await Promise.all([import("../orm.js"), import("./unit-of-work.js")]);
  return new PostgresUnitOfWork({ orm: await makeOrm(pool), ...deps });
}
