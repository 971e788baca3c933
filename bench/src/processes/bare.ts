import { randomUUID } from "node:crypto";
import { Pool } from "undici";
import { loops } from "../database/parallel.js";
import { ordersOf } from "./orders.js";
import { post } from "./post.js";
import { serve } from "./serve.js";

export interface BareSettings {
  /** Requests under way at one time, each on a connection of its own. */
  readonly concurrent: number;
}

const { url, concurrent } = ordersOf<BareSettings & { readonly url: string }>();
const pool = new Pool(new URL(url).origin, { connections: concurrent });

/** undici and nothing else. */
const skills = {
  deliver: async (count: number): Promise<void> => {
    let left = count;
    await loops(concurrent, async () => {
      while (left-- > 0) await post(url, randomUUID(), pool);
    });
  },
};
export type Bare = typeof skills;

serve(skills);
