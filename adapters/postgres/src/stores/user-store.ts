import type { User, UserStore } from "@punctual/core";
import { behind, changedOne, isId, writing } from "./rows.js";
import type { Session } from "./session.js";

export class PostgresUserStore implements UserStore {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async add(user: User): Promise<void> {
    await this.#session.query(WRITE.insert, [this.#row(user)]);
  }

  async get(id: string): Promise<User | null> {
    if (!isId(id)) return null;
    const [user] = await this.#read("id = $2", [id]);
    return user ?? null;
  }

  async save(user: User): Promise<void> {
    changedOne((await this.#session.query(WRITE.update, [this.#row(user)])).length, user);
  }

  /** With the user goes what was sent about them (V2). */
  async remove(id: string): Promise<void> {
    const { tenant } = this.#session;
    const user = await this.get(id);
    if (user === null) return;
    for (const table of ["events", "event_history"]) {
      const scrub = `update ${table} set subject = null where schedule_id = $1 and tenant = $2 and subject is not null`;
      await this.#session.query(scrub, [user.scheduleId, tenant]);
    }
    const sent = `update attempts set sent_subject = null where tenant = $2 and sent_subject is not null and event_id in (
      select id from events where schedule_id = $1 union all select id from event_history where schedule_id = $1)`;
    await this.#session.query(sent, [user.scheduleId, tenant]);
    await this.#session.query("delete from users where id = $1 and tenant = $2", [id, tenant]);
  }

  async list({ limit, after }: { readonly limit: number; readonly after?: string }): Promise<readonly User[]> {
    return this.#read("id > $2 order by id limit $3", [behind(after), limit]);
  }

  async #read(condition: string, values: readonly unknown[]): Promise<User[]> {
    const text = `select ${COLUMNS.join(", ")} from users where tenant = $1 and ${condition}`;
    return (await this.#session.query<UserRow>(text, [this.#session.tenant, ...values])).map(userOf);
  }

  #row({ firstName, lastName, dateOfBirth, scheduleId, createdAt, updatedAt, ...rest }: User): string {
    const row: Omit<UserRow, "created_at" | "updated_at"> & Written = {
      ...{ ...rest, tenant: this.#session.tenant },
      ...{ first_name: firstName, last_name: lastName, date_of_birth: dateOfBirth, schedule_id: scheduleId },
      ...{ created_at: createdAt.toISOString(), updated_at: updatedAt.toISOString() },
    };
    return JSON.stringify([row]);
  }
}

const COLUMNS = [
  ...["id", "tenant", "first_name", "last_name", "date_of_birth", "timezone", "schedule_id"],
  ...["revision", "created_at", "updated_at"],
] as const;

const WRITE = writing("users", COLUMNS);

interface UserRow {
  readonly id: string;
  readonly tenant: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly date_of_birth: string;
  readonly timezone: string;
  readonly schedule_id: string;
  readonly revision: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

interface Written {
  readonly created_at: string;
  readonly updated_at: string;
}

function userOf(row: UserRow): User {
  const { id, tenant, timezone, revision } = row;
  return {
    ...{ id, tenant, timezone, revision },
    firstName: row.first_name,
    lastName: row.last_name,
    dateOfBirth: row.date_of_birth,
    scheduleId: row.schedule_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
