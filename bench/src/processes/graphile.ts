import { Pool } from "undici";
import { type GraphileSettings, startRunners } from "../database/graphile-runners.js";
import { ordersOf } from "./orders.js";
import { post } from "./post.js";
import { serve } from "./serve.js";

const { database, url, ...settings } = ordersOf<
  GraphileSettings & { readonly database: string; readonly url: string }
>();
const pool = new Pool(new URL(url).origin, { connections: settings.concurrentJobs * settings.runners });
let stop = async () => {};

/** graphile-worker, whose task is a request. */
const skills = {
  /** Runs until so many tasks have run; what is still to be written then is written by `rest`. */
  deliver: async (count: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let done = 0;
    stop = await startRunners(database, settings, async (payload) => {
      await post(url, (payload as { readonly id: string }).id, pool);
      if (++done === count) resolve();
    });
    await promise;
  },
  rest: async (): Promise<void> => stop(),
};
export type GraphileProcess = typeof skills;

serve(skills);
