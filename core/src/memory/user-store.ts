import type { UserStore } from "../ports/user-store.js";
import type { User } from "../users/user.js";
import { checkRevision, own, page } from "./rows.js";
import type { MemoryTables } from "./tables.js";

export class MemoryUserStore implements UserStore {
  readonly #tables: MemoryTables;
  readonly #tenant: string;

  constructor(tables: MemoryTables, tenant: string) {
    this.#tables = tables;
    this.#tenant = tenant;
  }

  async add(user: User): Promise<void> {
    this.#tables.insert(this.#tables.users, { ...user, tenant: this.#tenant });
  }

  async get(id: string): Promise<User | null> {
    return own(this.#tables.users.get(id), this.#tenant);
  }

  async save(user: User): Promise<void> {
    checkRevision(await this.get(user.id), user);
    this.#tables.put(this.#tables.users, { ...user, tenant: this.#tenant });
  }

  async remove(id: string): Promise<void> {
    const user = await this.get(id);
    if (user === null) return;
    for (const event of this.#tables.eventsOf(user.scheduleId)) {
      this.#tables.forgetSent(event.id);
      if (event.content !== null) this.#tables.putEvent({ ...event, content: { ...event.content, subject: null } });
    }
    this.#tables.remove(this.#tables.users, id);
  }

  async list(query: { readonly limit: number; readonly after?: string }): Promise<readonly User[]> {
    return page(this.#tables.users, this.#tenant, query);
  }
}
