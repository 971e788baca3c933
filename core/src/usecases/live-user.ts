import { Conflict, NotFound } from "../errors.js";
import type { UserStore } from "../ports/user-store.js";
import type { User } from "../users/user.js";

/** The user, if there is one and, where the caller says which, at the revision that the caller has seen. */
export async function liveUser(users: UserStore, id: string, revision?: number): Promise<User> {
  const user = await users.get(id);
  if (user === null) throw new NotFound("user", id);
  if (revision !== undefined && revision !== user.revision) {
    throw new Conflict("stale_revision", `User ${id} is at revision ${user.revision}, not ${revision}`);
  }
  return user;
}
