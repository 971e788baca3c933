import type { InferEntity } from "@mikro-orm/core";
import type { User, UserStore } from "@punctual/core";
import { UserEntity } from "../schema/user.js";
import type { Session } from "./session.js";
import { behind, changedOne, isId, pageOf } from "./rows.js";

export class PostgresUserStore implements UserStore {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async add(user: User): Promise<void> {
    const { em, tenant } = this.#session;
    await em.insert(UserEntity, { ...user, tenant });
  }

  async get(id: string): Promise<User | null> {
    if (!isId(id)) return null;
    const { em, tenant } = this.#session;
    const row = await em.findOne(UserEntity, { id, tenant }, { disableIdentityMap: true });
    return row === null ? null : userOf(row);
  }

  async save(user: User): Promise<void> {
    const { em, tenant } = this.#session;
    const { id, revision } = user;
    const changed = await em.nativeUpdate(UserEntity, { id, tenant, revision: revision - 1 }, { ...user, tenant });
    changedOne(changed, user);
  }

  /** With the user goes what was sent about them (V2). */
  async remove(id: string): Promise<void> {
    const { em, tenant } = this.#session;
    const user = await this.get(id);
    if (user === null) return;
    for (const table of ["events", "event_history"]) {
      const scrub = `update ${table} set subject = null where schedule_id = $1 and tenant = $2 and subject is not null`;
      await this.#session.query(scrub, [user.scheduleId, tenant]);
    }
    const sent = `update attempts set sent_subject = null where tenant = $2 and sent_subject is not null and event_id in (
      select id from events where schedule_id = $1 union all select id from event_history where schedule_id = $1)`;
    await this.#session.query(sent, [user.scheduleId, tenant]);
    await em.nativeDelete(UserEntity, { id, tenant });
  }

  async list({ limit, after }: { readonly limit: number; readonly after?: string }): Promise<readonly User[]> {
    const { em, tenant } = this.#session;
    const where = { tenant, id: { $gt: behind(after) } };
    const rows = await em.find(UserEntity, where, pageOf({ limit }));
    return rows.map(userOf);
  }
}

function userOf(row: InferEntity<typeof UserEntity>): User {
  const { id, tenant, firstName, lastName, dateOfBirth, timezone, scheduleId, revision, createdAt, updatedAt } = row;
  return { id, tenant, firstName, lastName, dateOfBirth, timezone, scheduleId, revision, createdAt, updatedAt };
}
