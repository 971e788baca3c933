import type { Migration, Migrator, Pace } from "../world.js";
import type { AwsAccount } from "./account.js";
import { EcsTasks, type TaskPlace } from "./ecs-tasks.js";
import { comingOf, demandDone, type Known, statusIn } from "./migrations.js";

/** Migrates by a task that is there for it, on whose command line the last word is `up`. */
export class TaskMigrator implements Migrator {
  readonly #tasks: EcsTasks;
  readonly #place: () => Promise<TaskPlace | undefined>;
  readonly #known: Known;

  /** `place` is as the stack says at that time, before `up` and after; nothing where there is no stack yet. */
  constructor(account: AwsAccount, place: () => Promise<TaskPlace | undefined>, known: Known, pace: Pace) {
    this.#tasks = new EcsTasks(account, pace);
    this.#place = place;
    this.#known = known;
  }

  async pending(commit: string): Promise<readonly Migration[]> {
    const place = await this.#place();
    const known = await this.#known(commit);
    if (place === undefined) return comingOf([], known);
    const lines = await this.#tasks.run(place, ["status", "--json"]);
    const status = lines.findLast((line) => line.startsWith("{"));
    if (status === undefined) throw new Error("The task that was asked for migrations said nothing");
    return comingOf(statusIn(status), known);
  }

  async migrate(commit: string): Promise<void> {
    const place = await this.#place();
    if (place === undefined) throw new RangeError("The stack does not say which task migrates");
    await this.#tasks.run(place, ["up"]);
    demandDone(await this.pending(commit));
  }
}
