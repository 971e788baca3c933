import type { User } from "../users/user.js";

/**
 * The users of one tenant, within a transaction. Every adapter promises:
 *   V1. `save` writes only over the revision before; any other ends in `stale_revision`;
 *   V2. a removed user is gone, with all that was known of them, also what was sent about them.
 */
export interface UserStore {
  add(user: User): Promise<void>;
  get(id: string): Promise<User | null>;
  save(user: User): Promise<void>;
  remove(id: string): Promise<void>;
  list(query: { readonly limit: number; readonly after?: string }): Promise<readonly User[]>;
}
