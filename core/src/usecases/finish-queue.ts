import { isAway } from "../errors.js";
import { claimKey } from "../events/life-cycle.js";
import type { Clock } from "../ports/clock.js";
import type { Ending, EventStore } from "../ports/event-store.js";
import { BatchQueue, type BatchQueueOptions } from "./batch-queue.js";

/** Three seconds in all: leases are longer. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_600;

/** Puts the endings of many events into one statement. */
export class FinishQueue {
  readonly #queue: BatchQueue<Ending, boolean>;

  constructor(events: EventStore, clock: Clock, options: BatchQueueOptions) {
    const finish = async (endings: readonly Ending[]) => {
      const { lost } = await this.#insist(async () => events.finish(endings), clock);
      const gone = new Set(lost.map(claimKey));
      return endings.map(({ claim }) => gone.has(claimKey(claim)));
    };
    // An ending that the store cannot take for a reason of its own must not make its whole batch be sent again.
    this.#queue = new BatchQueue(finish, clock, { ...options, oneByOne: (error) => !isAway(error) });
  }

  /** A request was made: to lose its ending for a store that is away for a moment would be to make it twice. */
  async #insist<T>(work: () => Promise<T>, clock: Clock): Promise<T> {
    for (let pause = FIRST_PAUSE_MS; ; pause *= 2) {
      try {
        return await work();
      } catch (error) {
        if (!isAway(error) || pause > LONGEST_PAUSE_MS) throw error;
        await clock.sleep(pause);
      }
    }
  }

  /** Whether the claim was lost, so that nothing was changed. */
  async finish(ending: Ending): Promise<boolean> {
    return this.#queue.add(ending);
  }
}
